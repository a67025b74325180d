"""The live wall of plots: a list view of equal tiles that fills its width."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QListView, QStyle, QWidget

from ui.roles import Fold, Role
from ui.states import TileState
from ui.tile_delegate import TileDelegate
from ui.tile_metrics import TileMetrics, filling, fitting, named, wall

WALL_SIZE = "wall"
_CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: +1}


class TileGrid(QListView):
    """Shows a model of plots. A click opens one; a click on a bad plot's place leads to the lane."""

    opened = Signal(str)  # name of the plot type
    lane_wanted = Signal(str)
    moved = Signal(str, str)  # a plot, and the one whose place it takes
    unfold_wanted = Signal(str)  # name of a group
    menu_wanted = Signal(str, QPoint)  # a plot, and where on the screen
    zoomed = Signal(int)  # px that a tile shall be wider
    resized = Signal()  # a tile has another width

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles = TileDelegate(self)
        self._size = "fit"
        self._pressed_on, self._pressed_at, self._dragging = "", QPoint(), False
        self.setAccessibleName("Plots")
        self.setItemDelegate(self._tiles)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)

    def show_model(self, model: QAbstractItemModel) -> None:
        """Show ``model``, whose rows answer to ``Role``."""
        self.setModel(model)
        for changed in (
            model.rowsInserted,
            model.rowsRemoved,
            model.modelReset,
            model.layoutChanged,
        ):
            changed.connect(self.refit)
        self.refit()

    def set_size(self, size: str) -> None:
        """Tiles of size "fit", "S", "M", "L" or a width in px."""
        self._size = size
        self.refit()

    def set_link_lost(self, lost: bool) -> None:
        """Paint all pictures at half strength while what they show may be old."""
        if self._tiles.link_lost != lost:
            self._tiles.link_lost = lost
            self.viewport().update()

    def set_bad_pictures(self, kept: bool) -> None:
        """Whether bad plots keep their pictures in the grid: there is no lane for them."""
        self._tiles.bad_pictures = kept
        self.viewport().update()

    @property
    def tile_width(self) -> int:
        """Px of a tile now."""
        return self._tiles.metrics.width

    @property
    def link_lost(self) -> bool:
        """Whether the pictures are painted at half strength."""
        return self._tiles.link_lost

    def refit(self) -> None:
        """Choose the tile size again: the room or the number of plots changed."""
        if self.model() is None:
            return
        metrics = self._wanted_metrics()
        if metrics != self._tiles.metrics or self.gridSize().isEmpty():
            self._tiles.metrics = metrics
            self.setGridSize(QSize(*metrics.cell))
            self.scheduleDelayedItemsLayout()
            self.resized.emit()

    def reveal(self, name: str) -> None:
        """Make the tile of ``name`` the current one and scroll to it."""
        for row in range(self.model().rowCount()):
            index = self.model().index(row, 0)
            if index.data(Role.NAME) == name:
                self.setCurrentIndex(index)
                self.scrollTo(index)

    def turn_page(self) -> None:
        """Show the next rows that fit; after the last ones the first."""
        bar, cell = self.verticalScrollBar(), self.gridSize().height()
        step = max(1, self.viewport().height() // max(1, cell)) * cell
        at_end = bar.value() >= bar.maximum()
        bar.setValue(0 if at_end else min(bar.maximum(), bar.value() + step))

    def _wanted_metrics(self) -> TileMetrics:
        if self._size == WALL_SIZE:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            room = self.contentsRect()
            return wall(room.width() - 1, room.height())
        if self._size != "fit":
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
            return named(self._size)
        count, inside = self.model().rowCount(), self.contentsRect()
        # One pixel less: Qt wraps a row that fills the width to the last pixel.
        metrics = fitting(count, inside.width() - 1, inside.height())
        if metrics is not None:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            return metrics
        # Qt lays out as if the scroll bar were there as soon as it may come.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self)
        return filling(inside.width() - 1 - bar)

    # ------------------------------------------------------------ what Qt calls

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        at = self.indexAt(event.position().toPoint())
        left = event.button() is Qt.MouseButton.LeftButton
        self._pressed_on = at.data(Role.NAME) if at.isValid() and left else ""
        self._pressed_at, self._dragging = event.position().toPoint(), False

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        point = event.position().toPoint()
        at = self.indexAt(point)
        if at.isValid() and self._pressed_on:
            if at.data(Role.NAME) != self._pressed_on:
                self.moved.emit(self._pressed_on, at.data(Role.NAME))
            elif not self._dragging:
                self._clicked(at, point)
        self._pressed_on, self._dragging = "", False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex())
            return
        if event.key() in _STEPS and event.modifiers() == _CTRL_SHIFT:
            self._move_current(_STEPS[Qt.Key(event.key())])
            return
        super().keyPressEvent(event)

    def _move_current(self, by: int) -> None:
        """The keyboard's way to drag a tile."""
        here = self.currentIndex()
        there = self.model().index(here.row() + by, 0)
        if here.isValid() and there.isValid():
            self.moved.emit(here.data(Role.NAME), there.data(Role.NAME))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        at = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if at.isValid():
            where = event.globalPos() if by_mouse else self._middle_of(at)
            self.menu_wanted.emit(at.data(Role.NAME), where)

    def _middle_of(self, index: QModelIndex) -> QPoint:
        return self.viewport().mapToGlobal(self.visualRect(index).center())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoomed.emit(20 if event.angleDelta().y() > 0 else -20)
            event.accept()
            return
        super().wheelEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        over = self.indexAt(event.position().toPoint()).isValid()
        far = (event.position().toPoint() - self._pressed_at).manhattanLength()
        self._dragging |= bool(self._pressed_on) and far >= QApplication.startDragDistance()
        shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
        shape = Qt.CursorShape.ClosedHandCursor if self._dragging else shape
        self.viewport().setCursor(shape)

    def _open(self, index: QModelIndex) -> None:
        fold: Fold | None = index.data(Role.FOLD)
        if fold is not None:
            self.unfold_wanted.emit(fold.group)
        else:
            self.opened.emit(index.data(Role.NAME))

    def _clicked(self, index: QModelIndex, point: QPoint) -> None:
        bad = index.data(Role.STATE) == TileState.MAJOR and not self._tiles.bad_pictures
        on_link = self._tiles.link_hit(self.visualRect(index), point)
        if bad and on_link and index.data(Role.FOLD) is None:
            self.lane_wanted.emit(index.data(Role.NAME))
        else:
            self._open(index)
