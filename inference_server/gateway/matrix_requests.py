"""What models say of labelled pictures: matrix, pictures behind it, what-if, curves, comparison."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy.orm import Session

from db import catalogue, library, matrix, models
from db.matrix import Judged
from db.session import transaction
from db.values import Model
from inference_server import figures
from inference_server.gateway.answers import Handlers, Means, Result
from inference_server.gateway.evaluate import Progress, catch_up
from inference_server.protocol.library import (
    BINS,
    CalibrationBar,
    ClassChange,
    CompareModels,
    Comparison,
    ConfusionMatrix,
    Difference,
    GetMatrix,
    GetMatrixPictures,
    GetModelCurves,
    JudgedPicture,
    LearningPoint,
    MatrixCell,
    MatrixPictures,
    MetricPoint,
    ModelCurves,
    Outcome,
    Share,
    Source,
    TryThreshold,
    WhatIf,
)

LARGEST_PAGE = 200


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        GetMatrix: lambda request, _who: _matrix(means, request),
        GetMatrixPictures: lambda request, _who: _pictures(means, request),
        TryThreshold: lambda request, _who: _what_if(means, request),
        GetModelCurves: lambda request, _who: _curves(means, request),
        CompareModels: lambda request, _who: _compare(means, request),
    }


def one(session: Session, model_id: int) -> Model:
    """The model. Raises KeyError."""
    for model in models.load(session, [model_id]):
        return model
    raise KeyError(f"there is no model {model_id}")


def share(found: figures.Interval) -> Share:
    """A share, as it is said to desktops."""
    return Share(value=found.value, low=found.low, high=found.high, of=found.of)


def _caught_up(means: Means, model: Model, source: Source) -> Progress:
    if source is Source.LABELLED:
        return catch_up(means, model, "replay")
    if source is Source.UNBIASED:
        with transaction(means.sessions) as session:
            in_shadow = library.shadows(session).get(model.plot_type_id) == model.id
        return catch_up(means, model, "shadow") if in_shadow else Progress()
    return Progress()


def _matrix(means: Means, request: GetMatrix) -> Result:
    with transaction(means.sessions) as session:
        model = one(session, request.model_id)
    progress = _caught_up(means, model, request.source)
    with transaction(means.sessions) as session:
        bars = matrix.bars(session, model.id, request.source)
        labelled = request.source is Source.LABELLED
        taught = matrix.taught(session, model.id, request.source) if labelled else 0
        classes = _classes(session, model, {bar.expert for bar in bars})
    cells: dict[tuple[str, str], list[int]] = {}
    for bar in bars:
        cells.setdefault((bar.expert, bar.said), [0] * BINS)[bar.bar] += bar.count
    return Result(
        ConfusionMatrix(
            model_id=model.id,
            source=request.source,
            classes=classes,
            cells=tuple(
                MatrixCell(expert=expert, said=said, bars=tuple(counts))
                for (expert, said), counts in sorted(cells.items())
            ),
            total=sum(bar.count for bar in bars),
            waiting=progress.waiting,
            taught=taught,
            note=progress.note,
        )
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


# ---------------------------------------------------------------- what would have happened


def _what_if(means: Means, request: TryThreshold) -> Result:
    if not 0 <= request.threshold <= 1:
        raise ValueError(f"a threshold lies between 0 and 1, not at {request.threshold}")
    name = request.class_name
    with transaction(means.sessions) as session:
        now = one(session, request.model_id).thresholds
        if name not in now:
            raise KeyError(f"model {request.model_id} has no class {name}")
        then = now | {name: request.threshold}
        counted = matrix.confirmed(session, request.model_id, request.source, now, then)
        calling = _calls(session, name)
        live = matrix.live_of_last_runs(session, request.model_id, request.runs) if calling else []
    first = [figures.Counted(c.expert, c.said, c.count, c.now) for c in counted]
    second = [figures.Counted(c.expert, c.said, c.count, c.then) for c in counted]
    return Result(
        WhatIf(
            model_id=request.model_id,
            class_name=name,
            now=_outcome(now[name], figures.consequences(first, name), live, name),
            then=_outcome(then[name], figures.consequences(second, name), live, name),
            total=sum(each.count for each in counted),
            runs=len({run for run, *_ in live}),
            hours=figures.hours(live),
        )
    )


def _calls(session: Session, name: str) -> bool:
    known = {each.name: each.severity for each in catalogue.load(session).classes}
    return known.get(name) == "bad"


def _outcome(
    threshold: float, found: figures.Consequences, live: Sequence[matrix.Live], name: str
) -> Outcome:
    calls = figures.per_shift(figures.calls(live, name, threshold), figures.hours(live))
    return Outcome(
        threshold=threshold,
        confirmed=found.confirmed,
        unconfirmed=found.unconfirmed,
        wrong=found.wrong,
        missed=found.missed,
        left=found.left,
        precision=found.precision,
        recall=found.recall,
        accuracy=found.accuracy,
        calls_per_shift=calls,
    )


# ---------------------------------------------------------------- curves


def _curves(means: Means, request: GetModelCurves) -> Result:
    with transaction(means.sessions) as session:
        model = one(session, request.model_id)
        rows = matrix.of_class(session, model.id, request.source, request.class_name)
        said = matrix.answers(session, model.id, request.source)
        family = models.history(session, model.plot_type_id)
    actual = np.array([is_it for is_it, _ in rows], bool)
    sure = np.array([confidence for _, confidence in rows], float)
    bars = figures.calibration(
        np.array([confidence for _, _, confidence in said], float),
        np.array([expert == label for expert, label, _ in said], bool),
    )
    return Result(
        ModelCurves(
            model_id=model.id,
            class_name=request.class_name,
            metric=tuple(
                MetricPoint(
                    threshold=point.threshold,
                    precision=point.precision,
                    recall=point.recall,
                    f1=point.f1,
                    accuracy=point.accuracy,
                )
                for point in figures.metric_curve(actual, sure)
            ),
            calibration=tuple(
                CalibrationBar(confidence=mean, right=share(found)) for mean, found in bars
            ),
            learning=tuple(point for each in reversed(family) if (point := learning(each))),
            calibration_error=figures.calibration_error(bars),
        )
    )


def learning(model: Model) -> LearningPoint | None:
    """How good a model became on how many pictures; None where its training did not say."""
    pictures, accuracy = model.metrics.get("pictures"), accuracy_of(model)
    if accuracy is None or not isinstance(pictures, int):
        return None
    return LearningPoint(model_id=model.id, pictures=pictures, accuracy=accuracy)


def accuracy_of(model: Model) -> Share | None:
    """Accuracy on the validation pictures with its interval; None: not known."""
    value, count = model.metrics.get("accuracy"), model.metrics.get("validation")
    if not isinstance(value, int | float) or not isinstance(count, int) or count < 1:
        return None
    return share(figures.wilson(round(value * count), count))


# ---------------------------------------------------------------- two models


def _compare(means: Means, request: CompareModels) -> Result:
    with transaction(means.sessions) as session:
        pair = one(session, request.model_id), one(session, request.other_id)
    if pair[0].plot_type_id != pair[1].plot_type_id:
        raise ValueError("these two models are of different plot types")
    for model in pair:
        _caught_up(means, model, request.source)
    with transaction(means.sessions) as session:
        rows, unseen = _common(session, request)
        different = [row for row in rows if row[2] != row[3]]
        # What only one of them got right comes first; of those the surest.
        different.sort(key=lambda row: ((row[1] in row[2:4]), max(row[4:6])), reverse=True)
        page = different[request.offset : request.offset + min(request.limit, LARGEST_PAGE)]
        differences = _differences(session, page)
    only = [sum(row[1] == row[a] and row[1] != row[b] for row in rows) for a, b in ((2, 3), (3, 2))]
    return Result(
        Comparison(
            model_id=request.model_id,
            other_id=request.other_id,
            total=len(rows),
            both_right=sum(row[1] == row[2] == row[3] for row in rows),
            only_first=only[0],
            only_other=only[1],
            both_wrong=sum(row[1] not in row[2:4] for row in rows),
            p_value=figures.mcnemar(only[0], only[1]),
            changes=_changes(rows),
            differences=differences,
            differing=len(different),
            unseen=unseen,
        )
    )


def _common(session: Session, request: CompareModels) -> tuple[list[matrix.Pair], bool]:
    """Pictures that both judged; those that neither was trained on, if there are any."""
    first, second = request.model_id, request.other_id
    if request.source is not Source.LABELLED:
        return matrix.both(session, first, second, request.source, unseen=False), True
    if fresh := matrix.both(session, first, second, request.source, unseen=True):
        return fresh, True
    return matrix.both(session, first, second, request.source, unseen=False), False


def _changes(rows: Sequence[matrix.Pair]) -> tuple[ClassChange, ...]:
    return tuple(
        ClassChange(
            name=each.name,
            count=each.count,
            recall=each.recall[0],
            other_recall=each.recall[1],
            precision=each.precision[0],
            other_precision=each.precision[1],
        )
        for each in figures.changes([(row[1], row[2], row[3]) for row in rows])
    )


def _differences(session: Session, page: Sequence[matrix.Pair]) -> tuple[Difference, ...]:
    places = matrix.places(session, [row[0] for row in page])
    found = []
    for picture_id, expert, first, second, sure, other_sure in page:
        picture, period, who = places[picture_id]
        judged = JudgedPicture(
            picture_id=picture_id,
            picture_hash=picture.picture_hash,
            run_period=period,
            run=picture.run,
            chunk=picture.chunk,
            expert=expert,
            labelled_by=who,
            said=first,
            confidence=sure,
        )
        found.append(Difference(picture=judged, other_said=second, other_confidence=other_sure))
    return tuple(found)
