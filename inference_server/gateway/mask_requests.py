"""Masks: listed, set by the experts of a plot type, ended; roles and desktops hear of it at once."""

from __future__ import annotations

from datetime import UTC, datetime

from db import masks
from db.session import transaction
from db.values import Area
from inference_server.gateway import translate
from inference_server.gateway.answers import Handlers, Means, Result, must
from inference_server.protocol.masks import EndMask, GetMasks, Masks, SetMask
from inference_server.protocol.messages import Done

MOST = 2000  # masks in one answer


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        GetMasks: lambda request, _who: _list(means, request),
        SetMask: lambda request, who: _set(means, request, who),
        EndMask: lambda request, who: _end(means, request, who),
    }


def _list(means: Means, request: GetMasks) -> Result:
    with transaction(means.sessions) as session:
        found = masks.every(session, min(request.limit, MOST))
        bound = {each.plot_type_id for each in found if each.run_period and not each.ended_at}
        periods = {number: masks.period(session, number) for number in sorted(bound)}
    return Result(Masks(masks=tuple(translate.mask(each) for each in found), periods=periods))


def _set(means: Means, request: SetMask, who: str) -> Result:
    areas = [
        Area(left=each.left, top=each.top, right=each.right, bottom=each.bottom)
        for each in request.areas
    ]
    with transaction(means.sessions) as session:
        must(session, who, "expert", request.plot_type_id)
        number = masks.add(
            session,
            request.plot_type_id,
            areas,
            reason=request.reason,
            contact=request.contact,
            who=request.person or who,
            at=datetime.now(UTC),
            until=request.until,
            this_period=request.this_period,
        )
        made = masks.one(session, number)
    filling = "filled from a Good picture" if made.reference_hash else "filled with the background"
    what = "1 area is" if len(areas) == 1 else f"{len(areas)} areas are"
    return Result(
        Done(
            sentence=f"{what} masked from the next picture of {made.plot_type} on, {filling}.",
            id=number,
        ),
        catalogue_changed=True,
    )


def _end(means: Means, request: EndMask, who: str) -> Result:
    with transaction(means.sessions) as session:
        must(session, who, "expert", masks.one(session, request.mask_id).plot_type_id)
        ended = masks.end(session, request.mask_id, who=request.person or who, at=datetime.now(UTC))
    return Result(
        Done(sentence=f"Whole pictures of {ended.plot_type} are judged again.", id=ended.id),
        catalogue_changed=True,
    )
