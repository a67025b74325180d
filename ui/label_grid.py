"""The grid of pictures that want a label: thousands deep, painted only where it is looked at."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QListView, QWidget

from ui.label_delegate import LabelDelegate

SMALLEST, LARGEST = 110, 460  # px, width of a tile
_END = 3  # rows of tiles from the end at which more are wanted


class LabelGrid(QListView):
    """Selection by rubber band, Shift, Ctrl and Ctrl+A; what keys mean is decided outside."""

    key = Signal(object)  # QKeyEvent that the grid does not use itself
    looked_at = Signal(int, int)  # first and last row in view
    end_near = Signal()
    current_moved = Signal(QModelIndex)
    clicked_with = Signal(QModelIndex, bool)  # index, whether Shift was held
    zoomed = Signal(int)  # new width of a tile
    space_held = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles = LabelDelegate(self)
        self.setAccessibleName("Pictures to label")
        self.setItemDelegate(self._tiles)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(500)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setSelectionRectVisible(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.set_width(180)

    def show_model(self, model: QAbstractItemModel) -> None:
        """Show ``model``, whose rows answer to ``LabelRole``."""
        self.setModel(model)
        self.selectionModel().currentChanged.connect(
            lambda now, _before: self.current_moved.emit(now)
        )
        model.rowsInserted.connect(self._scrolled)
        model.modelReset.connect(self._scrolled)

    def set_width(self, width: int) -> None:
        """Tiles so wide (px), from ``SMALLEST`` to ``LARGEST``."""
        self._tiles.width = max(SMALLEST, min(LARGEST, width))
        self.setGridSize(QSize(self._tiles.cell))
        self.scheduleDelayedItemsLayout()
        self._scrolled()

    @property
    def tile_width(self) -> int:
        """The width of a tile."""
        return self._tiles.width

    def chosen(self) -> list[QModelIndex]:
        """What a key acts on: the selection in order, else the current tile."""
        selected = sorted(self.selectedIndexes(), key=lambda index: index.row())
        current = self.currentIndex()
        return selected or ([current] if current.isValid() else [])

    def go_to(self, row: int) -> None:
        """Make ``row`` the current and only selected one, and bring it into view."""
        index = self.model().index(row, 0)
        if index.isValid():
            how = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().setCurrentIndex(index, how)
            self.scrollTo(index)

    def in_view(self) -> tuple[int, int]:
        """First and last row in view; (0, -1) when there is none."""
        if self.model() is None or not self.model().rowCount():
            return 0, -1
        cell, inside = self.gridSize(), self.viewport().rect()
        across = max(1, inside.width() // cell.width())
        top = self.verticalScrollBar().value() // cell.height()
        down = inside.height() // cell.height() + 2
        last = self.model().rowCount() - 1
        return min(last, top * across), min(last, (top + down) * across - 1)

    # ------------------------------------------------------------ what Qt calls

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self.space_held.emit(True)
            return
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if (event.key() in _OWN and not control) or event.matches(_ALL):
            super().keyPressEvent(event)
            return
        self.key.emit(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.space_held.emit(False)
            return
        super().keyReleaseEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() is Qt.MouseButton.LeftButton:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.clicked_with.emit(index, shift)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_width(self.tile_width + (20 if event.angleDelta().y() > 0 else -20))
            self.zoomed.emit(self.tile_width)
            return
        super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._scrolled()

    def _scrolled(self, *_: object) -> None:
        first, last = self.in_view()
        if last < first:
            return
        self.looked_at.emit(first, last)
        across = max(1, self.viewport().width() // self.gridSize().width())
        if last + _END * across >= self.model().rowCount():
            self.end_near.emit()


_ALL = QKeySequence.StandardKey.SelectAll
_OWN = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
}
