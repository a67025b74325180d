"""How a candidate in the shadow stands beside the live model."""

from __future__ import annotations

from sqlalchemy.orm import Session

from db import catalogue, models, shadow
from db.session import transaction
from db.values import PlotType
from inference_server.gateway.answers import Handlers, Means, Result
from inference_server.protocol.shadow import (
    GetShadow,
    SaidBoth,
    ShadowDifference,
    ShadowStanding,
)

MOST = 200  # differences in one answer


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {GetShadow: lambda request, _who: _standing(means, request)}


def _standing(means: Means, request: GetShadow) -> Result:
    with transaction(means.sessions) as session:
        known = {each.id: each for each in catalogue.load(session).plot_types}
        if request.plot_type_id not in known:
            raise KeyError(f"there is no plot type {request.plot_type_id}")
        plot_type = known[request.plot_type_id]
        if plot_type.shadow_id is None:
            none = ShadowStanding(plot_type_id=plot_type.id, active_id=plot_type.model_id)
            return Result(none)
        limit = max(0, min(request.limit, MOST))
        return Result(_counted(session, plot_type, plot_type.shadow_id, limit))


def _counted(session: Session, plot_type: PlotType, model_id: int, limit: int) -> ShadowStanding:
    thresholds = models.thresholds_of(session, [model_id])[model_id]
    bad = {each.name for each in plot_type.classes if each.severity == "bad"}
    totals = shadow.totals(session, model_id, thresholds, bad)
    labelled = shadow.labelled(session, model_id)
    pairs = shadow.pairs(session, model_id)
    return ShadowStanding(
        plot_type_id=plot_type.id,
        model_id=model_id,
        active_id=plot_type.model_id,
        since=totals.since,
        judged=totals.judged,
        same=sum(each.count for each in pairs if each.live == each.said),
        calls=totals.calls,
        shadow_calls=totals.shadow_calls,
        labelled=labelled.count,
        right=labelled.live_right,
        shadow_right=labelled.shadow_right,
        said=tuple(SaidBoth(live=each.live, said=each.said, count=each.count) for each in pairs),
        differences=tuple(map(_difference, shadow.differing(session, model_id, limit))),
    )


def _difference(each: shadow.Differing) -> ShadowDifference:
    return ShadowDifference(
        picture_id=each.picture_id,
        picture_hash=each.picture_hash,
        run_period=each.run_period,
        run=each.run,
        chunk=each.chunk,
        live=each.live,
        live_confidence=each.live_confidence,
        said=each.said,
        confidence=each.confidence,
        judged_at=each.judged_at,
    )
