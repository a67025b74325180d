"""Choose a past run to replay, and who judges it. Never blocks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.parts import label
from ui.run_list import RunList, buttons

THEN, ACTIVE, ANOTHER = "then", "active", "another"
_JUDGES = (
    ("The models of then: verdicts as they were", THEN),
    ("The models that are active now", ACTIVE),
    ("Another model of one plot type", ANOTHER),
)


class ReplayDialog(QDialog):
    """A list of runs, who judges, how fast."""

    older_wanted = Signal(str)  # a run number; empty: the newest runs
    plot_chosen = Signal(int)  # plot type id whose models are wanted
    start_wanted = Signal(int)  # place in the list

    def __init__(
        self, plots: Sequence[tuple[int, str]], speeds: Sequence[tuple[float, str]],
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setWindowTitle("Replay a past run")
        self.setMinimumSize(560, 540)
        self.number, self.list = QLineEdit(), RunList()
        self.judges, self.plots, self.models = QComboBox(), QComboBox(), QComboBox()
        self.speed = QComboBox()
        self.note = label("Asking the server.", "body", kind="muted")
        self.note.setWordWrap(True)
        self.start = QPushButton("Start the replay")
        self._fill(plots, speeds)
        self._lay_out()
        self._judge_chosen()

    def show_runs(self, words: Sequence[str]) -> None:
        """One line each."""
        self.list.show_runs(words)
        self.start.setEnabled(bool(words))
        told = "A replay is marked everywhere, nothing sounds, and live alarms break through."
        self.note.setText(told if words else "The server knows no such run.")

    def show_models(self, choices: Sequence[tuple[int, str]]) -> None:
        """The models of the chosen plot type."""
        self.models.clear()
        for number, name in choices:
            self.models.addItem(name, number)
        if not choices:
            self.models.addItem("No model yet", None)

    def show_note(self, sentence: str) -> None:
        """Progress, or why not."""
        self.note.setText(sentence)

    def show_busy(self, busy: bool) -> None:
        """While the run is fetched nothing can be started again."""
        self.start.setEnabled(not busy)

    def _fill(self, plots: Sequence[tuple[int, str]], speeds: Sequence[tuple[float, str]]) -> None:
        self.number.setPlaceholderText("Any run number")
        self.number.setValidator(QIntValidator(0, 2**31 - 1, self))
        self.number.setClearButtonEnabled(True)
        for words, key in _JUDGES:
            self.judges.addItem(words, key)
        for number, name in plots:
            self.plots.addItem(name, number)
        for value, words in speeds:
            self.speed.addItem(words, value)
        for control, name in (
            (self.number, "Run number"), (self.judges, "Judged by"),
            (self.plots, "Plot type"), (self.models, "Model"), (self.speed, "Speed"),
        ):  # fmt: skip
            control.setAccessibleName(name)
        self.number.editingFinished.connect(lambda: self.older_wanted.emit(self.number.text()))
        self.judges.currentIndexChanged.connect(lambda _row: self._judge_chosen())
        self.plots.currentIndexChanged.connect(lambda _row: self._plot_chosen())
        self.list.itemActivated.connect(lambda _item: self._start())
        self.start.clicked.connect(self._start)
        self.start.setAutoDefault(False)
        self.start.setEnabled(False)

    def choose_speed(self, speed: float) -> None:
        """Mark a speed."""
        with QSignalBlocker(self.speed):
            self.speed.setCurrentIndex(max(0, self.speed.findData(speed)))

    def _judge_chosen(self) -> None:
        one = self.judges.currentData() == ANOTHER
        self.plots.setEnabled(one)
        self.models.setEnabled(one)
        if one and not self.models.count():
            self._plot_chosen()

    def _plot_chosen(self) -> None:
        if self.plots.currentData() is not None:
            self.plot_chosen.emit(self.plots.currentData())

    def _start(self) -> None:
        if (place := self.list.place) is not None and self.start.isEnabled():
            self.start_wanted.emit(place)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setSpacing(8)
        for name, control in (
            ("Judged by", self.judges), ("Plot type", self.plots), ("Model", self.models),
            ("Speed", self.speed),
        ):  # fmt: skip
            form.addRow(name, control)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 20)
        column.setSpacing(10)
        for widget in (self.number, self.list):
            column.addWidget(widget)
        column.addLayout(form)
        column.addWidget(self.note)
        column.addLayout(buttons(self.reject, self.start))
