"""How large a tile and its parts are, and which size shows every plot at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SIZES: Final = ("fit", "S", "M", "L")
_SMALLEST = 150  # px; below this a picture cannot be read, so the grid scrolls instead
_LARGEST = 460


@dataclass(frozen=True, slots=True)
class TileMetrics:
    """Sizes in px and pt of one tile; ``gap`` is the room to the next."""

    width: int
    head: int
    picture: int
    foot: int
    gap: int
    badge: int
    name_pt: float
    foot_pt: float
    bar: bool  # whether the threshold bar is drawn below the picture

    @property
    def height(self) -> int:
        return self.head + self.picture + self.foot + (_BAR if self.bar else 0)

    @property
    def cell(self) -> tuple[int, int]:
        return self.width + self.gap, self.height + self.gap


_BAR = 8
SMALL: Final = TileMetrics(214, 26, 144, 24, 10, 17, 9.5, 9, bar=False)
MEDIUM: Final = TileMetrics(270, 28, 192, 26, 12, 20, 10, 9.5, bar=True)
LARGE: Final = TileMetrics(366, 40, 252, 34, 16, 26, 12, 10, bar=True)
_NAMED: Final = {"S": SMALL, "M": MEDIUM, "L": LARGE}


def named(size: str) -> TileMetrics:
    """The fixed size "S", "M" or "L"."""
    return _NAMED[size]


def fitting(count: int, width: int, height: int) -> TileMetrics:
    """The largest tiles of which ``count`` fit into ``width`` x ``height`` px without scrolling.

    Where none fit, small ones that scroll.
    """
    for columns in range(1, max(1, width // (_SMALLEST + SMALL.gap)) + 1):
        metrics = _of_columns(columns, width)
        rows = -(-max(1, count) // columns)
        if rows * metrics.cell[1] <= height:
            return metrics
    return _of_columns(max(1, width // SMALL.cell[0]), width)


def _of_columns(columns: int, width: int) -> TileMetrics:
    room = width // columns
    style = LARGE if room >= 340 else MEDIUM if room >= MEDIUM.width else SMALL
    tile = min(_LARGEST, room - style.gap)
    picture = (tile - 12) * 3 // 4
    return TileMetrics(
        tile,
        style.head,
        picture,
        style.foot,
        style.gap,
        style.badge,
        style.name_pt,
        style.foot_pt,
        style.bar,
    )

