"""Where the cells of a confusion matrix are."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

ROOMY, LEGIBLE = 6, 11  # classes up to which axes, and row shares, are written


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the cells are, in px."""

    size: int
    left: float
    top: float
    width: float  # of a cell
    height: float
    gap: float

    def cell(self, row: int, column: int) -> QRectF:
        """The box of a cell."""
        x = self.left + column * (self.width + self.gap)
        y = self.top + row * (self.height + self.gap)
        return QRectF(x, y, self.width, self.height)

    def plot(self, row: int, column: int) -> QRectF:
        """The box of the histogram in a cell."""
        box = self.cell(row, column)
        roomy = self.size <= ROOMY
        head = (
            min(28.0, box.height() * 0.3) if self.size <= LEGIBLE else min(13.0, box.height() / 3)
        )
        side = 10.0 if roomy else 3.0
        return box.adjusted(side, head, -side, -18.0 if roomy else -3.0)

    def at(self, point: QPointF) -> tuple[int, int] | None:
        """Row and column under a point."""
        column = int((point.x() - self.left) // (self.width + self.gap))
        row = int((point.y() - self.top) // (self.height + self.gap))
        inside = 0 <= row < self.size and 0 <= column < self.size
        return (row, column) if inside and self.cell(row, column).contains(point) else None


def grid_of(size: int, width: float, height: float) -> Grid:
    """The layout of ``size`` classes on an area."""
    left, right = (118.0, 84.0) if size <= LEGIBLE else (86.0, 46.0)
    top, bottom = 34.0, 30.0
    gap = 6.0 if size <= ROOMY else 3.0
    room = max(1, size)
    cell_width = max(8.0, (width - left - right - gap * (room - 1)) / room)
    cell_height = max(8.0, (height - top - bottom - gap * (room - 1)) / room)
    return Grid(size, left, top, cell_width, cell_height, gap)
