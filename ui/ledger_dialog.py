"""Which model was live when: a question about a moment, and every change on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QDateTime, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDateTimeEdit,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.parts import label

_HEADS = ("From", "Model", "By", "Why")


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """From ``since`` on this model was live (None: none)."""

    since: str
    model: str  # "Model 35", "None"
    who: str
    why: str
    model_id: int | None = None


class LedgerDialog(QDialog):
    """Opened with ``open``; asks about moments and says which model is wanted."""

    asked = Signal(object)  # datetime with zone
    chosen = Signal(int)  # model

    def __init__(self, parent: QWidget, title: str, lines: Sequence[LedgerLine]) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(620, 420)
        self._lines = tuple(lines)
        self.moment = QDateTimeEdit(QDateTime.currentDateTime())
        self.moment.setDisplayFormat("yyyy-MM-dd HH:mm:ss")
        self.moment.setCalendarPopup(True)
        self.moment.setAccessibleName("Moment")
        self.ask = QPushButton("Which was live?")
        self.ask.setProperty("kind", "primary")
        self.ask.clicked.connect(self._ask)
        self.answer = label("", "name")
        self.answer.setWordWrap(True)
        self.table = self._table()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        question = QHBoxLayout()
        question.addWidget(label("At", "small", kind="muted"))
        question.addWidget(self.moment)
        question.addWidget(self.ask)
        question.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(10)
        column.addWidget(label(title, "card"))
        column.addLayout(question)
        column.addWidget(self.answer)
        column.addWidget(self.table, 1)
        hint = "Double-click a line to look at its model." if lines else "No model was live yet."
        column.addWidget(label(hint, "small", kind="muted"))
        column.addWidget(buttons)

    def show_answer(self, words: str) -> None:
        """What the server says of the moment."""
        self.answer.setText(words)

    def _ask(self) -> None:
        moment = self.moment.dateTime().toPython()
        if isinstance(moment, datetime):
            self.asked.emit(moment.astimezone())

    def _table(self) -> QTableWidget:
        table = QTableWidget(len(self._lines), len(_HEADS))
        table.setHorizontalHeaderLabels(_HEADS)
        table.setAccessibleName("Every change of the live model, newest first")
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        for row, line in enumerate(self._lines):
            for place, words in enumerate((line.since, line.model, line.who, line.why)):
                item = QTableWidgetItem(words)
                item.setToolTip(words)
                table.setItem(row, place, item)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        table.cellActivated.connect(self._choose)
        return table

    def _choose(self, row: int, _column: int) -> None:
        if (number := self._lines[row].model_id) is not None:
            self.chosen.emit(number)
