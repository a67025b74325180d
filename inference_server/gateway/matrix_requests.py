"""The confusion matrix of a model, and the pictures behind it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from db import catalogue, matrix
from db.matrix import Judged
from db.session import transaction
from db.tallies import BARS, Tally
from db.values import Model
from inference_server import figures
from inference_server.gateway.answers import Handlers, Means, Result
from inference_server.gateway.catching_up import caught_up
from inference_server.gateway.model_facts import one, share
from inference_server.protocol.matrix import (
    BINS,
    ConfusionMatrix,
    GetMatrix,
    GetMatrixPictures,
    JudgedPicture,
    MatrixCell,
    MatrixPictures,
    MatrixSkill,
    Source,
)

LARGEST_PAGE = 200


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        GetMatrix: lambda request, _who: _matrix(means, request),
        GetMatrixPictures: lambda request, _who: _pictures(means, request),
    }


def _matrix(means: Means, request: GetMatrix) -> Result:
    with transaction(means.sessions) as session:
        model = one(session, request.model_id)
    progress = caught_up(means, model, request.source)
    with transaction(means.sessions) as session:
        counted = matrix.tally(session, model.id, request.source)
        total = sum(each.count for each in counted)
        labelled = request.source is Source.LABELLED
        taught = min(total, matrix.taught(session, model.id)) if labelled else 0
        classes = _classes(session, model, {each.expert for each in counted})
        bad = {each.name for each in catalogue.load(session).classes if each.severity == "bad"}
    return Result(
        ConfusionMatrix(
            model_id=model.id,
            source=request.source,
            classes=classes,
            cells=_cells(counted),
            total=total,
            waiting=progress.waiting,
            taught=taught,
            note=progress.note,
            skill=_skill(counted, bad),
        )
    )


def _cells(counted: Sequence[Tally]) -> tuple[MatrixCell, ...]:
    cells: dict[tuple[str, str], list[int]] = {}
    for each in counted:
        bars = cells.setdefault((each.expert, each.said), [0] * BINS)
        bars[each.bar * BINS // BARS] += each.count
    return tuple(
        MatrixCell(expert=expert, said=said, bars=tuple(bars))
        for (expert, said), bars in sorted(cells.items())
    )


def _skill(counted: Sequence[Tally], bad: set[str]) -> MatrixSkill | None:
    cells: dict[tuple[str, str], int] = {}
    for each in counted:
        cells[each.expert, each.said] = cells.get((each.expert, each.said), 0) + each.count
    if not cells:
        return None
    found = figures.skill(cells, bad)
    return MatrixSkill(
        accuracy=share(found.accuracy),
        macro_f1=share(found.macro_f1),
        bad_recall=share(found.bad_recall) if found.bad_recall.of else None,
        bad_precision=share(found.bad_precision) if found.bad_precision.of else None,
    )


def _classes(session: Session, model: Model, found: set[str]) -> tuple[str, ...]:
    """The classes in the order of the plot type; then what people said and the model cannot say."""
    order: list[str] = []
    for plot_type in catalogue.load(session).plot_types:
        if plot_type.id == model.plot_type_id:
            order = [each.name for each in plot_type.classes]
    known = set(model.labels) | found
    return tuple([name for name in order if name in known] + sorted(known - set(order)))


def _pictures(means: Means, request: GetMatrixPictures) -> Result:
    with transaction(means.sessions) as session:
        total, page = matrix.pictures(
            session,
            request.model_id,
            request.source,
            (request.expert, request.said),
            between=(request.low, request.high),
            offset=max(0, request.offset),
            limit=min(request.limit, LARGEST_PAGE),
        )
    pictures = tuple(_picture(each) for each in page)
    return Result(MatrixPictures(total=total, offset=request.offset, pictures=pictures))


def _picture(each: Judged) -> JudgedPicture:
    return JudgedPicture(
        picture_id=each.picture_id,
        picture_hash=each.picture_hash,
        run_period=each.run_period,
        run=each.run,
        chunk=each.chunk,
        expert=each.expert,
        labelled_by=each.labelled_by,
        said=each.said,
        confidence=each.confidence,
    )
