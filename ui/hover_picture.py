"""The picture under the mouse, larger than its tile, for as long as the mouse rests on it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from ui.masked import fitted
from ui.parts import label

_ROOM = QSize(480, 360)
_BESIDE = 18  # px from the pointer


class HoverPicture(QFrame):
    """Like a tool tip: takes no focus, no clicks, and stays on the screen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.ToolTip)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setProperty("kind", "card")
        self.setAccessibleName("The picture under the mouse, larger")
        self._picture, self.words = QLabel(), label("", "small", kind="muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 6)
        column.addWidget(self._picture)
        column.addWidget(self.words)

    def show_picture(self, image: QImage, words: str, pointer: QPoint) -> None:
        """Show ``image`` beside the pointer (global)."""
        self._picture.setPixmap(fitted(image, _ROOM, self.devicePixelRatioF()))
        self.words.setText(words)
        self.adjustSize()
        self.move(self._place(pointer))
        self.show()

    def _place(self, pointer: QPoint) -> QPoint:
        box = QRect(pointer + QPoint(_BESIDE, _BESIDE), self.size())
        screen = self.screen().availableGeometry()
        if box.right() > screen.right():
            box.moveRight(pointer.x() - _BESIDE)
        if box.bottom() > screen.bottom():
            box.moveBottom(screen.bottom())
        return box.topLeft()
