"""One picture at full resolution, with a heat map over it and a reference to compare it with."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPixmap,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsPixmapItem, QGraphicsScene, QGraphicsView, QWidget

from ui import heat
from ui.hatch import MaskItem
from ui.masked import areas_of

_STEP, _CLOSEST = 1.25, 16.0
_BLINK_MS = 600  # each of the two; a cycle of 1.2 s stays below the 1 Hz that nobody may pass
_GAP = 0.03  # between two pictures side by side, in widths


class Compare(StrEnum):
    """How the reference is shown."""

    NONE = "none"
    BESIDE = "beside"
    BLINK = "blink"
    DIFFERENCE = "difference"


class PictureView(QGraphicsView):
    """Never recolours the picture: the model saw it so. Fits at first; wheel zooms, dragging moves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Picture of the plot")
        self._fits = True
        self._image, self._reference, self._map = QImage(), QImage(), QImage()
        self._compare = Compare.NONE
        self._turned = False  # while blinking: the reference is on top
        scene = QGraphicsScene(self)
        self._item, self._heat, self._other = (_item(scene) for _ in range(3))
        self._heat.setOpacity(0.5)
        self._heat.setZValue(2)
        self._other.setZValue(1)
        self._masks, self._told = MaskItem(), False
        self._masks.setZValue(3)
        scene.addItem(self._masks)
        self._blink = QTimer(self, interval=_BLINK_MS)
        self._blink.timeout.connect(self._turn)
        self.setScene(scene)
        self.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    # ------------------------------------------------------------ what is shown

    def show_image(self, image: QImage, *, keep_view: bool = False) -> None:
        """Show ``image``; ``keep_view``: it is the same plot in a better resolution."""
        self._image = image
        self._item.setPixmap(QPixmap.fromImage(image))
        if not self._told:
            self._masks.show_areas(areas_of(image))
        self._arrange()
        if self._fits or not keep_view:
            self.fit()

    def show_heat(self, grey: QImage | None) -> None:
        """Lay a map over the picture, stretched to it; None takes it away."""
        self._map = grey or QImage()
        self._heat.setPixmap(QPixmap.fromImage(heat.coloured(grey)) if grey else QPixmap())
        self._arrange()

    def show_masks(self, areas: Sequence[QRectF]) -> None:
        """Hatch these, in fractions of the picture, whatever the picture itself says."""
        self._told = True
        self._masks.show_areas(areas)

    def see_through_masks(self) -> None:
        """Hatch thinly: the whole picture is to be judged here."""
        self._masks.see_through = True

    def set_heat_opacity(self, share: float) -> None:
        """How strong the map is, 0..1."""
        self._heat.setOpacity(share)

    def show_reference(self, image: QImage | None) -> None:
        """What to compare the picture with; None: nothing."""
        self._reference = image or QImage()
        self._arrange()

    def compare(self, how: Compare) -> None:
        """Show the reference beside the picture, in turn with it, or what differs."""
        self._compare, self._turned = how, False
        self._arrange()
        self.fit()

    def set_faded(self, faded: bool) -> None:
        """Half strength while the link is lost."""
        self._item.setOpacity(0.5 if faded else 1.0)

    @property
    def has_heat(self) -> bool:
        """Whether a map lies over the picture."""
        return not self._map.isNull()

    @property
    def comparing(self) -> Compare:
        """How the reference is shown now: not at all without one."""
        return Compare.NONE if self._reference.isNull() else self._compare

    def rendered(self) -> QImage:
        """What is seen, at the picture's own resolution: for copying and saving."""
        area = self.sceneRect()
        made = QImage(area.size().toSize(), QImage.Format.Format_RGB32)
        made.fill(Qt.GlobalColor.white)
        painter = QPainter(made)
        self.scene().render(painter, QRectF(made.rect()), area)
        painter.end()
        return made

    # ------------------------------------------------------------ zoom

    def fit(self) -> None:
        """Everything, as large as there is room."""
        self._fits = True
        self.resetTransform()
        self.fitInView(self.sceneRect(), Qt.AspectRatioMode.KeepAspectRatio)

    def zoom(self, factor: float) -> None:
        """Come closer (more than 1) or go away, about the point under the mouse."""
        if self.transform().m11() * factor > _CLOSEST:
            return
        if factor < 1 and self._whole_picture_is_visible():
            self.fit()
            return
        self._fits = False
        self.scale(factor, factor)

    def closer(self) -> None:
        """One step in."""
        self.zoom(_STEP)

    def farther(self) -> None:
        """One step out."""
        self.zoom(1 / _STEP)

    def pan(self, across: int, down: int) -> None:
        """Move what is seen by so many steps; the keyboard's way to drag it."""
        for bar, steps in ((self.horizontalScrollBar(), across), (self.verticalScrollBar(), down)):
            bar.setValue(bar.value() + steps * bar.pageStep() // 8)

    def _whole_picture_is_visible(self) -> bool:
        seen = self.mapToScene(self.viewport().rect()).boundingRect()
        return bool(seen.contains(self.sceneRect()))

    # ------------------------------------------------------------ arranging

    def _arrange(self) -> None:
        room = QRectF(self._image.rect())
        if not self._map.isNull() and not self._image.isNull():
            self._heat.setTransform(
                QTransform.fromScale(
                    room.width() / self._map.width(), room.height() / self._map.height()
                )
            )
        self._masks.lay_over(QRectF(self._image.rect()))
        how = self.comparing
        self._other.setPos(0, 0)
        self._other.setPixmap(QPixmap.fromImage(self._compared(how)))
        self._other.setVisible(how in (Compare.BESIDE, Compare.DIFFERENCE) or self._turned)
        if how is Compare.BESIDE:
            self._other.setPos(room.width() * (1 + _GAP), 0)
            room.setWidth(room.width() * (2 + _GAP))
        if how is Compare.BLINK:
            self._blink.start()
        else:
            self._blink.stop()
        self.setSceneRect(room)

    def _compared(self, how: Compare) -> QImage:
        """The reference at the picture's size, or how far the two differ."""
        if how is Compare.NONE:
            return QImage()
        other = self._reference.scaled(
            self._image.size(),
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        ).convertToFormat(QImage.Format.Format_RGB32)
        if how is Compare.DIFFERENCE:
            painter = QPainter(other)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Difference)
            painter.drawImage(0, 0, self._image)
            painter.end()
            other.invertPixels()  # equal parts white, so that what differs is what has ink
        return other

    def _turn(self) -> None:
        self._turned = not self._turned
        self._other.setVisible(self._turned)

    # ------------------------------------------------------------ what Qt calls

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
                self.closer()
            case "-":
                self.farther()
            case "0":
                self.fit()
            case _:
                event.ignore()  # the other keys belong to the page


def _item(scene: QGraphicsScene) -> QGraphicsPixmapItem:
    made = QGraphicsPixmapItem()
    made.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
    scene.addItem(made)
    return made
