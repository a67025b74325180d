"""Where a curve steps to another level and stays there. Pure.

Binary segmentation on the difference of means: of all places that divide a stretch in two, the one with
the largest Welch statistic |m2 - m1| / sqrt(s1²/n1 + s2²/n2) is a change point if that statistic reaches
``SCORE`` and the means differ by ``STEP`` at least; then both sides are searched in turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

SCORE = 8.0  # above what noise of a few thousand points comes to in 10,000 trials
STEP = 0.08  # a smaller difference of confidence interests nobody
LEAST = 8  # steps on either side: fewer are a streak, which the log tells
NOISE = 0.01  # taken as the least spread, so that a flat stretch does not make everything a step
MOST = 12


@dataclass(frozen=True, slots=True)
class Change:
    """At ``index`` the values go over from ``before`` to ``after`` (means of the stretches)."""

    index: int
    before: float
    after: float


def change_points(values: NDArray[np.float64]) -> list[Change]:
    """The steps of a curve, in order."""
    edges = sorted(_search(np.asarray(values, dtype=np.float64), 0, len(values), MOST))
    stretches = [0, *edges, len(values)]
    means = [float(np.mean(values[begin:end])) for begin, end in pairwise(stretches) if end > begin]
    steps = zip(edges, means, means[1:], strict=False)
    return [
        Change(edge, before, after) for edge, before, after in steps if abs(after - before) >= STEP
    ]


def _search(values: NDArray[np.float64], begin: int, end: int, most: int) -> list[int]:
    found = _strongest(values[begin:end])
    if found is None or most <= 0:
        return []
    edge = begin + found
    left = _search(values, begin, edge, (most - 1) // 2)
    return [*left, edge, *_search(values, edge, end, most - 1 - len(left))]


def _strongest(values: NDArray[np.float64]) -> int | None:
    count = len(values)
    if count < 2 * LEAST:
        return None
    left = np.arange(LEAST, count - LEAST + 1)
    right = count - left
    sums, squares = np.cumsum(values), np.cumsum(values**2)
    first, second = sums[left - 1] / left, (sums[-1] - sums[left - 1]) / right
    spread_1 = np.maximum(squares[left - 1] / left - first**2, NOISE**2)
    spread_2 = np.maximum((squares[-1] - squares[left - 1]) / right - second**2, NOISE**2)
    score = np.abs(second - first) / np.sqrt(spread_1 / left + spread_2 / right)
    score[np.abs(second - first) < STEP] = 0.0
    best = int(np.argmax(score))
    return int(left[best]) if score[best] >= SCORE else None
