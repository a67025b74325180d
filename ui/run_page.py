"""The live page: the grid of all plots with its controls, and the bad lane beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ui.bad_lane import WIDEST_LANE, BadLane
from ui.parts import label
from ui.run_head import RunHead
from ui.tile_grid import TileGrid

_SIZES = [1140, 376]


class RunPage(QWidget):
    """Grid and lane; what to show in them comes from outside."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.head, self.grid, self.lane = RunHead(), TileGrid(), BadLane()
        self._empty = label("", "section", kind="muted")
        self._pages = QStackedWidget()
        self._left = QWidget()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.grid.lane_wanted.connect(self.lane.reveal)
        self.grid.resized.connect(self._show_width)
        self._size, self._wall = "fit", False
        self._lanes, self._past = 2, False
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.activated.connect(self.head.focus_filter)
        self._lay_out()

    def show_count(self, shown: int, total: int) -> None:
        """The numbers beside "Plots"."""
        self.head.count.setText(f"{shown} / {total}")

    def show_empty(self, sentence: str) -> None:
        """A sentence in place of the grid; empty text shows the grid."""
        self._empty.setText(sentence)
        self._pages.setCurrentIndex(1 if sentence else 0)

    @property
    def sentence(self) -> str:
        """What stands in place of the grid; empty while the grid is shown."""
        return self._empty.text() if self._pages.currentIndex() == 1 else ""

    def choose_size(self, size: str) -> None:
        """Set controls and grid without telling anybody."""
        self._size = size
        self.grid.set_size(size)
        self._show_width()

    @property
    def tile_size(self) -> str:
        """The size in force."""
        return self._size

    def choose_lanes(self, lanes: int) -> None:
        """Two lanes, or one in which bad plots keep their pictures."""
        self._lanes = lanes
        self.lane.setVisible(lanes == 2)
        self._place_bad()

    def show_past(self, on: bool) -> None:
        """The grid is of then: its bad plots are not in the lane, which is of now."""
        self._past = on
        self._place_bad()

    def widen_lane(self, by: int) -> None:
        """The keyboard's way to move the splitter."""
        left, right = self.splitter.sizes()
        self.splitter.setSizes([left - by, right + by])

    def reset_lanes(self) -> None:
        """The lane as wide as at first."""
        self.splitter.setSizes(_SIZES)

    def set_link_lost(self, lost: bool) -> None:
        """Show that the pictures may be old."""
        self.grid.set_link_lost(lost)
        self.lane.set_link_lost(lost)

    def set_wall(self, on: bool) -> None:
        """Without controls, for the wall."""
        self._wall = on
        self.head.setVisible(not on)
        self.lane.set_wall(on)
        self.lane.setMaximumWidth(WIDEST_LANE)
        self.reset_lanes()
        self._share_wall()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_wall()

    def _place_bad(self) -> None:
        self.grid.set_bad_pictures(self._past or self._lanes != 2)

    def _share_wall(self) -> None:
        """On the wall the lane has a third of the width, however wide that is."""
        if self._wall:
            third = self.width() // 3
            self.lane.setMaximumWidth(third)
            self.splitter.setSizes([self.width() - third, third])

    def _show_width(self) -> None:
        self.head.show_size(self._size, self.grid.tile_width)

    def _lay_out(self) -> None:
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._pages.addWidget(self.grid)
        self._pages.addWidget(self._empty)
        column = QVBoxLayout(self._left)
        column.setContentsMargins(16, 6, 6, 4)
        column.setSpacing(8)
        column.addWidget(self.head)
        column.addWidget(self._pages, 1)
        self.splitter.addWidget(self._left)
        self.splitter.addWidget(self.lane)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.setCollapsible(0, False)
        self.splitter.setCollapsible(1, False)
        self.splitter.setHandleWidth(4)
        self.reset_lanes()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.splitter)
