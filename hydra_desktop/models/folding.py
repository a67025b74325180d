"""Groups that stand folded in the grid, each as one tile: how many plots, and the worst of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from hydra_desktop.models.plot_row import PlotRow
from ui.alarm_marks import AlarmMark
from ui.roles import Fold
from ui.states import WORDS, TileState

FOLD_FROM = 60  # more plots than so many are not read at a glance


def foldable(rows: Sequence[PlotRow], chosen: str) -> frozenset[str]:
    """Groups that fold: where there are too many plots. Not the ``chosen`` one: it was asked for."""
    if len(rows) <= FOLD_FROM:
        return frozenset()
    sizes = Counter(row.kind.group for row in rows)
    return frozenset(name for name, size in sizes.items() if name not in ("", chosen) and size > 1)


def heads(rows: Iterable[PlotRow], folded: Collection[str]) -> dict[str, int]:
    """The plot type in whose place each folded group stands: its first one, so that no tile moves."""
    found: dict[str, int] = {}
    for row in rows:
        if row.kind.group in folded:
            found.setdefault(row.kind.group, row.kind.id)
    return found


def summary(group: str, rows: Sequence[PlotRow]) -> Fold:
    """What one tile says of all ``rows`` of a group."""
    worst = max(rows, key=_need)
    counts = Counter(row.state for row in rows)
    words = tuple((state, counts[state], WORDS[state]) for state in sorted(counts, reverse=True))
    return Fold(group, len(rows), worst.state, worst.alarm, words)


def spoken(fold: Fold) -> str:
    """The same for a screen reader."""
    counts = ", ".join(f"{number} {word}" for _, number, word in fold.counts)
    return f"Group {fold.group}, folded, {fold.plots} plots: {counts}. Enter shows them"


def _need(row: PlotRow) -> tuple[TileState, bool]:
    """The worst first; of equals the one that still calls."""
    return row.state, row.alarm is None or row.alarm.mark is AlarmMark.CALLS
