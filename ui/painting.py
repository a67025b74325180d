"""What several delegates paint alike: lines of text, frames, heads of cards."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPen

Index = QModelIndex | QPersistentModelIndex


def write(
    painter: QPainter,
    box: QRect,
    text: str,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """One line, elided where it does not fit."""
    shown = QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | align, shown)


def outline(painter: QPainter, box: QRect, colour: str, width: int) -> None:
    """A rounded frame that lies wholly inside ``box``."""
    half = width / 2
    painter.setPen(QPen(QColor(colour), width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(box).adjusted(half, half, -half, -half), 6, 6)


def underline(painter: QPainter, box: QRect, head: int, colour: str, width: int) -> None:
    """What makes an outline of the head of a card."""
    line = QRectF(box.left(), box.top() + head - width, box.width(), width)
    painter.fillRect(line, QColor(colour))


def rounded_top(box: QRect, height: int) -> QPainterPath:
    """The head of a card: its two upper corners are round."""
    card, head = QPainterPath(), QPainterPath()
    card.addRoundedRect(QRectF(box), 6, 6)
    head.addRect(QRectF(box.left(), box.top(), box.width(), height))
    return card.intersected(head)
