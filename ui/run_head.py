"""The controls above the grid: filter, group, order, size, and what is hidden."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSlider,
    QWidget,
)

from ui.parts import IconFollower, label
from ui.tile_metrics import NARROWEST, SIZES, WIDEST

_ORDERS = (
    ("Order: fixed", "fixed"),
    ("Order: name", "name"),
    ("Order: need", "need"),
    ("Order: own", "own"),
)
ALL_GROUPS = "All groups"
OWN_SIZE = "own"


class RunHead(QWidget):
    """Says what a person chose; what it does happens outside."""

    filter_changed = Signal(str)
    unconfirmed_changed = Signal(bool)
    group_changed = Signal(str)  # empty: all
    order_changed = Signal(str)  # fixed, name, need, own
    size_changed = Signal(str)  # fit, S, M, L, or px
    hidden_shown = Signal(bool)
    brought_back = Signal(str)  # a plot; empty: all of them

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.count = label("0 / 0", "body", kind="muted")
        self.filter_box = QLineEdit()
        self.unconfirmed = QPushButton("Unconfirmed")
        self.groups, self.order, self.size_box = QComboBox(), QComboBox(), QComboBox()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.hidden = QPushButton()
        self.hidden_menu = QMenu(self.hidden)
        self._fill_narrowing()
        self._fill_sizes()
        self._lay_out()

    def show_groups(self, choices: Sequence[tuple[str, str]], chosen: str) -> None:
        """Words and keys of the groups; ``chosen`` is a key, or empty for all."""
        with QSignalBlocker(self.groups):
            self.groups.clear()
            self.groups.addItem(ALL_GROUPS, "")
            for words, key in choices:
                self.groups.addItem(words, key)
            self.groups.setCurrentIndex(max(0, self.groups.findData(chosen)))
        self.groups.setVisible(len(choices) > 1)

    def show_order(self, order: str) -> None:
        """Mark the order in force."""
        with QSignalBlocker(self.order):
            self.order.setCurrentIndex(max(0, self.order.findData(order)))

    def show_size(self, size: str, width: int) -> None:
        """Mark the size in force; ``width``: px of a tile now, for the slider."""
        with QSignalBlocker(self.size_box), QSignalBlocker(self.slider):
            key = size if size in SIZES else OWN_SIZE
            self.size_box.setCurrentIndex(self.size_box.findData(key))
            self.slider.setValue(width)

    def show_hidden(self, here: Sequence[str], ignored: Sequence[str], *, shown: bool) -> None:
        """What is hidden on this station and what the maintainer switched off, as a list."""
        self.hidden.setText(f" Hidden {len(here) + len(ignored)}")
        self.hidden.setVisible(bool(here or ignored))
        menu = self.hidden_menu
        menu.clear()
        show = menu.addAction("Show them in the grid")
        show.setCheckable(True)
        show.setChecked(shown)
        show.toggled.connect(self.hidden_shown)
        if here:
            menu.addSeparator()
            menu.addAction("Bring all back").triggered.connect(lambda: self.brought_back.emit(""))
        for name in here:
            action = menu.addAction(f"Bring back {name}")
            action.triggered.connect(lambda _on=False, one=name: self.brought_back.emit(one))
        if ignored:
            menu.addSeparator()
        for name in ignored:
            menu.addAction(f"{name}: switched off by the maintainer").setEnabled(False)

    def focus_filter(self) -> None:
        """Put the cursor into the filter box."""
        self.filter_box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter_box.selectAll()

    def _fill_narrowing(self) -> None:
        self.filter_box.setPlaceholderText("Filter (Ctrl+F)")
        self.filter_box.setAccessibleName("Filter plots by name")
        self.filter_box.setClearButtonEnabled(True)
        self.filter_box.setMinimumWidth(90)
        self.filter_box.setMaximumWidth(210)
        self.filter_box.textChanged.connect(self.filter_changed)
        self.unconfirmed.setCheckable(True)
        self.unconfirmed.setAccessibleName("Only unconfirmed plots")
        self.unconfirmed.setToolTip("Show only plots that a person should look at")
        self.unconfirmed.toggled.connect(self.unconfirmed_changed)
        self.groups.setAccessibleName("Group of plots")
        self.groups.currentIndexChanged.connect(self._group_chosen)
        self.show_groups((), "")
        self.hidden.setProperty("kind", "plain")
        self.hidden.setToolTip("Plots that are hidden, and how to bring them back")
        self.hidden.setMenu(self.hidden_menu)
        IconFollower(self.hidden, "hidden", 16)
        self.show_hidden((), (), shown=False)

    def _fill_sizes(self) -> None:
        self.order.setAccessibleName("Order of the plots")
        for word, key in _ORDERS:
            self.order.addItem(word, key)
        self.order.currentIndexChanged.connect(self._order_chosen)
        self.size_box.setAccessibleName("Size of the plots")
        for size in SIZES:
            self.size_box.addItem(f"Size: {size}", size)
        self.size_box.addItem("Size: own", OWN_SIZE)
        self.size_box.currentIndexChanged.connect(self._size_chosen)
        self.slider.setAccessibleName("Width of a plot in pixels")
        self.slider.setToolTip("Ctrl and the wheel do the same")
        self.slider.setRange(NARROWEST, WIDEST)
        self.slider.setSingleStep(10)
        self.slider.setMinimumWidth(60)
        self.slider.setMaximumWidth(110)
        self.slider.valueChanged.connect(self._slid)

    def _group_chosen(self, _row: int) -> None:
        self.group_changed.emit(self.groups.currentData() or "")

    def _order_chosen(self, _row: int) -> None:
        self.order_changed.emit(self.order.currentData())

    def _size_chosen(self, _row: int) -> None:
        chosen = self.size_box.currentData()
        self.size_changed.emit(str(self.slider.value()) if chosen == OWN_SIZE else chosen)

    def _slid(self, width: int) -> None:
        self.size_changed.emit(str(width))

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(label("Plots", "section"))
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(self.filter_box, 2)
        for control in (self.unconfirmed, self.groups, self.order, self.size_box):
            row.addWidget(control)
        row.addWidget(self.slider, 1)
        row.addWidget(self.hidden)
