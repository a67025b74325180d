"""The mark of a class: a square in its colour. The word stands beside it, always."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.matrix_figures import ClassMark
from ui.tokens import class_colour


class Swatch(QWidget):
    """Follows the theme by itself."""

    def __init__(self, mark: ClassMark, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = mark
        self.setFixedSize(14, 14)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, colours = QPainter(self), theme.current()
        painter.setPen(QPen(QColor(colours.text), 1))
        painter.setBrush(
            QColor(class_colour(colours, self._mark.name, self._mark.severity, self._mark.colour))
        )
        painter.drawRect(QRectF(0.5, 0.5, 12, 12))
