"""Pictures scaled once for the place where they are painted, so that a repaint is cheap."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap

from ui.hatch import paint_masks
from ui.masked import areas_of


class PixmapCache:
    """The newest scaled pictures, by picture and size."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: OrderedDict[tuple[int, int, int, float], QPixmap] = OrderedDict()

    def draw(self, painter: QPainter, room: QRect, image: QImage) -> QRectF:
        """Draw ``image`` whole and in its own proportions into the middle of ``room``; where it is.

        What it was judged without is not hatched yet: ``draw_marked`` does it.
        """
        pixmap = self._fitted(image, room.size(), painter.device().devicePixelRatioF())
        size = pixmap.deviceIndependentSize()
        left = room.left() + (room.width() - size.width()) / 2
        top = room.top() + (room.height() - size.height()) / 2
        painter.drawPixmap(QPointF(left, top), pixmap)
        return QRectF(QPointF(left, top), size)

    def draw_marked(
        self, painter: QPainter, room: QRect, image: QImage, *, see_through: bool = False
    ) -> None:
        """The same, hatched where it was not judged."""
        place = self.draw(painter, room, image)
        paint_masks(painter, place, areas_of(image), see_through=see_through)

    def stretch(
        self, painter: QPainter, place: QRect, image: QImage, make: Callable[[QImage], QImage]
    ) -> None:
        """Draw what ``make`` makes of ``image`` over all of ``place``; made once."""
        key = (image.cacheKey(), place.width(), place.height(), -1.0)
        if (held := self._held.get(key)) is None:
            scaled = make(image).scaled(
                place.size(),
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            held = self._held[key] = QPixmap.fromImage(scaled)
            self._trim()
        painter.drawPixmap(place, held)

    def _trim(self) -> None:
        if len(self._held) > self._limit:
            self._held.popitem(last=False)

    def _fitted(self, image: QImage, size: QSize, ratio: float) -> QPixmap:
        key = (image.cacheKey(), size.width(), size.height(), ratio)
        if (held := self._held.get(key)) is not None:
            self._held.move_to_end(key)
            return held
        scaled = image.scaled(
            size * ratio,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        pixmap = QPixmap.fromImage(scaled)
        pixmap.setDevicePixelRatio(ratio)
        self._held[key] = pixmap
        self._trim()
        return pixmap
