"""The mark on everything in a grid that is replayed and not live."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from ui import theme
from ui.type_scale import sized

WORD = "REPLAY"


def paint_replay(painter: QPainter, room: QRect, points: float) -> None:
    """A filled tag in the upper right corner of ``room``."""
    fill = theme.current().replay
    painter.save()
    painter.setFont(sized(points, QFont.Weight.Bold))
    width = painter.fontMetrics().horizontalAdvance(WORD) + 12
    height = painter.fontMetrics().height() + 2
    tag = QRectF(room.right() - width, room.top(), width, height)
    painter.setPen(QPen(QColor(fill.text), 1))
    painter.setBrush(QColor(fill.background))
    painter.drawRoundedRect(tag, 3, 3)
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, WORD)
    painter.restore()
