"""Thresholds: one row for each class, what a tried one would have done, and who set them before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from ui.matrix_figures import ClassMark
from ui.parts import label, padded, restyle
from ui.swatch import Swatch

STEPS = 1000  # of a slider


@dataclass(frozen=True, slots=True)
class ThresholdLine:
    """A class with its threshold in force, and where that came from ("max-F1", "set by ann")."""

    mark: ClassMark
    value: float
    origin: str


@dataclass(frozen=True, slots=True)
class WhatIfRow:
    """One line of what would have happened."""

    words: str
    now: str
    then: str


class ThresholdPanel(QFrame):
    """Knows which value is tried; whoever listens finds out what it would do."""

    tried = Signal(str, float)  # class, value
    reverted = Signal()  # nothing is tried any more
    wanted = Signal(str, float, str, str)  # class, value, name, reason
    forced = Signal(str, float, str, str)  # the same after a conflict: set mine
    theirs_taken = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "rail")
        self._rows: dict[str, _Row] = {}
        self.trying: tuple[str, float] | None = None
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        self.table = _Table()
        self.counted = label("", "small", kind="muted")
        self.counted.setWordWrap(True)
        self.person, self.reason = QLineEdit(), QLineEdit()
        self.set_button, self.revert = QPushButton("Set"), QPushButton("Revert")
        self.message = label("")
        self.message.setWordWrap(True)
        self.take_theirs, self.set_mine = QPushButton("Take theirs"), QPushButton("Set mine")
        self.history = label("", "small", kind="muted")
        self.history.setWordWrap(True)
        self._join()
        self._lay_out()
        self.stop_trying()

    # ------------------------------------------------------------ what is shown

    def show_thresholds(self, lines: Sequence[ThresholdLine]) -> None:
        """Those in force; a value that is being tried stays."""
        if [line.mark for line in lines] != [row.mark for row in self._rows.values()]:
            for row in self._rows.values():
                row.deleteLater()
            self._rows = {}
            for line in lines:
                made = self._rows[line.mark.name] = _Row(line.mark)
                made.moved.connect(self.try_value)
                self._list.addWidget(made)
            self.stop_trying()
        for line in lines:
            self._rows[line.mark.name].show_line(line)
        if self.trying is not None:
            self._rows[self.trying[0]].show_tried(self.trying[1])

    def try_value(self, name: str, value: float) -> None:
        """Try a threshold; one class at a time."""
        if name not in self._rows or self.trying == (name, value):
            return
        if self.trying is not None and self.trying[0] != name:
            self._rows[self.trying[0]].show_tried(None)
        self.trying = name, value
        self._rows[name].show_tried(value)
        self.set_button.setText(f"Set {name} to {value:.2f}")
        self._enable()
        self.show_conflict("")
        self.tried.emit(name, value)

    def stop_trying(self) -> None:
        """Back to what is in force."""
        tried, self.trying = self.trying, None
        if tried is not None and tried[0] in self._rows:
            self._rows[tried[0]].show_tried(None)
        self.set_button.setText("Set")
        self.table.show_rows("", ())
        self.counted.setText("Move a slider, type a value, or drag a threshold in the matrix.")
        self.reason.clear()
        self.show_conflict("")
        self._enable()
        if tried is not None:
            self.reverted.emit()

    def show_what_if(self, title: str, rows: Sequence[WhatIfRow], counted: str) -> None:
        """What the tried value would have done."""
        self.table.show_rows(title, rows)
        self.counted.setText(counted)

    def show_conflict(self, sentence: str) -> None:
        """Somebody else was quicker: offer both ways. An empty sentence hides it."""
        self.message.setText(sentence)
        for widget in (self.message, self.take_theirs, self.set_mine):
            widget.setVisible(bool(sentence))

    def show_message(self, sentence: str) -> None:
        """What the server said."""
        self.show_conflict("")
        self.message.setText(sentence)
        self.message.setVisible(bool(sentence))

    def show_history(self, lines: Sequence[str]) -> None:
        """Who set what before, newest first."""
        self.history.setText("\n".join(lines))

    # ------------------------------------------------------------ parts

    def _join(self) -> None:
        self.person.setPlaceholderText("Your name")
        self.person.setAccessibleName("Your name")
        self.reason.setPlaceholderText("Why")
        self.reason.setAccessibleName("Reason for the new threshold")
        for field in (self.person, self.reason):
            field.textChanged.connect(self._enable)
            field.returnPressed.connect(self.set_button.click)
        self.set_button.setProperty("kind", "primary")
        self.set_button.clicked.connect(lambda: self._want(self.wanted.emit))
        self.set_mine.clicked.connect(lambda: self._want(self.forced.emit))
        self.take_theirs.clicked.connect(self._take_theirs)
        self.revert.clicked.connect(self.stop_trying)

    def _want(self, emit: object) -> None:
        if self.trying is not None and callable(emit):
            emit(*self.trying, self.person.text().strip(), self.reason.text().strip())

    def _take_theirs(self) -> None:
        self.stop_trying()
        self.theirs_taken.emit()

    def _enable(self) -> None:
        told = bool(self.person.text().strip() and self.reason.text().strip())
        self.set_button.setEnabled(self.trying is not None and told)
        self.set_button.setToolTip("" if told else "Write your name and the reason first")
        self.revert.setEnabled(self.trying is not None)

    def _lay_out(self) -> None:
        self.setFixedWidth(308)  # with the scroll bar that what-if brings
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        column.addWidget(label("Thresholds", "section"))
        words = label(
            "Below its threshold a verdict is unconfirmed and a person should look.",
            "small",
            "muted",
        )
        words.setWordWrap(True)
        column.addWidget(words)
        column.addLayout(self._list)
        column.addWidget(self.table)
        column.addWidget(self.counted)
        for field in (self.person, self.reason):
            column.addWidget(field)
        buttons, answers = QHBoxLayout(), QHBoxLayout()
        buttons.addWidget(self.set_button, 1)
        buttons.addWidget(self.revert)
        column.addLayout(buttons)
        column.addWidget(self.message)
        answers.addWidget(self.take_theirs)
        answers.addWidget(self.set_mine)
        column.addLayout(answers)
        column.addWidget(label("Takes effect at once, on every station.", "small", kind="muted"))
        column.addSpacing(8)
        column.addWidget(label("Set before", "name"))
        column.addWidget(self.history)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)


class _Row(QFrame):
    moved = Signal(str, float)

    def __init__(self, mark: ClassMark) -> None:
        super().__init__()
        self.mark = mark
        self._origin = label("", "small", kind="muted")
        self._old = label("", "small", kind="muted")
        font = self._old.font()
        font.setStrikeOut(True)
        self._old.setFont(font)
        self.field, self.slider = padded(QDoubleSpinBox()), QSlider(Qt.Orientation.Horizontal)
        self.field.setProperty("kind", "exact")
        self.field.setRange(0, 1)
        self.field.setDecimals(2)
        self.field.setSingleStep(0.01)
        self.field.setKeyboardTracking(False)
        self.field.setFixedWidth(62)
        self.field.setAccessibleName(f"Threshold of {mark.name}")
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(STEPS // 20)
        self.slider.setAccessibleName(f"Threshold of {mark.name}, slider")
        self.field.valueChanged.connect(lambda value: self.moved.emit(mark.name, value))
        self.slider.valueChanged.connect(
            lambda value: self.moved.emit(mark.name, round(value / STEPS, 2))
        )
        self._value = 0.0
        grid = QGridLayout(self)
        grid.setContentsMargins(6, 6, 6, 6)
        grid.addWidget(Swatch(mark), 0, 0)
        grid.addWidget(label(mark.name, "name"), 0, 1)
        grid.addWidget(self._origin, 0, 2)
        grid.addWidget(self._old, 0, 3)
        grid.addWidget(self.field, 0, 4)
        grid.addWidget(self.slider, 1, 0, 1, 5)
        grid.setColumnStretch(2, 1)

    def show_line(self, line: ThresholdLine) -> None:
        """The threshold in force."""
        self._value = line.value
        self._origin.setText(line.origin)
        self._old.setText(f"{line.value:.2f}")
        self.show_tried(None)

    def show_tried(self, value: float | None) -> None:
        """A value that is tried; None: the one in force."""
        shown = self._value if value is None else value
        with QSignalBlocker(self.field), QSignalBlocker(self.slider):
            self.field.setValue(shown)
            self.slider.setValue(round(shown * STEPS))
        self._old.setVisible(value is not None)
        restyle(self, "kind", "preparing" if value is not None else "")


class _Table(QFrame):
    """Now and Then."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("What would have happened")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 6, 0, 0)
        self._grid.setColumnStretch(0, 1)
        self.rows: tuple[WhatIfRow, ...] = ()

    def show_rows(self, title: str, rows: Sequence[WhatIfRow]) -> None:
        """Replace what is shown; without rows it hides."""
        self.rows = tuple(rows)
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.setVisible(bool(rows))
        lines = [WhatIfRow(title, "Now", "Then"), *rows] if rows else []
        for number, line in enumerate(lines):
            head = number == 0
            cells = (
                label(line.words, "name" if head else "body"),
                label(line.now, "small" if head else "body", kind="muted"),
                label(line.then, "small" if head else "name"),
            )
            for place, cell in enumerate(cells):
                align = Qt.AlignmentFlag.AlignRight if place else Qt.AlignmentFlag.AlignLeft
                cell.setAlignment(align)
                self._grid.addWidget(cell, number, place)
