"""The labelled pictures that a training learns from, whatever it fits on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference_server.training.report import FEW


class FitError(ValueError):
    """These labels cannot make a model; the message names the cause and the next step."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """N labelled pictures, in the order they were taken."""

    features: np.ndarray  # (N, D) float32
    labels: Sequence[str]  # (N,)
    runs: Sequence[str]  # (N,) whatever tells runs apart: "2018-spring/3211"
    pins: Sequence[str | None] = ()  # (N,) "training", "validation" or None; empty: no pins
    weights: Sequence[int] = ()  # (N,) how often a picture counts in training; empty: once each
    periods: Sequence[str] = ()  # (N,) run periods; empty: all of one
    changed: np.ndarray | None = None  # (M, D) features of copies that were changed a little
    changed_of: Sequence[int] = ()  # (M,) the picture that each is a copy of

    @property
    def pinned(self) -> np.ndarray:
        """Pins (N,) as objects."""
        return np.array(self.pins or [None] * len(self.labels), dtype=object)

    @property
    def may_train(self) -> np.ndarray:
        """Whether each picture (N,) may teach."""
        found: np.ndarray = self.pinned != "validation"
        return found

    @property
    def counted(self) -> np.ndarray:
        """How often each picture (N,) counts."""
        return np.array(self.weights or [1] * len(self.labels), np.float32)


def classes_of(pictures: Labelled, plot_type: str) -> tuple[str, ...]:
    """The classes that ``pictures`` have. Raises FitError: fewer than two that can be learnt."""
    classes = tuple(sorted({str(label) for label in pictures.labels}))
    if not classes:
        raise FitError(
            f"{plot_type} has no labelled pictures; label at least {FEW} of two classes."
        )
    if len(classes) == 1:
        raise FitError(
            f"{plot_type} has labels of only one class ({classes[0]}); label at least {FEW} of a"
            " second class."
        )
    learnt = {label for label, may in zip(pictures.labels, pictures.may_train, strict=True) if may}
    if len(learnt) < 2:
        raise FitError(
            f"{plot_type} has fewer than two classes outside the pictures pinned to validation;"
            " unpin some."
        )
    return classes


def counts_of(pictures: Labelled) -> dict[str, int]:
    """How many pictures each class has."""
    return {
        str(label): list(pictures.labels).count(label) for label in sorted(set(pictures.labels))
    }


def remarks_on(pictures: Labelled) -> list[str]:
    """What a reader of figures on these pictures has to know."""
    if len(set(pictures.runs)) > 1:
        return []
    return [
        (
            "All labelled pictures are of one run, so these figures are better than they will be on"
            " other runs; label pictures of a second run."
        )
    ]
