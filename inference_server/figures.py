"""Figures about models: pure functions over counts and arrays, each with its source.

No I/O, numpy and the standard library only.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray

Z95 = 1.959963984540054  # two-sided 95 % of the normal distribution
SHIFT = timedelta(hours=8)
LEAST_H = 0.1  # pictures that were brought in at once, in seconds, tell nothing of a shift
STEPS = 101  # thresholds 0.00, 0.01 ... 1.00 of a curve
CALIBRATION_BINS = 15
ROUNDS, SEED = 1000, 1  # of the bootstrap: the same figures give the same interval


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


@dataclass(frozen=True, slots=True)
class Skill:
    """How good a model is on the pictures of a matrix, each with its 95 % interval."""

    accuracy: Interval
    macro_f1: Interval
    bad_recall: Interval
    bad_precision: Interval


def skill(cells: Mapping[tuple[str, str], int], bad: Collection[str]) -> Skill:
    """Accuracy, macro-F1, recall and precision of the classes ``bad`` together.

    ``cells``: (expert, said) to how many pictures. Shares after Wilson, macro-F1 by bootstrap.
    """
    hits = sum(count for (expert, said), count in cells.items() if expert == said)
    actual = sum(count for (expert, _), count in cells.items() if expert in bad)
    called = sum(count for (_, said), count in cells.items() if said in bad)
    found = sum(n for (expert, said), n in cells.items() if expert in bad and said in bad)
    return Skill(
        accuracy=wilson(hits, sum(cells.values())),
        macro_f1=macro_f1(cells),
        bad_recall=wilson(found, actual),
        bad_precision=wilson(found, called),
    )


def macro_f1(cells: Mapping[tuple[str, str], int]) -> Interval:
    """Mean F1 over the classes that people gave, with the percentile interval of a bootstrap.

    Pictures are drawn anew ROUNDS times: counts of cells are then multinomial (Efron and Tibshirani, 1993).
    """
    total = sum(cells.values())
    if not total:
        return Interval(0.0, 0.0, 1.0, 0)
    counts = np.array(list(cells.values()))
    drawn = np.random.default_rng(SEED).multinomial(total, counts / total, ROUNDS)
    drawn = np.vstack([counts, drawn])
    experts = np.array([expert for expert, _ in cells])
    answers = np.array([said for _, said in cells])
    values = []
    for name in np.unique(experts):
        actual = drawn[:, experts == name].sum(axis=1)
        called = drawn[:, answers == name].sum(axis=1)
        hits = drawn[:, (experts == name) & (answers == name)].sum(axis=1)
        f1 = 2 * hits / np.maximum(actual + called, 1)
        values.append(np.where(actual > 0, f1, np.nan))  # a class that was not drawn says nothing
    means = np.nanmean(np.array(values), axis=0)
    low, high = np.percentile(means[1:], [2.5, 97.5])
    return Interval(float(means[0]), float(low), float(high), total)


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
    """Calls in a shift of eight hours; None where too little was looked at to say (LEAST_H)."""
    return count / looked_h * (SHIFT.total_seconds() / 3600) if looked_h >= LEAST_H else None


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


def metric_curve(actual: Array, confidence: Array, count: Array) -> list[Point]:
    """Metrics of one class at STEPS thresholds.

    ``actual`` (N,) bool: a person said the class; ``confidence`` (N,): how sure the model is that it is the class,
    -1 where it says another; ``count`` (N,): of so many pictures.
    Where nothing reaches a threshold precision is 1: nothing was said, so nothing wrong.
    """
    total, positives = int(count.sum()), int(count[actual].sum())
    if not total:
        return []
    order = np.argsort(confidence, kind="stable")
    sure = confidence[order]
    above = np.append(np.cumsum(count[order][::-1])[::-1], 0)
    hits_above = np.append(np.cumsum((actual * count)[order][::-1])[::-1], 0)
    points = []
    for step in range(STEPS):
        threshold = step / (STEPS - 1)
        first = int(np.searchsorted(sure, threshold, side="left"))
        said, hits = int(above[first]), int(hits_above[first])
        right = hits + total - said - (positives - hits)
        points.append(
            Point(
                threshold=threshold,
                precision=hits / said if said else 1.0,
                recall=hits / positives if positives else 0.0,
                f1=2 * hits / (said + positives) if said + positives else 0.0,
                accuracy=right / total,
            )
        )
    return points


def calibration(confidence: Array, right: Array, count: Array) -> list[tuple[float, Interval]]:
    """Mean confidence and share of right verdicts in bins of equal width that hold any.

    The reliability diagram (DeGroot and Fienberg, The Statistician 32, 1983). ``count``: of so many pictures.
    """
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    found = []
    for each in np.unique(bins):
        here = bins == each
        total = int(count[here].sum())
        mean = float((confidence * count)[here].sum()) / total
        found.append((mean, wilson(int((right * count)[here].sum()), total)))
    return found


def calibration_error(bars: Sequence[tuple[float, Interval]]) -> float | None:
    """Mean distance of confidence and share of right verdicts, weighted by pictures (ECE)."""
    total = sum(share.of for _, share in bars)
    if not total:
        return None
    return sum(abs(sure - share.value) * share.of for sure, share in bars) / total
