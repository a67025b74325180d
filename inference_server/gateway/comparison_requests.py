"""Two models on the same labelled pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from db import comparison, matrix
from db.session import transaction
from db.tables.plots import PictureRow
from inference_server import two_models
from inference_server.gateway.answers import Handlers, Means, Result
from inference_server.gateway.catching_up import caught_up
from inference_server.gateway.matrix_requests import LARGEST_PAGE
from inference_server.gateway.model_facts import one
from inference_server.protocol.comparison import ClassChange, CompareModels, Comparison, Difference
from inference_server.protocol.matrix import JudgedPicture, Source

NEWEST = 20_000  # pictures: enough to tell 0.990 from 0.993, and counted within a second


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {CompareModels: lambda request, _who: _compare(means, request)}


def _compare(means: Means, request: CompareModels) -> Result:
    with transaction(means.sessions) as session:
        pair = one(session, request.model_id), one(session, request.other_id)
    if pair[0].plot_type_id != pair[1].plot_type_id:
        raise ValueError("these two models are of different plot types")
    for model in pair:
        caught_up(means, model, request.source)
    with transaction(means.sessions) as session:
        asked, counts = _common(session, request)
        limit = min(request.limit, LARGEST_PAGE)
        page = comparison.differences(session, asked, max(0, request.offset), limit)
        differences = _differences(session, page)
    agreement = two_models.agreement(counts)
    return Result(
        Comparison(
            model_id=request.model_id,
            other_id=request.other_id,
            total=sum(counts.values()),
            both_right=agreement.both_right,
            only_first=agreement.only_first,
            only_other=agreement.only_second,
            both_wrong=agreement.both_wrong,
            p_value=two_models.mcnemar(agreement.only_first, agreement.only_second),
            changes=_changes(counts),
            differences=differences,
            differing=sum(n for (_, first, second), n in counts.items() if first != second),
            unseen=asked.unseen or request.source is not Source.LABELLED,
            newest=NEWEST if asked.since else 0,
        )
    )


def _common(
    session: Session, request: CompareModels
) -> tuple[comparison.Both, dict[comparison.Triple, int]]:
    """Pictures that both judged; those that neither was trained on, if there are any."""
    first, second, source = request.model_id, request.other_id, request.source
    since = comparison.newest(session, first, source, NEWEST)
    every = comparison.Both(first, second, source, since=since)
    if request.source is not Source.LABELLED:
        return every, comparison.counts(session, every)
    counts, unseen = comparison.counts_apart(session, every)
    return (replace(every, unseen=True), unseen) if unseen else (every, counts)


def _changes(counts: dict[comparison.Triple, int]) -> tuple[ClassChange, ...]:
    return tuple(
        ClassChange(
            name=each.name,
            count=each.count,
            recall=each.recall[0],
            other_recall=each.recall[1],
            precision=each.precision[0],
            other_precision=each.precision[1],
        )
        for each in two_models.changes(counts)
    )


def _differences(session: Session, page: Sequence[comparison.Pair]) -> tuple[Difference, ...]:
    places = matrix.places(session, [each.picture_id for each in page])
    return tuple(_difference(each, *places[each.picture_id]) for each in page)


def _difference(each: comparison.Pair, picture: PictureRow, period: str, who: str) -> Difference:
    judged = JudgedPicture(
        picture_id=each.picture_id,
        picture_hash=picture.picture_hash,
        run_period=period,
        run=picture.run,
        chunk=picture.chunk,
        expert=each.expert,
        labelled_by=who,
        said=each.said[0],
        confidence=each.confidence[0],
    )
    return Difference(picture=judged, other_said=each.said[1], other_confidence=each.confidence[1])
