"""The live page: the grid of all plots with its filters, and the bad lane beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ui.bad_lane import BadLane
from ui.parts import IconFollower, label
from ui.tile_grid import TileGrid
from ui.tile_metrics import SIZES

_ORDERS = (("Order: fixed", "fixed"), ("Order: name", "name"), ("Order: need", "need"))
ALL_GROUPS = "All groups"


class RunPage(QWidget):
    """Grid and lane; what to show in them comes from outside."""

    filter_changed = Signal(str)
    group_changed = Signal(str)  # empty: all
    order_changed = Signal(str)  # fixed, name, need
    size_changed = Signal(str)  # fit, S, M, L
    hidden_shown = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.grid = TileGrid()
        self.lane = BadLane()
        self.count = label("0", "body", kind="muted")
        self.filter_box = QLineEdit()
        self.groups = QComboBox()
        self.order = QComboBox()
        self.size_box = QComboBox()
        self.hidden = QPushButton()
        self._empty = label("", "section", kind="muted")
        self._pages = QStackedWidget()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.grid.lane_wanted.connect(self.lane.reveal)
        self._fill_controls()
        self._lay_out()

    def show_groups(self, groups: Sequence[str]) -> None:
        """The groups to choose from; the choice stays if it still exists."""
        chosen = self.groups.currentText()
        with QSignalBlocker(self.groups):
            self.groups.clear()
            self.groups.addItems([ALL_GROUPS, *groups])
            self.groups.setCurrentText(chosen if chosen in groups else ALL_GROUPS)
        self.groups.setVisible(len(groups) > 1)

    def show_hidden(self, count: int) -> None:
        """How many plots are hidden because their plot type is ignored."""
        self.hidden.setText(f" Hidden {count}")
        self.hidden.setVisible(count > 0)

    def show_count(self, shown: int, total: int) -> None:
        """The number beside "Plots"."""
        self.count.setText(str(total) if shown == total else f"{shown} of {total}")

    def show_empty(self, sentence: str) -> None:
        """A sentence in place of the grid; empty text shows the grid."""
        self._empty.setText(sentence)
        self._pages.setCurrentIndex(1 if sentence else 0)

    @property
    def sentence(self) -> str:
        """What stands in place of the grid; empty while the grid is shown."""
        return self._empty.text() if self._pages.currentIndex() == 1 else ""

    def choose_size(self, size: str) -> None:
        """Set the size box and the grid without telling anybody."""
        with QSignalBlocker(self.size_box):
            self.size_box.setCurrentIndex(self.size_box.findData(size))
        self.grid.set_size(size)

    def set_link_lost(self, lost: bool) -> None:
        """Show that the pictures may be old."""
        self.grid.set_link_lost(lost)
        self.lane.set_link_lost(lost)

    def _fill_controls(self) -> None:
        self.filter_box.setPlaceholderText("Filter by name (Ctrl+F)")
        self.filter_box.setAccessibleName("Filter plots by name")
        self.filter_box.setClearButtonEnabled(True)
        self.filter_box.setFixedWidth(210)
        self.filter_box.textChanged.connect(self.filter_changed)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.activated.connect(self._find)
        self.groups.setAccessibleName("Group of plots")
        self.groups.currentTextChanged.connect(self._group_chosen)
        self.show_groups(())
        self.order.setAccessibleName("Order of the plots")
        for word, key in _ORDERS:
            self.order.addItem(word, key)
        self.order.currentIndexChanged.connect(self._order_chosen)
        self.size_box.setAccessibleName("Size of the plots")
        for size in SIZES:
            self.size_box.addItem(f"Size: {size}", size)
        self.size_box.currentIndexChanged.connect(self._size_chosen)
        self.hidden.setProperty("kind", "plain")
        self.hidden.setCheckable(True)
        self.hidden.setToolTip("Show plots that are set to be ignored")
        IconFollower(self.hidden, "hidden", 16)
        self.hidden.toggled.connect(self.hidden_shown)
        self.show_hidden(0)

    def _find(self) -> None:
        self.filter_box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter_box.selectAll()

    def _group_chosen(self, text: str) -> None:
        self.group_changed.emit("" if text == ALL_GROUPS else text)

    def _order_chosen(self, _row: int) -> None:
        self.order_changed.emit(self.order.currentData())

    def _size_chosen(self, _row: int) -> None:
        self.grid.set_size(self.size_box.currentData())
        self.size_changed.emit(self.size_box.currentData())

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 8, 0)
        head.setSpacing(10)
        head.addWidget(label("Plots", "section"))
        head.addWidget(self.count)
        head.addStretch(1)
        for control in (self.filter_box, self.groups, self.order, self.size_box, self.hidden):
            head.addWidget(control)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._pages.addWidget(self.grid)
        self._pages.addWidget(self._empty)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(16, 6, 6, 4)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._pages, 1)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.lane)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.setCollapsible(0, False)
        self.splitter.setCollapsible(1, False)
        self.splitter.setHandleWidth(4)
        self.splitter.setSizes([1140, 376])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.splitter)
