"""What stands below a plot of confidences: the time, or runs side by side and chunks in them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pyqtgraph as pg

from ui.trend_data import TrendData

RUN_PX = 70  # from one name to the next
CHUNK_PX = 100

Ticks = list[tuple[float, str]]  # in order: where, and what is said there


class TimeOrRunAxis(pg.DateAxisItem):  # type: ignore[misc]
    """Says times, or where the data stand by run, the runs and chunks that there is room for."""

    def __init__(self) -> None:
        super().__init__(orientation="bottom")
        self._by_run = False
        self._runs: Ticks = []
        self._chunks: Ticks = []
        self._said: dict[float, str] = {}

    def follow(self, data: TrendData) -> None:
        """Name what ``data`` stand on."""
        self._by_run = data.by_run
        self._runs = [(float(place), str(run)) for place, run in data.run_marks]
        self._chunks = list(zip(data.at.tolist(), data.chunk_names, strict=False))
        self.picture = None
        self.update()

    def tickValues(self, minVal: float, maxVal: float, size: float) -> Any:  # noqa: N802, N803
        if not self._by_run:
            return super().tickValues(minVal, maxVal, size)
        per_place = size / max(1e-9, maxVal - minVal)
        chosen = run_ticks(self._runs, self._chunks, (minVal, maxVal), per_place)
        self._said = dict(chosen)
        return [(1.0, [at for at, _ in chosen])]

    def tickStrings(self, values: Any, scale: float, spacing: float) -> list[str]:  # noqa: N802
        if not self._by_run:
            return list(super().tickStrings(values, scale, spacing))
        return [self._said.get(value, "") for value in values]


def run_ticks(runs: Ticks, chunks: Ticks, shown: tuple[float, float], per_place: float) -> Ticks:
    """What is said below what is ``shown``, with ``per_place`` pixels for a run.

    The beginning of every run, or of every second, fifth, ... as there is room; and where a run is
    wide, the chunks in it as well.
    """
    named = _inside(chunks, shown) if per_place >= 2 * CHUNK_PX else []
    begins = _thinned(_inside(runs, shown), per_place)
    return sorted([*begins, *_apart(named, begins, CHUNK_PX / per_place)])


def _thinned(begins: Ticks, per_place: float) -> Ticks:
    """As many as there is room for; the same ones while the plot is moved."""
    if len(begins) < 2:
        return begins
    unit = begins[1][0] - begins[0][0]
    step = _every(RUN_PX / (unit * per_place))
    if unit == 1.0:
        return [tick for tick in begins if tick[0] % step == 0.0]
    return begins[::step]


def _inside(ticks: Ticks, shown: tuple[float, float]) -> Ticks:
    begin = bisect_left(ticks, shown[0], key=lambda tick: tick[0])
    return ticks[begin : bisect_right(ticks, shown[1], key=lambda tick: tick[0])]


def _every(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, ... that is not below ``least``."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if step * factor >= least:
                return step * factor
        step *= 10


def _apart(ticks: Ticks, taken: Ticks, room: float) -> Ticks:
    """Those of ``ticks`` that stand ``room`` from each other and from what is taken."""
    kept: Ticks = []
    last = float("-inf")
    for at, words in ticks:
        if at - last < room or any(abs(at - other) < room for other, _ in taken):
            continue
        kept.append((at, words))
        last = at
    return kept


def borders(runs: Sequence[tuple[int, int]], most: int) -> list[float]:
    """Where one run ends and the next begins; none where there are more than ``most``."""
    neighbours = [second for (first, _), (second, _) in pairwise(runs) if second == first + 1]
    return [float(place) for place in neighbours] if len(runs) <= most else []
