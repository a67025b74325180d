"""How large a tile and its parts are, and which size shows every plot at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

SIZES: Final = ("fit", "S", "M", "L")
EMPTY_COSTS = 0.5  # by how much of its share of the screen an empty place makes a choice worse
_SMALLEST = 112  # px across a picture; below this it cannot be read, so the grid scrolls instead
_NARROWEST = 130  # px for a tile with its gap
NARROWEST, WIDEST = 150, 460  # px of a tile that a person may choose


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
        return self.head + self.picture + STRIP + self.foot + (_BAR if self.bar else 0)

    @property
    def cell(self) -> tuple[int, int]:
        return self.width + self.gap, self.height + self.gap


_BAR = 8
STRIP: Final = 9  # px for the last verdicts, with the air above them
SMALL: Final = TileMetrics(214, 26, 144, 24, 10, 17, 9.5, 9, bar=False)
MEDIUM: Final = TileMetrics(270, 28, 192, 26, 12, 20, 10, 9.5, bar=True)
LARGE: Final = TileMetrics(366, 40, 252, 34, 16, 26, 12, 10, bar=True)
# For a large screen that is read from across the room.
WALL: Final = TileMetrics(380, 48, 280, 42, 16, 34, 24, 18, bar=False)
_NAMED: Final = {"S": SMALL, "M": MEDIUM, "L": LARGE}


def named(size: str) -> TileMetrics:
    """The fixed size "S", "M" or "L", or a width in px."""
    return of_width(int(size)) if size.isdecimal() else _NAMED[size]


def is_size(size: str) -> bool:
    """Whether ``size`` is one of the named ones, or a width in px as the slider gives it."""
    return size in SIZES or (size.isdecimal() and NARROWEST <= int(size) <= WIDEST)


def of_width(width: int) -> TileMetrics:
    """Tiles ``width`` px wide, with a picture of 4:3."""
    style = next((each for each in (LARGE, MEDIUM) if width + each.gap >= _room(each)), SMALL)
    return _tile(width + style.gap, 2 * WIDEST)


def fitting(count: int, width: int, height: int) -> TileMetrics | None:
    """The tiles with the largest pictures of which ``count`` fit into ``width`` x ``height`` px.

    Rather full rows than pictures a little larger: 16 stand in four rows of four. None: they would be too
    small to read, so the grid has to scroll.
    """
    count = max(1, count)
    choices: list[tuple[float, TileMetrics]] = []
    for columns in range(1, count + 1):
        if width // columns > _NARROWEST:
            rows = -(-count // columns)
            tile = _roomiest(width // columns, height // rows)
            full = 1 - EMPTY_COSTS * (1 - count / (rows * columns))
            choices.append((full * _picture_width(tile), tile))
    readable = [choice for choice in choices if _picture_width(choice[1]) >= _SMALLEST]
    return max(readable, key=lambda choice: choice[0])[1] if readable else None


def _roomiest(room: int, tallest: int) -> TileMetrics:
    """Where the height is what lacks, heads and feet of a smaller style leave more to the picture."""
    usual = _tile(room, tallest)
    smaller = _tile(room, tallest, SMALL)
    return smaller if _picture_width(smaller) > 1.08 * _picture_width(usual) else usual


def wall(width: int, height: int) -> TileMetrics:
    """Tiles for the wall: whole rows and columns that fill ``width`` x ``height`` px."""
    room = width // max(1, width // WALL.cell[0])
    rows = max(1, round(height / WALL.cell[1]))
    beside = WALL.head + STRIP + WALL.foot + WALL.gap
    return replace(WALL, width=room - WALL.gap, picture=height // rows - beside)


def filling(width: int) -> TileMetrics:
    """Small tiles that fill a row of ``width`` px, for a grid that scrolls."""
    return _tile(width // max(1, width // (_NARROWEST + 70)), 2 * WIDEST)


def _room(style: TileMetrics) -> int:
    """From how many px for a tile and its gap on this style is used."""
    return 340 if style is LARGE else style.width


def _tile(room: int, tallest: int, style: TileMetrics | None = None) -> TileMetrics:
    style = style or next((each for each in (LARGE, MEDIUM) if room >= _room(each)), SMALL)
    width = min(WIDEST, room - style.gap)
    beside = style.head + STRIP + style.foot + style.gap + (_BAR if style.bar else 0)
    return replace(style, width=width, picture=min((width - 12) * 3 // 4, tallest - beside))


def _picture_width(tile: TileMetrics) -> int:
    return min(tile.width - 12, tile.picture * 4 // 3)
