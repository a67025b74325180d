"""One picture at full resolution: fits at first, wheel zooms, dragging moves, a double click fits again."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsPixmapItem, QGraphicsScene, QGraphicsView, QWidget

_STEP, _CLOSEST = 1.25, 16.0


class PictureView(QGraphicsView):
    """Never recolours: the model saw the picture so."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Picture of the plot")
        self._fits = True
        self._item = QGraphicsPixmapItem()
        self._item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        scene = QGraphicsScene(self)
        scene.addItem(self._item)
        self.setScene(scene)
        self.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_image(self, image: QImage, *, keep_view: bool = False) -> None:
        """Show ``image``; ``keep_view``: it is the same plot in a better resolution."""
        self._item.setPixmap(QPixmap.fromImage(image))
        self.setSceneRect(QRectF(self._item.boundingRect()))
        if self._fits or not keep_view:
            self.fit()

    def set_faded(self, faded: bool) -> None:
        """Half strength while the link is lost."""
        self._item.setOpacity(0.5 if faded else 1.0)

    def fit(self) -> None:
        """The whole picture, as large as there is room, but not larger than life."""
        self._fits = True
        self.resetTransform()
        self.fitInView(self._item, Qt.AspectRatioMode.KeepAspectRatio)

    def zoom(self, factor: float) -> None:
        """Come closer (more than 1) or go away, about the point under the mouse."""
        if self.transform().m11() * factor > _CLOSEST:
            return
        if factor < 1 and self._whole_picture_is_visible():
            self.fit()
            return
        self._fits = False
        self.scale(factor, factor)

    def _whole_picture_is_visible(self) -> bool:
        seen = self.mapToScene(self.viewport().rect()).boundingRect()
        return bool(seen.contains(self.sceneRect()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fits:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(_STEP if event.angleDelta().y() > 0 else 1 / _STEP)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.text():
            case "+" | "=":
                self.zoom(_STEP)
            case "-":
                self.zoom(1 / _STEP)
            case "0":
                self.fit()
            case _:
                event.ignore()  # Left, Right and Esc belong to the page
