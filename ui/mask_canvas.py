"""A picture on which areas are drawn with the mouse."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.hatch import inside, paint_masks

LEAST_PX = 4  # of a side: less is a click


class MaskCanvas(QWidget):
    """Areas are fractions of the picture. What is drawn comes out by signal and back by ``show_areas``."""

    drawn = Signal(QRectF)
    picked = Signal(int)  # an area that was clicked

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Picture of the plot: draw an area with the mouse")
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMinimumSize(400, 300)
        self._image = QImage()
        self._held: tuple[QRectF, ...] = ()
        self._areas: tuple[QRectF, ...] = ()
        self._chosen = -1
        self._from: QPointF | None = None
        self._to = QPointF()

    def sizeHint(self) -> QSize:
        return QSize(560, 420)

    def show_image(self, image: QImage) -> None:
        """The picture; a better one may follow."""
        self._image = image
        self.update()

    def show_held(self, held: Sequence[QRectF]) -> None:
        """What other masks leave out already."""
        self._held = tuple(held)
        self.update()

    def show_areas(self, areas: Sequence[QRectF], chosen: int) -> None:
        """What is drawn so far, and which of them the numbers are of."""
        self._areas, self._chosen = tuple(areas), chosen
        self.update()

    @property
    def picture(self) -> QRectF:
        """Where the picture is in the widget; without one the widget itself."""
        if self._image.isNull():
            return QRectF(self.rect())
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        return QRectF(left, top, size.width(), size.height())

    # ------------------------------------------------------------ what Qt calls

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours, painter, picture = theme.current(), QPainter(self), self.picture
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor(colours.sunken))
        if self._image.isNull():
            painter.setPen(QColor(colours.muted))
            words = "The picture is on its way. Areas can be typed."
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, words)
        else:
            painter.drawImage(picture, self._image)
        paint_masks(painter, picture, self._held)
        paint_masks(painter, picture, self._areas, self._chosen)
        if self._from is not None:
            painter.setPen(QPen(QColor(colours.focus), 2))
            painter.drawRect(QRectF(self._from, self._to).normalized())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._from = self._to = self._inside(event.position())
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            self._to = self._inside(event.position())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._from is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        box = QRectF(self._from, self._inside(event.position())).normalized()
        self._from = None
        if min(box.width(), box.height()) < LEAST_PX:
            self._pick(event.position())
        else:
            self.drawn.emit(self._fractions(box))
        self.update()

    def _pick(self, at: QPointF) -> None:
        """The topmost area under the mouse."""
        for number in reversed(range(len(self._areas))):
            if inside(self.picture, self._areas[number]).contains(at):
                self.picked.emit(number)
                return

    def _inside(self, at: QPointF) -> QPointF:
        picture = self.picture
        return QPointF(
            min(max(at.x(), picture.left()), picture.right()),
            min(max(at.y(), picture.top()), picture.bottom()),
        )

    def _fractions(self, box: QRectF) -> QRectF:
        picture = self.picture
        return QRectF(
            (box.left() - picture.left()) / picture.width(),
            (box.top() - picture.top()) / picture.height(),
            box.width() / picture.width(),
            box.height() / picture.height(),
        )
