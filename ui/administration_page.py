"""People, their roles, and the trail of what was changed."""

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
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.parts import Card, label


@dataclass(frozen=True, slots=True)
class Person:
    """One user, ready to show."""

    name: str
    full_name: str = ""
    email: str = ""
    wants_report: bool = False
    roles: str = ""


class AdministrationPage(QWidget):
    """What is typed goes out by signal; what the server has comes back and is shown."""

    back = Signal()
    person_given = Signal(object)  # Person
    right_given = Signal(str, str, object, bool)  # name, role, plot type or None, given
    older_wanted = Signal()
    subject_wanted = Signal(str)
    rules_given = Signal(str, bool)  # which vote counts, whether the leader board is shown

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.people = _table(
            "People", ("Name of the key", "Full name", "E-mail", "Report", "Roles")
        )
        self.trail = _table("Audit trail", ("When", "Who", "What", "Of", "Before", "After"))
        self.name, self.full_name, self.email = QLineEdit(), QLineEdit(), QLineEdit()
        self.report, self.save = QCheckBox("Wants the daily report"), QPushButton("Save person")
        self.role, self.plot_type = QComboBox(), QComboBox()
        self.give, self.take = QPushButton("Give role"), QPushButton("Take role away")
        self.subject, self.older = QLineEdit(), QPushButton("Show older changes")
        self.rule, self.leaders = QComboBox(), QCheckBox("Show who labelled most")
        self.save_rules = QPushButton("Save the rules")
        self.note = label("", "body", kind="muted")
        self._lay_out()
        self._join()

    def show_people(self, people: Sequence[Person]) -> None:
        """Replace the list of people."""
        rows = [
            (each.name, each.full_name, each.email, "yes" if each.wants_report else "", each.roles)
            for each in people
        ]
        self.people.setRowCount(0)
        _fill(self.people, rows)

    def show_trail(self, rows: Sequence[tuple[str, ...]], *, more: bool, further: bool) -> None:
        """Entries of the trail; ``further``: they follow those that are there."""
        if not further:
            self.trail.setRowCount(0)
        _fill(self.trail, rows)
        self.older.setVisible(more)

    def show_choices(self, roles: Sequence[str], plot_types: Sequence[tuple[int, str]]) -> None:
        """The roles, and the plot types they can be given for."""
        self.role.clear()
        self.role.addItems(list(roles))
        self.plot_type.clear()
        self.plot_type.addItem("For all plots", None)
        for number, name in plot_types:
            self.plot_type.addItem(name, number)

    def show_rules(self, rules: Sequence[tuple[str, str]], chosen: str, *, leaders: bool) -> None:
        """The rules that there are (value, words), the one in force, and whether leaders are shown."""
        self.rule.clear()
        for value, words in rules:
            self.rule.addItem(words, value)
        self.rule.setCurrentIndex(self.rule.findData(chosen))
        self.leaders.setChecked(leaders)

    def _choose(self) -> None:
        row = self.people.currentRow()
        if row < 0:
            return
        items = [self.people.item(row, column) for column in range(4)]
        words = [item.text() if item is not None else "" for item in items]
        for line, word in zip((self.name, self.full_name, self.email), words, strict=False):
            line.setText(word)
        self.report.setChecked(bool(words[3]))

    def _save(self) -> None:
        self.person_given.emit(
            Person(
                self.name.text().strip(), self.full_name.text().strip(), self.email.text().strip(),
                self.report.isChecked(),
            )
        )  # fmt: skip

    def _right(self, *, given: bool) -> None:
        name, role = self.name.text().strip(), self.role.currentText()
        self.right_given.emit(name, role, self.plot_type.currentData(), given)

    def _join(self) -> None:
        self.people.itemSelectionChanged.connect(self._choose)
        self.save.clicked.connect(self._save)
        self.save_rules.clicked.connect(
            lambda: self.rules_given.emit(self.rule.currentData() or "", self.leaders.isChecked())
        )
        self.give.clicked.connect(lambda: self._right(given=True))
        self.take.clicked.connect(lambda: self._right(given=False))
        self.older.clicked.connect(self.older_wanted)
        self.subject.editingFinished.connect(lambda: self.subject_wanted.emit(self.subject.text()))

    def _lay_out(self) -> None:
        for line, name in (
            (self.name, "Name of the key"),
            (self.full_name, "Full name"),
            (self.email, "E-mail"),
            (self.subject, "Changes of one plot, person or model"),
        ):
            line.setAccessibleName(name)
            line.setPlaceholderText(name)
        self.role.setAccessibleName("Role")
        self.rule.setAccessibleName("What counts when people label differently")
        self.plot_type.setAccessibleName("Plot the role is for")
        back = QPushButton("Back to the settings")
        back.clicked.connect(self.back)
        people, trail = Card("People and roles"), Card("Who changed what")
        rules = Card("When people label differently")
        rules.body.addLayout(_row(self.rule, self.leaders, self.save_rules))
        people.body.addWidget(self.people, 1)
        people.body.addLayout(_row(self.name, self.full_name, self.email, self.report, self.save))
        people.body.addLayout(_row(self.role, self.plot_type, self.give, self.take))
        trail.body.addLayout(_row(self.subject, self.older))
        trail.body.addWidget(self.trail, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(12)
        column.addLayout(_row(back, label("Administration", "section"), self.note))
        column.addWidget(people, 1)
        column.addWidget(rules)
        column.addWidget(trail, 1)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def _table(name: str, heads: Sequence[str]) -> QTableWidget:
    made = QTableWidget(0, len(heads))
    made.setAccessibleName(name)
    made.setHorizontalHeaderLabels(list(heads))
    made.verticalHeader().hide()
    made.setShowGrid(False)
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    made.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    made.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    made.horizontalHeader().setStretchLastSection(True)
    return made


def _fill(table: QTableWidget, rows: Sequence[tuple[str, ...]]) -> None:
    for words in rows:
        place = table.rowCount()
        table.insertRow(place)
        for column, word in enumerate(words):
            item = QTableWidgetItem(word)
            item.setToolTip(word)
            table.setItem(place, column, item)
