"""Curves of a model as the library page words them."""

from __future__ import annotations

from typing import Any

from hydra_desktop.models import model_figures
from inference_server.protocol.curves import LearningPoint, ModelCurves
from inference_server.protocol.matrix import Share


def point(pictures: int, value: float, model_id: int = 1) -> LearningPoint:
    return LearningPoint(
        model_id=model_id, pictures=pictures, accuracy=Share(value=value, low=0.0, high=1.0, of=50)
    )


def reply(**points: Any) -> ModelCurves:
    filled = {"learning": (point(80, 0.7), point(160, 0.8, 2))} | points
    return ModelCurves(model_id=2, class_name="Bad", metric=(), calibration=(), **filled)


def test_that_what_the_server_says_of_more_labels_is_shown() -> None:
    grown = (point(40, 0.75), point(80, 0.85))
    said = model_figures.learning_words(reply(grown=grown, growth="Twice as many may help."))
    assert said == "Twice as many may help."


def test_that_a_model_without_a_curve_of_its_own_stands_among_its_relatives() -> None:
    assert "From 80 to 160 labelled plots" in model_figures.learning_words(reply())
