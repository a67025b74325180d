"""What a person did in the labeler, for a desktop that was started since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from db import label_acts
from db.label_acts import OwnVote
from db.session import transaction
from inference_server.gateway.answers import Handlers, Means, Result
from inference_server.protocol.label_acts import GetOwnActs, OwnAct, OwnActs, OwnChange

MOST = 100  # acts that are told
Place = tuple[str, int, int]


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {GetOwnActs: lambda request, who: _acts(means, request.person or who)}


def _acts(means: Means, person: str) -> Result:
    with transaction(means.sessions) as session:
        found = label_acts.of(session, person)
        done, undone = found.done[-MOST:], found.undone[-MOST:]
        votes = [vote for act in (*done, *undone) for vote in act]
        before = label_acts.before(session, person, [vote.client_id for vote in votes])
        places = label_acts.places(session, [act[0].picture_id for act in (*done, *undone)])
    return Result(
        OwnActs(
            done=tuple(_told(act, before, places) for act in done),
            undone=tuple(_turned(_told(act, before, places)) for act in undone),
        )
    )


def _told(
    act: Sequence[OwnVote], before: Mapping[str, str | None], places: Mapping[int, Place]
) -> OwnAct:
    plot_type, run, chunk = places[act[0].picture_id]
    return OwnAct(
        at=act[0].at,
        plot_type=plot_type,
        run=run,
        chunk=chunk,
        changes=tuple(
            OwnChange(
                picture_id=vote.picture_id,
                before=before.get(vote.client_id) or "",
                after=vote.class_name or "",
                client_id=vote.client_id,
            )
            for vote in act
        ),
    )


def _turned(back: OwnAct) -> OwnAct:
    """What took an act back, as the act that is done again."""
    changes = tuple(
        msgspec.structs.replace(each, before=each.after, after=each.before) for each in back.changes
    )
    return msgspec.structs.replace(back, changes=changes)
