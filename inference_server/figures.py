"""Figures about models: pure functions over counts and arrays, each with its source.

No I/O, numpy and the standard library only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray

Z95 = 1.959963984540054  # two-sided 95 % of the normal distribution
SHIFT = timedelta(hours=8)
STEPS = 101  # thresholds 0.00, 0.01 ... 1.00 of a curve
CALIBRATION_BINS = 15


@dataclass(frozen=True, slots=True)
class Interval:
    """A share and its 95 % interval."""

    value: float
    low: float
    high: float
    of: int


def wilson(hits: int, total: int) -> Interval:
    """A share with its score interval (Wilson, J. Am. Stat. Assoc. 22, 1927). Nothing counted: 0..1."""
    if not total:
        return Interval(0.0, 0.0, 1.0, 0)
    share, square = hits / total, Z95 * Z95
    centre = (share + square / (2 * total)) / (1 + square / total)
    spread = share * (1 - share) / total + square / (4 * total * total)
    half = Z95 * math.sqrt(spread) / (1 + square / total)
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half), total)


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided p-value that both are right equally often, by the exact binomial test.

    McNemar, Psychometrika 12, 1947; ``only_first``: right in the first alone.
    """
    total, fewer = only_first + only_second, min(only_first, only_second)
    if not total:
        return 1.0
    if total > 1000:  # the normal limit with Edwards' correction: exact to three digits there
        excess = max(0.0, abs(only_first - only_second) - 1.0)
        return math.erfc(excess / math.sqrt(total) / math.sqrt(2))
    tail = sum(math.comb(total, count) for count in range(fewer + 1))
    return min(1.0, tail / float(2 ** (total - 1)))


def calls(judged: Sequence[tuple[int, datetime, str, float]], name: str, threshold: float) -> int:
    """How often a plot would have called: streaks of ``name`` at ``threshold`` or more within a run.

    ``judged``: (run, time, class, confidence) in the order of judging.
    """
    count, calling = 0, False
    before: int | None = None
    for run, _, said, confidence in judged:
        now = said == name and confidence >= threshold
        count += now and not (calling and run == before)
        calling, before = now, run
    return count


def hours(judged: Sequence[tuple[int, datetime, str, float]]) -> float:
    """How long these runs were looked at: from the first to the last verdict of each."""
    span: dict[int, tuple[datetime, datetime]] = {}
    for run, at, _, _ in judged:
        first, last = span.get(run, (at, at))
        span[run] = min(first, at), max(last, at)
    return sum((last - first).total_seconds() for first, last in span.values()) / 3600


def per_shift(count: int, looked_h: float) -> float | None:
    """Calls in a shift of eight hours; None where nothing was looked at."""
    return count / looked_h * (SHIFT.total_seconds() / 3600) if looked_h > 0 else None


@dataclass(frozen=True, slots=True)
class Counted:
    """The pictures of one cell, and how many of their verdicts are Confirmed."""

    expert: str
    said: str
    count: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a set of thresholds makes of the pictures, for one class."""

    confirmed: int
    unconfirmed: int
    wrong: int
    missed: int
    left: int
    precision: float | None
    recall: float | None
    accuracy: float | None


def consequences(cells: Sequence[Counted], name: str) -> Consequences:
    """Confirmed, wrong, missed and left for a person, for the class ``name``."""
    own = [cell for cell in cells if cell.said == name]
    confirmed = sum(cell.confirmed for cell in own)
    hits = sum(cell.confirmed for cell in own if cell.expert == name)
    actual = sum(cell.count for cell in cells if cell.expert == name)
    certain = sum(cell.confirmed for cell in cells)
    right = sum(cell.confirmed for cell in cells if cell.said == cell.expert)
    return Consequences(
        confirmed=confirmed,
        unconfirmed=sum(cell.count for cell in own) - confirmed,
        wrong=confirmed - hits,
        missed=actual - hits,
        left=sum(cell.count for cell in cells) - certain,
        precision=_share(hits, confirmed),
        recall=_share(hits, actual),
        accuracy=_share(right, certain),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class Point:
    """One class against all others at a threshold."""

    threshold: float
    precision: float
    recall: float
    f1: float
    accuracy: float


def metric_curve(actual: Array, confidence: Array) -> list[Point]:
    """Metrics of one class at STEPS thresholds; ``actual`` (N,) bool, ``confidence`` (N,) of the class.

    Where nothing reaches a threshold precision is 1: nothing was said, so nothing wrong.
    """
    if not len(actual):
        return []
    order = np.argsort(confidence, kind="stable")
    sure, hits_above = confidence[order], np.cumsum(actual[order][::-1])[::-1]
    positives = int(actual.sum())
    points = []
    for threshold in np.linspace(0, 1, STEPS):
        first = int(np.searchsorted(sure, threshold, side="left"))
        said = len(sure) - first
        hits = int(hits_above[first]) if said else 0
        right = hits + first - (positives - hits)
        points.append(
            Point(
                threshold=float(threshold),
                precision=hits / said if said else 1.0,
                recall=hits / positives if positives else 0.0,
                f1=2 * hits / (said + positives) if said + positives else 0.0,
                accuracy=right / len(sure),
            )
        )
    return points


def calibration(confidence: Array, right: Array) -> list[tuple[float, Interval]]:
    """Mean confidence and share of right verdicts in bins of equal width that hold any.

    The reliability diagram (DeGroot and Fienberg, The Statistician 32, 1983).
    """
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    return [
        (
            float(confidence[bins == each].mean()),
            wilson(int(right[bins == each].sum()), int((bins == each).sum())),
        )
        for each in np.unique(bins)
    ]


def calibration_error(bars: Sequence[tuple[float, Interval]]) -> float | None:
    """Mean distance of confidence and share of right verdicts, weighted by pictures (ECE)."""
    total = sum(share.of for _, share in bars)
    if not total:
        return None
    return sum(abs(sure - share.value) * share.of for sure, share in bars) / total


@dataclass(frozen=True, slots=True)
class Change:
    """One class under two models."""

    name: str
    count: int
    recall: tuple[float, float]
    precision: tuple[float, float]


def changes(triples: Sequence[tuple[str, str, str]]) -> list[Change]:
    """Recall and precision of each class under two models; ``triples``: (expert, first, second)."""
    names = sorted({expert for expert, _, _ in triples})
    return [_change(triples, name) for name in names]


def _change(triples: Sequence[tuple[str, str, str]], name: str) -> Change:
    actual = [each for each in triples if each[0] == name]
    found = []
    for model in (1, 2):
        said = [each for each in triples if each[model] == name]
        hits = sum(each[0] == name for each in said)
        found.append((hits / len(actual), hits / len(said) if said else 0.0))
    (recall, precision), (other_recall, other_precision) = found
    return Change(name, len(actual), (recall, other_recall), (precision, other_precision))
