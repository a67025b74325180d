"""Curves of a model as the library page words them."""

from __future__ import annotations

import pytest

from hydra_desktop.models import model_figures
from inference_server.protocol.curves import LearningPoint, ModelCurves
from inference_server.protocol.matrix import Share


def point(pictures: int, value: float, model_id: int = 1) -> LearningPoint:
    return LearningPoint(
        model_id=model_id, pictures=pictures, accuracy=Share(value=value, low=0.0, high=1.0, of=50)
    )


def reply(**points: tuple[LearningPoint, ...]) -> ModelCurves:
    filled = {"learning": (point(80, 0.7), point(160, 0.8, 2))} | points
    return ModelCurves(model_id=2, class_name="Bad", metric=(), calibration=(), **filled)


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (0.85, "Twice as many may bring up to 10 of 100"),
        (0.97, "Twice as many may bring up to 3 of 100"),
        (0.752, "will hardly help"),
    ],
    ids=["rises", "little is left", "flat"],
)
def test_that_the_last_doubling_says_whether_more_labels_help(last: float, words: str) -> None:
    said = model_figures.learning_words(
        reply(grown=(point(20, 0.5), point(40, 0.75), point(80, last)))
    )
    assert said.startswith("With 40 of its labels 75.0% were right, with 80")
    assert words in said


def test_that_a_model_without_a_curve_of_its_own_stands_among_its_relatives() -> None:
    assert "From 80 to 160 labelled plots" in model_figures.learning_words(reply())
