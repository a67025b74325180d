"""The last verdicts of a plot as a row of small bars: the worse, the taller."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from ui import theme
from ui.states import TileState, fill_of

LENGTH = 20
HEIGHT = 7  # px
_TALL = {
    TileState.GOOD: 2.0,
    TileState.MASKED: 2.0,
    TileState.NEUTRAL: 3.0,
    TileState.UNCONFIRMED: 4.0,
    TileState.STALE: 4.0,
    TileState.INVALID: 5.0,
    TileState.MINOR: 5.5,
    TileState.MAJOR: 7.0,
}


def paint_strip(painter: QPainter, room: QRectF, states: Sequence[TileState]) -> None:
    """``states`` oldest first; the newest stands at the right end."""
    cell = room.width() / LENGTH
    colours = theme.current()
    painter.setPen(Qt.PenStyle.NoPen)
    left = room.right() - cell * len(states)
    for place, state in enumerate(states):
        fill = fill_of(state, colours)
        colour = fill.background if fill else colours.border
        tall = _TALL.get(state, 2.0)
        painter.setBrush(QColor(colour))
        painter.drawRect(QRectF(left + cell * place, room.bottom() - tall, cell - 1.5, tall))
