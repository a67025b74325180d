"""Who may do what."""

from __future__ import annotations

from db import rights
from db.session import transaction
from inference_server.gateway.answers import Handlers, Means, Result
from inference_server.protocol.people import GetMyRights, MyRights, Role


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {GetMyRights: lambda _request, who: _mine(means, who)}


def _mine(means: Means, who: str) -> Result:
    with transaction(means.sessions) as session:
        held = rights.of(session, who)
    return Result(
        MyRights(
            who=who,
            everywhere=Role(held.everywhere),
            by_plot_type={kind: Role(role) for kind, role in held.by_plot_type.items()},
            open_house=held.open_house,
        )
    )
