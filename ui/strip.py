"""The last verdicts of a plot as a row of small bars: the worse, the taller."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.states import WORDS, TileState, fill_of

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


def strip_words(states: Sequence[TileState]) -> str:
    """The same for those who do not see it: "Last 20 verdicts: 12 bad, 8 good"."""
    counts = Counter(states)
    parts = [f"{counts[state]} {WORDS[state]}" for state in sorted(counts, reverse=True)]
    return f"Last {len(states)} verdicts: {', '.join(parts)}"


def strip_pixmap(states: Sequence[TileState], size: QSize, ratio: float) -> QPixmap:
    """The strip as a picture of ``size`` for a cell of a table."""
    made = QPixmap(size * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.scale(1, size.height() / HEIGHT)
    paint_strip(painter, QRectF(0, 0, size.width(), HEIGHT), states)
    painter.end()
    return made


class Strip(QWidget):
    """The strip with a word for it, twice as tall as in a tile."""

    def __init__(self) -> None:
        super().__init__()
        self.states: tuple[TileState, ...] = ()
        self.setFixedHeight(2 * HEIGHT)
        self.setMaximumWidth(240)

    def show_states(self, states: Sequence[TileState]) -> None:
        """Without any it is hidden."""
        self.states = tuple(states)
        self.setVisible(bool(states))
        self.setAccessibleName(strip_words(states) if states else "")
        self.setToolTip(self.accessibleName())
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.scale(1, 2)
        paint_strip(painter, QRectF(0, 0, self.width(), HEIGHT), self.states)
