"""The live wall of plots: a list view of equal tiles that fills its width."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QListView, QStyle, QWidget

from ui.roles import Role
from ui.states import TileState
from ui.tile_delegate import TileDelegate
from ui.tile_metrics import TileMetrics, filling, fitting, named


class TileGrid(QListView):
    """Shows a model of plots. A click opens one; a click on a bad plot's place leads to the lane."""

    opened = Signal(str)  # name of the plot type
    lane_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles = TileDelegate(self)
        self._size = "fit"
        self._pressed_on = ""
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
        """Tiles of size "fit", "S", "M" or "L"."""
        self._size = size
        self.refit()

    def set_link_lost(self, lost: bool) -> None:
        """Paint all pictures at half strength while what they show may be old."""
        if self._tiles.link_lost != lost:
            self._tiles.link_lost = lost
            self.viewport().update()

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

    def reveal(self, name: str) -> None:
        """Make the tile of ``name`` the current one and scroll to it."""
        for row in range(self.model().rowCount()):
            index = self.model().index(row, 0)
            if index.data(Role.NAME) == name:
                self.setCurrentIndex(index)
                self.scrollTo(index)

    def _wanted_metrics(self) -> TileMetrics:
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

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        point = event.position().toPoint()
        at = self.indexAt(point)
        if at.isValid() and self._pressed_on and at.data(Role.NAME) == self._pressed_on:
            self._clicked(at, point)
        self._pressed_on = ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().data(Role.NAME))
            return
        super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        over = self.indexAt(event.position().toPoint()).isValid()
        shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def _clicked(self, index: QModelIndex, point: QPoint) -> None:
        bad = index.data(Role.STATE) == TileState.MAJOR
        on_link = self._tiles.link_hit(self.visualRect(index), point)
        (self.lane_wanted if bad and on_link else self.opened).emit(index.data(Role.NAME))
