"""A picture carries its own masked areas, so that whoever shows it hatches them: one way for all places."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap

from ui.hatch import paint_masks

_KEY = "hydra masked areas"  # a text of the image: Qt hands it on to scaled copies


def marked(image: QImage, areas: Iterable[QRectF]) -> QImage:
    """``image`` with the areas (fractions of it) that it was judged without."""
    if words := ";".join(f"{a.x()!r},{a.y()!r},{a.width()!r},{a.height()!r}" for a in areas):
        image.setText(_KEY, words)
    return image


def areas_of(image: QImage) -> tuple[QRectF, ...]:
    """The areas that ``image`` was judged without, in fractions of it."""
    words = image.text(_KEY)
    return tuple(
        QRectF(*(float(side) for side in each.split(","))) for each in words.split(";") if each
    )


def fitted(image: QImage, room: QSize, ratio: float) -> QPixmap:
    """``image`` whole, in its own proportions, in ``room`` px on a screen of ``ratio``, and hatched."""
    scaled = image.scaled(
        room * ratio,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    pixmap = QPixmap.fromImage(scaled)
    pixmap.setDevicePixelRatio(ratio)
    if areas := areas_of(image):
        painter = QPainter(pixmap)
        paint_masks(painter, QRectF(0, 0, *pixmap.deviceIndependentSize().toTuple()), areas)
        painter.end()
    return pixmap
