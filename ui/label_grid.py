"""The grid of pictures that want a label: thousands deep, painted only where it is looked at."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QListView, QWidget

from ui.hover_picture import HoverPicture
from ui.label_delegate import GAP, LabelDelegate
from ui.label_roles import LabelRole

SMALLEST, LARGEST = 110, 460  # px, the width of a tile that may be asked for
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
        self._wished = 180
        self._hover = HoverPicture(self)
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
        # Always there, so that the width that the columns fill does not depend on how many rows there are.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.set_width(self._wished)

    def show_model(self, model: QAbstractItemModel) -> None:
        """Show ``model``, whose rows answer to ``LabelRole``."""
        self.setModel(model)
        self.selectionModel().currentChanged.connect(
            lambda now, _before: self.current_moved.emit(now)
        )
        model.rowsInserted.connect(self._scrolled)
        model.modelReset.connect(self._scrolled)

    def set_width(self, width: int) -> None:
        """Tiles about so wide (px), from ``SMALLEST`` to ``LARGEST``: as many columns as fill the grid."""
        self._wished = max(SMALLEST, min(LARGEST, width))
        room = self.viewport().width() - _SPARE
        columns = max(1, round(room / (self._wished + GAP)))
        self._tiles.width = max(SMALLEST, room // columns - GAP)
        if self.gridSize() != self._tiles.cell:
            self.setGridSize(QSize(self._tiles.cell))
            self.scheduleDelayedItemsLayout()
        self._scrolled()

    @property
    def columns(self) -> int:
        """How many tiles stand beside each other."""
        return max(1, self.viewport().width() // self.gridSize().width())

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

    def choose(self, rows: range) -> None:
        """Select these rows, the first of them current."""
        self.go_to(rows.start)
        model, how = self.model(), QItemSelectionModel.SelectionFlag.Select
        picked = QItemSelection(model.index(rows.start, 0), model.index(rows.stop - 1, 0))
        self.selectionModel().select(picked, how)

    def in_view(self) -> tuple[int, int]:
        """First and last row in view; (0, -1) when there is none."""
        if self.model() is None or not self.model().rowCount():
            return 0, -1
        cell, inside = self.gridSize(), self.viewport().rect()
        across = self.columns
        top = self.verticalScrollBar().value() // cell.height()
        down = inside.height() // cell.height() + 2
        last = self.model().rowCount() - 1
        return min(last, top * across), min(last, (top + down) * across - 1)

    # ------------------------------------------------------------ what Qt calls

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._hover.hide()
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
            columns = max(1, self.columns + (-1 if event.angleDelta().y() > 0 else 1))
            self.set_width((self.viewport().width() - _SPARE) // columns - GAP)
            self.zoomed.emit(self.tile_width)
            return
        super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.set_width(self._wished)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            self._show_hover(event)
            return True
        if event.type() in _ENDS_HOVER:
            self._hover.hide()
        return super().viewportEvent(event)

    def _show_hover(self, event: QHelpEvent) -> None:
        index = self.indexAt(event.pos())
        image = index.data(LabelRole.IMAGE) if index.isValid() else None
        if image is None:
            self._hover.hide()
            return
        words = f"{index.data(LabelRole.TITLE)}  {index.data(LabelRole.SAID)}"
        self._hover.show_picture(image, words, event.globalPos())

    def _scrolled(self, *_: object) -> None:
        first, last = self.in_view()
        if last < first:
            return
        self.looked_at.emit(first, last)
        if last + _END * self.columns >= self.model().rowCount():
            self.end_near.emit()


_SPARE = 2  # px that Qt's list keeps for itself; without them it wraps one tile too early
_ENDS_HOVER = {
    QEvent.Type.Leave,
    QEvent.Type.Wheel,
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonPress,
}
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
