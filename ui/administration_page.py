"""People and their roles, what the site has decided, and the trail of what was changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ui.audit_view import AuditView
from ui.parts import Card, label
from ui.plain_table import PlainTable
from ui.site_card import SiteCard


@dataclass(frozen=True, slots=True)
class Person:
    """One user, ready to show."""

    name: str
    full_name: str = ""
    email: str = ""
    wants_report: bool = False
    roles: str = ""


_NOBODY = (
    "Nobody is named yet. Until somebody is admin, everybody whose key is known may do everything."
)


class AdministrationPage(QWidget):
    """What is typed goes out by signal; what the server has comes back and is shown."""

    back = Signal()
    person_given = Signal(object)  # Person
    right_given = Signal(str, str, object, bool)  # name, role, plot type or None, given
    news_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        heads = ("Name of the key", "Full name", "E-mail", "Report", "Roles")
        self.people, self.site, self.trail = PlainTable("People", heads), SiteCard(), AuditView()
        self.name, self.full_name, self.email = QLineEdit(), QLineEdit(), QLineEdit()
        self.report, self.save = QCheckBox("Wants the daily report"), QPushButton("Save person")
        self.role, self.plot_type = QComboBox(), QComboBox()
        self.give, self.take = QPushButton("Give role"), QPushButton("Take role away")
        self.news, self.write_news = label("", "body"), QPushButton("Write news")
        self.forecast = label("", "body", kind="muted")
        self.note = label("", "body", kind="muted")
        self.nobody = label(_NOBODY, "body", kind="muted")
        self.tabs = QTabWidget()
        self._lay_out()
        self._join()

    def show_people(self, people: Sequence[Person]) -> None:
        """Replace the list of people."""
        self.nobody.setVisible(not people)
        self.people.setVisible(bool(people))
        self.people.show_rows(
            [
                (each.name, each.full_name, each.email, "yes" if each.wants_report else "", each.roles)
                for each in people
            ]
        )  # fmt: skip

    def show_choices(self, roles: Sequence[str], plot_types: Sequence[tuple[int, str]]) -> None:
        """The roles, and the plot types they can be given for; what was chosen stays chosen."""
        role, plot_type = self.role.currentText(), self.plot_type.currentData()
        self.role.clear()
        self.role.addItems(list(roles))
        self.plot_type.clear()
        self.plot_type.addItem("For all plots", None)
        for number, name in plot_types:
            self.plot_type.addItem(name, number)
        self.role.setCurrentIndex(max(0, self.role.findText(role)))
        self.plot_type.setCurrentIndex(max(0, self.plot_type.findData(plot_type)))

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
        self.give.clicked.connect(lambda: self._right(given=True))
        self.take.clicked.connect(lambda: self._right(given=False))
        self.write_news.clicked.connect(self.news_wanted)

    def _lay_out(self) -> None:
        for line, name in (
            (self.name, "Name of the key"),
            (self.full_name, "Full name"),
            (self.email, "E-mail"),
        ):
            line.setAccessibleName(name)
            line.setPlaceholderText(name)
        self.role.setAccessibleName("Role")
        self.plot_type.setAccessibleName("Plot the role is for")
        back = QPushButton("Back to the settings")
        back.clicked.connect(self.back)
        for name, page in (
            ("People and roles", self._people_tab()),
            ("Settings and news", self._site_tab()),
            ("Who changed what", self.trail),
        ):
            self.tabs.addTab(page, name)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(12)
        column.addLayout(_row(back, label("Administration", "section"), self.note))
        column.addWidget(self.tabs, 1)

    def _people_tab(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.nobody)
        column.addWidget(self.people, 1)
        column.addLayout(_row(self.name, self.full_name, self.email, self.report, self.save))
        column.addLayout(_row(self.role, self.plot_type, self.give, self.take))
        column.addStretch(0)  # the table takes all there is, where somebody is named
        self.nobody.hide()
        return made

    def _site_tab(self) -> QWidget:
        inside, area, news = QWidget(), QScrollArea(), Card("News on every desktop")
        for words in (self.news, self.forecast):
            words.setWordWrap(True)
        news.body.addWidget(self.news)
        news.body.addLayout(_row(self.write_news))
        self.site.body.insertWidget(self.site.body.count() - 1, self.forecast)
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(12)
        for card in (self.site, news):
            card.setMaximumWidth(900)
            column.addWidget(card)
        column.addStretch(1)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        return area


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
