"""How large a tile and its parts are, and which size shows every plot at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

SIZES: Final = ("fit", "S", "M", "L")
_SMALLEST = 112  # px across a picture; below this it cannot be read, so the grid scrolls instead
_NARROWEST = 130  # px for a tile with its gap
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


def fitting(count: int, width: int, height: int) -> TileMetrics | None:
    """The tiles with the largest pictures of which ``count`` fit into ``width`` x ``height`` px.

    None: they would be too small to read, so the grid has to scroll.
    """
    count = max(1, count)
    choices = (
        _tile(width // columns, height // -(-count // columns))
        for columns in range(1, count + 1)
        if width // columns > _NARROWEST
    )
    best = max(choices, key=_picture_width, default=SMALL)
    return best if _picture_width(best) >= _SMALLEST else None


def filling(width: int) -> TileMetrics:
    """Small tiles that fill a row of ``width`` px, for a grid that scrolls."""
    return _tile(width // max(1, width // (_NARROWEST + 70)), 2 * _LARGEST)


def _tile(room: int, tallest: int) -> TileMetrics:
    style = LARGE if room >= 340 else MEDIUM if room >= MEDIUM.width else SMALL
    width = min(_LARGEST, room - style.gap)
    beside = style.head + style.foot + style.gap + (_BAR if style.bar else 0)
    return replace(style, width=width, picture=min((width - 12) * 3 // 4, tallest - beside))


def _picture_width(tile: TileMetrics) -> int:
    return min(tile.width - 12, tile.picture * 4 // 3)
