"""How good a head is on pictures of runs it has not seen, and where its thresholds belong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

HIGHEST = 0.99  # a threshold of 1 would confirm nothing
UNPROVEN = 0.9  # for a class without a validation picture: only the very sure is confirmed
BINS = 15  # of the calibration error


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class on the validation pictures."""

    precision: float
    recall: float
    f1: float
    count: int


def per_class(
    targets: np.ndarray, scores: np.ndarray, labels: Sequence[str]
) -> dict[str, ClassFigures]:
    """Figures of the most confident class; ``targets`` (N,) indices, ``scores`` (N, C)."""
    predicted = scores.argmax(axis=1)
    return {
        label: _figures(targets == index, predicted == index) for index, label in enumerate(labels)
    }


def _figures(actual: np.ndarray, predicted: np.ndarray) -> ClassFigures:
    hits = int((actual & predicted).sum())
    precision = hits / max(1, int(predicted.sum()))
    recall = hits / max(1, int(actual.sum()))
    return ClassFigures(
        precision, recall, _f1(hits, actual.sum(), predicted.sum()), int(actual.sum())
    )


def _f1(hits: float, actual: float, predicted: float) -> float:
    return float(2 * hits / max(1.0, float(actual + predicted)))


def macro_f1(figures: dict[str, ClassFigures]) -> float:
    """Mean F1 over the classes that have validation pictures."""
    found = [figure.f1 for figure in figures.values() if figure.count]
    return float(np.mean(found)) if found else 0.0


def accuracy(targets: np.ndarray, scores: np.ndarray) -> float:
    """Share of pictures whose most confident class is the right one."""
    return float((scores.argmax(axis=1) == targets).mean()) if len(targets) else 0.0


def calibration_error(targets: np.ndarray, scores: np.ndarray) -> float:
    """Expected calibration error of the top class, in BINS bins of equal width."""
    confidence = scores.max(axis=1)
    right = scores.argmax(axis=1) == targets
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        abs(float(confidence[bins == index].mean()) - float(right[bins == index].mean()))
        * int((bins == index).sum())
        for index in np.unique(bins)
    ]
    return float(sum(gaps) / max(1, len(targets)))


def thresholds(targets: np.ndarray, scores: np.ndarray, labels: Sequence[str]) -> dict[str, float]:
    """For each class the confidence at which its F1 (against all others) is highest."""
    return {
        label: best_threshold(targets == index, scores[:, index], 1 / len(labels))
        for index, label in enumerate(labels)
    }


def best_threshold(actual: np.ndarray, confidence: np.ndarray, chance: float) -> float:
    """The highest of the confidences with the best F1, between ``chance`` and HIGHEST.

    Among equals the highest asks a person most often. Nothing below ``chance`` can be a top class.
    """
    if not actual.any():
        return UNPROVEN
    order = np.argsort(-confidence, kind="stable")
    sure, hits = confidence[order], np.cumsum(actual[order])
    f1 = 2 * hits / (np.arange(1, len(sure) + 1) + actual.sum())
    # Equal confidences stand or fall together: only the last of a row of equals is a threshold.
    f1[:-1][sure[:-1] == sure[1:]] = -1.0
    best = float(sure[int(np.argmax(f1))])  # the first maximum: fewest pictures, highest confidence
    return float(np.clip(np.floor(best * 1e4) / 1e4, chance, HIGHEST))
