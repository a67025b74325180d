"""All masks of the server: how old they are, whose they are, and how they end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.parts import BadgeLabel, label
from ui.states import TileState

ORDERS = (("Oldest first", "age"), ("By owner", "owner"), ("By plot", "plot"))
_HEADS = ("Plot", "Standing", "Masked", "Reason", "Contact or entry", "Set by", "Since", "Until")
_NONE = "No area of any plot is masked. A mask is set where a plot is shown in full: Mask an area."


@dataclass(frozen=True, slots=True)
class MaskLine:
    """One mask, ready to show: a word for each column."""

    number: int
    plot: str
    words: tuple[str, ...]
    standing: bool  # nobody has ended it


class MasksPage(QWidget):
    """What is wanted goes out by signal; what the server has comes back and is shown."""

    back = Signal()
    changed = Signal()  # the order, or whether ended ones are shown
    end_wanted = Signal(int)
    plot_wanted = Signal(str)
    another_wanted = Signal(str)  # a further mask on this plot

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.table = QTableWidget(0, len(_HEADS))
        self.order, self.with_ended = QComboBox(), QCheckBox("Ended ones too")
        self.end, self.plot = QPushButton("End this mask"), QPushButton("Show the plot")
        self.another = QPushButton("Mask more of it")
        self.note = label("", "body", kind="muted")
        self._lines: tuple[MaskLine, ...] = ()
        self._fill_controls()
        self._lay_out()
        self._enable()

    def show_lines(self, lines: Sequence[MaskLine]) -> None:
        """Replace all rows; the chosen mask stays chosen."""
        held = self.chosen
        self._lines = tuple(lines)
        self.table.setRowCount(len(lines))
        for place, line in enumerate(lines):
            for column, word in enumerate(line.words):
                item = QTableWidgetItem(word)
                item.setToolTip(word)
                self.table.setItem(place, column, item)
            if held is not None and line.number == held.number:
                self.table.selectRow(place)
        self._enable()

    def show_note(self, words: str) -> None:
        """What the server said."""
        self.note.setText(words or ("" if self._lines else _NONE))

    @property
    def chosen(self) -> MaskLine | None:
        """The mask whose row is selected."""
        rows = {index.row() for index in self.table.selectedIndexes()}
        place = min(rows, default=-1)
        return self._lines[place] if 0 <= place < len(self._lines) else None

    def _enable(self) -> None:
        line = self.chosen
        self.end.setEnabled(line is not None and line.standing)
        for button in (self.plot, self.another):
            button.setEnabled(line is not None)

    def _end(self) -> None:
        if (line := self.chosen) is not None:
            self.end_wanted.emit(line.number)

    def _show_plot(self) -> None:
        if (line := self.chosen) is not None:
            self.plot_wanted.emit(line.plot)

    def _mask_more(self) -> None:
        if (line := self.chosen) is not None:
            self.another_wanted.emit(line.plot)

    def _fill_controls(self) -> None:
        self.order.setAccessibleName("Order of the masks")
        for words, key in ORDERS:
            self.order.addItem(words, key)
        self.order.currentIndexChanged.connect(self.changed)
        self.with_ended.toggled.connect(self.changed)
        table = self.table
        table.setAccessibleName("Masks")
        table.setHorizontalHeaderLabels(list(_HEADS))
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.horizontalHeader().setStretchLastSection(True)
        table.itemSelectionChanged.connect(self._enable)
        self.end.clicked.connect(self._end)
        self.plot.clicked.connect(self._show_plot)
        self.another.clicked.connect(self._mask_more)

    def _lay_out(self) -> None:
        back = QPushButton("Back to the plots")
        back.clicked.connect(self.back)
        head = QHBoxLayout()
        head.setSpacing(10)
        for widget in (back, BadgeLabel(TileState.MASKED, 20), label("Masks", "section")):
            head.addWidget(widget)
        head.addWidget(self.note, 1)
        head.addWidget(self.with_ended)
        head.addWidget(self.order)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        for button in (self.end, self.plot, self.another):
            foot.addWidget(button)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addLayout(foot)
