"""The line of choices above the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QDateTime, Qt, QTime, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QFrame,
    QHBoxLayout,
    QInputDialog,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
)

from ui.many_choice import ManyChoice
from ui.parts import label

BETWEEN = -1
_TIMES = (
    ("All times", 0),
    ("Last 24 h", 24),
    ("Last 7 days", 24 * 7),
    ("Last 30 days", 24 * 30),
    ("Last year", 24 * 365),
    ("Between ...", BETWEEN),
)
_TYPED_MS = 500  # after the last change of a time


@dataclass(frozen=True, slots=True)
class LogWish:
    """What somebody wants to see; empty words ask for everything."""

    runs: str = ""  # "92317" or "92300-92317"
    periods: tuple[str, ...] = ()
    detectors: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()  # names of classes
    bad: bool = True
    unconfirmed: bool = True
    hours: int = 0  # 0: all times; BETWEEN: from ``since`` to ``until``
    since: str = ""  # local time, "2026-05-14T08:00"
    until: str = ""
    text: str = ""


class LogFilters(QFrame):
    """Changed by the user: ``changed``. What is set from outside says nothing."""

    changed = Signal(object)  # LogWish
    save_wanted = Signal(str)  # a name for what is chosen now
    saved_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "page-head")
        self.runs = QLineEdit(placeholderText="All, or 92300-92317")
        self.text = QLineEdit(placeholderText="Plot, class, contact, comment")
        self.period = ManyChoice("All run periods", "run periods")
        self.detector = ManyChoice("All detectors", "detectors")
        self.kind = ManyChoice("All classes", "classes")
        self.since, self.until = _moment(), _moment()
        self._typed = QTimer(self, singleShot=True, interval=_TYPED_MS)
        self.time, self.saved = QComboBox(), QComboBox()
        self.bad, self.unconfirmed = QCheckBox("Bad"), QCheckBox("Unconfirmed")
        self.save = QPushButton("Save these filters")
        self.clear = QPushButton("Clear filters")
        self._quiet = False
        self.since.setDateTime(self.since.dateTime().addDays(-1))
        self._name_widgets()
        self._lay_out()
        for word, hours in _TIMES:
            self.time.addItem(word, hours)
        self.show_saved(())
        self.show_wish(LogWish())
        self._join()

    def wish(self) -> LogWish:
        """What is chosen now."""
        between = self.time.currentData() == BETWEEN
        return LogWish(
            runs=self.runs.text().strip(),
            periods=self.period.chosen(),
            detectors=self.detector.chosen(),
            kinds=self.kind.chosen(),
            bad=self.bad.isChecked(),
            unconfirmed=self.unconfirmed.isChecked(),
            hours=self.time.currentData(),
            since=_written(self.since) if between else "",
            until=_written(self.until) if between else "",
            text=self.text.text().strip(),
        )

    def show_wish(self, wish: LogWish) -> None:
        """Choose what ``wish`` says; a word that is no choice here becomes one."""
        self._quiet = True
        self.runs.setText(wish.runs)
        self.text.setText(wish.text)
        self.bad.setChecked(wish.bad)
        self.unconfirmed.setChecked(wish.unconfirmed)
        self.time.setCurrentIndex(max(0, self.time.findData(wish.hours)))
        for moment, written in ((self.since, wish.since), (self.until, wish.until)):
            if written:
                moment.setDateTime(QDateTime.fromString(written, Qt.DateFormat.ISODate))
        self.period.choose(wish.periods)
        self.detector.choose(wish.detectors)
        self.kind.choose(wish.kinds)
        self._show_moments()
        self._quiet = False

    def show_choices(
        self, periods: Sequence[str], detectors: Sequence[str], kinds: Sequence[str]
    ) -> None:
        """What can be chosen; a choice that was made stays."""
        self.period.offer(periods)
        self.detector.offer(detectors)
        self.kind.offer(kinds)

    def show_saved(self, names: Sequence[str]) -> None:
        """The saved filters that can be chosen."""
        self._quiet = True
        self.saved.clear()
        self.saved.addItem("Saved filters" if names else "No saved filters", "")
        for name in names:
            self.saved.addItem(name, name)
        self.saved.setEnabled(bool(names))
        self._quiet = False

    def _name_widgets(self) -> None:
        for widget, name in (
            (self.runs, "Runs"),
            (self.text, "Text"),
            (self.time, "Time"),
            (self.since, "From"),
            (self.until, "To"),
            (self.saved, "Saved filters"),
        ):
            widget.setAccessibleName(name)
        self.runs.setFixedWidth(180)
        self.text.setMinimumWidth(240)

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(8)
        for word, line in (("Runs", self.runs), ("Find", self.text)):
            first.addWidget(label(word, "body", kind="muted"))
            first.addWidget(line)
        for choice in (self.period, self.detector, self.kind, self.time, self.since, self.until):
            second.addWidget(choice)
        first.addWidget(self.bad)
        first.addWidget(self.unconfirmed)
        first.addStretch(1)
        second.addStretch(1)
        for widget in (self.saved, self.save, self.clear):
            second.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(6)
        column.addLayout(first)
        column.addLayout(second)

    def _join(self) -> None:
        for choice in (self.period, self.detector, self.kind):
            choice.changed.connect(self._tell)
        self.time.currentIndexChanged.connect(self._show_moments)
        self.time.currentIndexChanged.connect(self._tell)
        for moment in (self.since, self.until):
            moment.dateTimeChanged.connect(self._typed.start)
        self._typed.timeout.connect(self._tell)
        for line in (self.runs, self.text):
            line.editingFinished.connect(self._tell)
        for check in (self.bad, self.unconfirmed):
            check.toggled.connect(self._tell)
        self.clear.clicked.connect(self._clear)
        self.save.clicked.connect(self._ask_name)
        self.saved.activated.connect(self._choose_saved)
        self._told = self.wish()

    def _tell(self) -> None:
        if not self._quiet and self.wish() != self._told:
            self._told = self.wish()
            self.changed.emit(self._told)

    def _show_moments(self) -> None:
        for moment in (self.since, self.until):
            moment.setVisible(self.time.currentData() == BETWEEN)

    def _clear(self) -> None:
        self.show_wish(LogWish())
        self._tell()

    def _choose_saved(self) -> None:
        if name := self.saved.currentData():
            self.saved_chosen.emit(name)
            self._tell()

    def _ask_name(self) -> None:
        asking = QInputDialog(self)
        asking.setWindowTitle("Save these filters")
        asking.setLabelText("Name for these filters")
        asking.textValueSelected.connect(self._named)
        asking.open()

    def _named(self, name: str) -> None:
        if name.strip():
            self.save_wanted.emit(name.strip())


def _moment() -> QDateTimeEdit:
    """A time of the last day, in whole hours until somebody says another."""
    now = QDateTime.currentDateTime()
    now.setTime(QTime(now.time().hour(), 0))
    made = QDateTimeEdit(now)
    made.setDisplayFormat("yyyy-MM-dd HH:mm")
    made.setCalendarPopup(True)
    return made


def _written(moment: QDateTimeEdit) -> str:
    return moment.dateTime().toString("yyyy-MM-ddTHH:mm")
