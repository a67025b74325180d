"""Metric against threshold, calibration, learning curve."""

from __future__ import annotations

import numpy as np

from db import matrix, models
from db.session import transaction
from db.tallies import BARS
from db.values import Model
from inference_server import figures
from inference_server.gateway.answers import Handlers, Means, Result
from inference_server.gateway.model_facts import grown, learning, one, share
from inference_server.protocol.curves import (
    CalibrationBar,
    CurvePoint,
    GetModelCurves,
    MetricPoint,
    ModelCurves,
)
from inference_server.training import growth_words


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {GetModelCurves: lambda request, _who: _curves(means, request)}


def _curves(means: Means, request: GetModelCurves) -> Result:
    with transaction(means.sessions) as session:
        model = one(session, request.model_id)
        counted = matrix.tally(session, model.id, request.source)
        family = models.history(session, model.plot_type_id)
    parts = grown(model)
    name, count = request.class_name, np.array([each.count for each in counted], int)
    actual = np.array([each.expert == name for each in counted], bool)
    edges = np.array([each.bar / BARS if each.said == name else -1.0 for each in counted])
    bars = figures.calibration(
        np.array([(each.bar + 0.5) / BARS for each in counted]),
        np.array([each.expert == each.said for each in counted], bool),
        count,
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
                for point in figures.metric_curve(actual, edges, count)
            ),
            calibration=tuple(
                CalibrationBar(confidence=mean, right=share(found)) for mean, found in bars
            ),
            learning=tuple(point for each in reversed(family) if (point := learning(each))),
            grown=parts,
            growth=growth_words.remark([(each.pictures, each.accuracy.value) for each in parts]),
            calibration_error=figures.calibration_error(bars),
            passes=_passes(model),
        )
    )


def _passes(model: Model) -> tuple[CurvePoint, ...]:
    """The passes of its training; of a head, or where the model came from a file, none."""
    rows = model.curves.get("passes", ())
    return tuple(CurvePoint(int(number), *rest) for number, *rest in rows)
