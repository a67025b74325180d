"""Counts how long things take: since the start for monitoring, and of the newest thousand for people."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from statistics import median

from inference_server.messages import Counts
from inference_server.protocol.activity import BOUNDS_MS, Times

NEWEST = 1000


class Spread:
    """Values below each of ``bounds``; used by one thread."""

    def __init__(self, name: str, bounds: Sequence[float] = BOUNDS_MS) -> None:
        self._name, self._bounds = name, bounds
        self._total = [0] * (len(bounds) + 1)
        self._sum = 0.0
        self._newest: deque[float] = deque(maxlen=NEWEST)

    def add(self, value: float, times: int = 1) -> None:
        """One more value, or the same one several times."""
        self._total[bisect_left(self._bounds, value)] += times
        self._sum += value * times
        self._newest.extend([value] * min(times, NEWEST))

    def counts(self) -> Counts:
        """All of them."""
        return Counts(counts=tuple(self._total), sum=self._sum)

    def times(self) -> Times:
        """The newest ones as a histogram of milliseconds, with the counts of all."""
        newest = binned(self._name, self._newest)
        return Times(
            name=self._name,
            counts=newest.counts,
            median_ms=newest.median_ms,
            total=tuple(self._total),
            sum_ms=round(self._sum, 3),
        )


def binned(name: str, values: Sequence[float]) -> Times:
    """A histogram of milliseconds."""
    counts = [0] * (len(BOUNDS_MS) + 1)
    for value in values:
        counts[bisect_left(BOUNDS_MS, value)] += 1
    middle = round(median(values), 2) if values else 0.0
    return Times(name=name, counts=tuple(counts), median_ms=middle)
