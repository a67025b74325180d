"""The trail of changes: who changed what, when, from what to what, with filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from PySide6.QtCore import QDate, QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.parts import label
from ui.plain_table import PlainTable

HEADS = ("When", "Who", "What", "Of", "Before", "After")


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Empty: all. ``since``: midnight (local) of the first day."""

    subject: str = ""
    who: str = ""
    what: str = ""
    since: datetime | None = None


class AuditView(QWidget):
    """Tells what is filtered for; shows what it is given."""

    filter_wanted = Signal(object)  # TrailFilter
    older_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.table = PlainTable("Audit trail", HEADS)
        self.who, self.subject, self.what = QLineEdit(), QLineEdit(), QComboBox()
        self.dated, self.since = QCheckBox("Since"), QDateEdit(QDate.currentDate())
        self.older = QPushButton("Show older changes")
        self.none = label("No change fits.", "body", kind="muted")
        self._asked = TrailFilter()
        self._lay_out()
        self.who.editingFinished.connect(self._ask)
        self.subject.editingFinished.connect(self._ask)
        self.what.currentIndexChanged.connect(self._ask)
        self.dated.toggled.connect(self._ask)
        self.since.dateChanged.connect(self._ask)
        self.older.clicked.connect(self.older_wanted)

    def show_rows(self, rows: Sequence[tuple[str, ...]], *, more: bool, further: bool) -> None:
        """Entries; ``further``: they follow those that are there."""
        self.table.show_rows(rows, further=further)
        self.none.setVisible(self.table.rowCount() == 0)
        self.older.setVisible(more)

    def show_kinds(self, kinds: Sequence[str]) -> None:
        """The kinds of changes that can be asked for; the one chosen stays."""
        chosen = self.what.currentData()
        with QSignalBlocker(self.what):
            self.what.clear()
            self.what.addItem("Every kind of change", "")
            for each in kinds:
                self.what.addItem(each, each)
            self.what.setCurrentIndex(max(0, self.what.findData(chosen)))

    def _ask(self) -> None:
        self.since.setEnabled(self.dated.isChecked())
        wanted = TrailFilter(
            self.subject.text().strip(),
            self.who.text().strip(),
            self.what.currentData() or "",
            _midnight(self.since.date()) if self.dated.isChecked() else None,
        )
        if wanted != self._asked:
            self._asked = wanted
            self.filter_wanted.emit(wanted)

    def _lay_out(self) -> None:
        for line, name in (
            (self.who, "Changed by"),
            (self.subject, "Changes of one plot, person or model"),
        ):
            line.setAccessibleName(name)
            line.setPlaceholderText(name)
        self.subject.setMinimumWidth(280)
        self.what.setAccessibleName("Kind of change")
        self.since.setAccessibleName("First day")
        self.since.setCalendarPopup(True)
        self.since.setDisplayFormat("dd MMM yyyy")
        self.since.setEnabled(False)
        self.show_kinds(())
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (self.who, self.what, self.subject, self.dated, self.since):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.older)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.none)
        column.addWidget(self.table, 1)
        self.none.hide()


def _midnight(day: QDate) -> datetime:
    chosen = date(day.year(), day.month(), day.day())
    return datetime.combine(chosen, time()).astimezone().astimezone(UTC)
