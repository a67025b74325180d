"""At the end of a replay: what was found, against the verdicts of then and against people's labels."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.parts import label
from ui.replay_bar import tag


class ReplaySummary(QDialog):
    """Sentences, a table of plot types, and the calls as they would have come."""

    again_wanted = Signal()

    def __init__(
        self,
        sentences: Sequence[str],
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        calls: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("REPLAY: what came of it")
        self.setMinimumSize(860, 600)
        self.sentences = label("\n".join(sentences), "body")
        self.sentences.setWordWrap(True)
        self.table = _table(columns, rows)
        self.calls = QListWidget()
        self.calls.setAccessibleName("What would have called")
        self.calls.addItems(list(calls) or ["Nothing would have called."])
        again, close = QPushButton("Play it again"), QPushButton("Close")
        again.setAutoDefault(False)
        again.clicked.connect(self.again_wanted)
        again.clicked.connect(self.accept)
        close.setProperty("kind", "primary")
        close.clicked.connect(self.accept)
        head, buttons = QHBoxLayout(), QHBoxLayout()
        head.addWidget(tag("REPLAY"), 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.sentences, 1)
        head.setAlignment(Qt.AlignmentFlag.AlignTop)
        buttons.addStretch(1)
        buttons.addWidget(again)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 20)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.table, 3)
        column.addWidget(label("What would have called, by the alarm rules of now", "name"))
        column.addWidget(self.calls, 1)
        column.addLayout(buttons)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> QTableWidget:
    made = QTableWidget(len(rows), len(columns))
    made.setAccessibleName("Plot by plot")
    made.setHorizontalHeaderLabels(list(columns))
    made.verticalHeader().hide()
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            item = QTableWidgetItem(text)
            if column:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            made.setItem(row, column, item)
    made.resizeColumnsToContents()
    made.horizontalHeader().setStretchLastSection(False)
    return made
