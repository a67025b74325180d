"""What is known of a model from its training, as it is said to desktops."""

from __future__ import annotations

from sqlalchemy.orm import Session

from db import models
from db.values import Model
from inference_server import figures
from inference_server.protocol.curves import LearningPoint
from inference_server.protocol.matrix import Share


def one(session: Session, model_id: int) -> Model:
    """The model. Raises KeyError."""
    for model in models.load(session, [model_id]):
        return model
    raise KeyError(f"there is no model {model_id}")


def share(found: figures.Interval) -> Share:
    """A share, as it is said to desktops."""
    return Share(value=found.value, low=found.low, high=found.high, of=found.of)


def learning(model: Model) -> LearningPoint | None:
    """How good a model became on how many pictures; None where its training did not say."""
    pictures, accuracy = model.metrics.get("pictures"), accuracy_of(model)
    if accuracy is None or not isinstance(pictures, int):
        return None
    return LearningPoint(model_id=model.id, pictures=pictures, accuracy=accuracy)


def grown(model: Model) -> tuple[LearningPoint, ...]:
    """How good heads on a part of its labels were, as its training measured it; the whole is last."""
    return tuple(
        LearningPoint(
            model_id=model.id,
            pictures=int(pictures),
            accuracy=share(figures.wilson(int(right), int(tested))),
        )
        for pictures, right, tested, *_ in model.curves.get("labels", ())
    )


def accuracy_of(model: Model) -> Share | None:
    """Accuracy on the validation pictures with its interval; None: not known."""
    value, count = model.metrics.get("accuracy"), model.metrics.get("validation")
    if not isinstance(value, int | float) or not isinstance(count, int) or count < 1:
        return None
    return share(figures.wilson(round(value * count), count))
