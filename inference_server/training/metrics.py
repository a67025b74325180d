"""How good a model is on pictures of runs it has not seen, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

BINS = 15  # of the calibration error


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class on the validation pictures."""

    precision: float
    recall: float
    f1: float
    count: int
    precision_range: tuple[float, float] = (0.0, 1.0)  # 95 %
    recall_range: tuple[float, float] = (0.0, 1.0)


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
        precision,
        recall,
        _f1(hits, actual.sum(), predicted.sum()),
        int(actual.sum()),
        wilson(hits, int(predicted.sum())),
        wilson(hits, int(actual.sum())),
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


def confusion(targets: np.ndarray, scores: np.ndarray) -> list[list[int]]:
    """Counts (C, C): rows what people said, columns what the model says."""
    found = np.zeros((scores.shape[1], scores.shape[1]), int)
    np.add.at(found, (targets, scores.argmax(axis=1)), 1)
    return [[int(count) for count in row] for row in found]


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927); (0, 1) of nothing."""
    if not count:
        return 0.0, 1.0
    share, z = hits / count, 1.959964
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def bootstrap(
    figure: Callable[[np.ndarray], float], groups: Sequence[str], seed: int, rounds: int = 200
) -> tuple[float, float]:
    """The 95 % interval of ``figure`` (of rows) when whole groups are drawn anew.

    By run, since pictures of one run stand or fall together (Efron & Tibshirani, 1993, ch. 8).
    """
    names, member = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    order = np.argsort(member, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(member))[:-1])
    random = np.random.default_rng(seed)
    found = [
        figure(np.concatenate([rows[each] for each in random.integers(0, len(names), len(names))]))
        for _ in range(rounds)
    ]
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def f1_of(targets: np.ndarray, predicted: np.ndarray, classes: int) -> float:
    """Macro-F1 over the classes that are there."""
    actual = np.bincount(targets, minlength=classes)
    said = np.bincount(predicted, minlength=classes)
    hits = np.bincount(targets[targets == predicted], minlength=classes)
    there = actual > 0
    return float((2 * hits / np.maximum(actual + said, 1))[there].mean())
