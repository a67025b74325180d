"""Which times count: the last hours or days, or between two moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QDateTime, QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QDateTimeEdit, QVBoxLayout, QWidget

from ui.parts import padded

_BETWEEN = "between"
SPANS: tuple[tuple[str, timedelta | str | None], ...] = (
    ("Any time", None),
    ("Last hour", timedelta(hours=1)),
    ("Last 8 hours", timedelta(hours=8)),
    ("Last 24 hours", timedelta(days=1)),
    ("Last 7 days", timedelta(days=7)),
    ("Last 30 days", timedelta(days=30)),
    ("Between ...", _BETWEEN),
)


class TimeFilter(QWidget):
    """The two moments are there only while they count; they are the station's own time."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.span = QComboBox()
        self.first, self.last = padded(QDateTimeEdit()), padded(QDateTimeEdit())
        for words, value in SPANS:
            self.span.addItem(words, value)
        self.span.setAccessibleName("Time of the pictures")
        for moment, name in ((self.first, "From"), (self.last, "Until")):
            moment.setAccessibleName(f"{name}, time of the pictures")
            moment.setDisplayFormat("yyyy-MM-dd HH:mm")
            moment.setCalendarPopup(True)
            moment.hide()
            moment.dateTimeChanged.connect(self.changed)
        self.span.currentIndexChanged.connect(self._span_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.span, self.first, self.last):
            column.addWidget(widget)

    def since(self) -> datetime | None:
        """From when on; None: always."""
        value = self.span.currentData()
        if isinstance(value, timedelta):
            return datetime.now(UTC) - value
        return _utc(self.first) if value == _BETWEEN else None

    def until(self) -> datetime | None:
        """Until when; None: until now."""
        return _utc(self.last) if self.span.currentData() == _BETWEEN else None

    def _span_chosen(self) -> None:
        between = self.span.currentData() == _BETWEEN
        if between:
            now = QDateTime.currentDateTime()
            for moment, at in ((self.first, now.addDays(-1)), (self.last, now)):
                with QSignalBlocker(moment):
                    moment.setDateTime(at)
        for moment in (self.first, self.last):
            moment.setVisible(between)
        self.changed.emit()


def _utc(moment: QDateTimeEdit) -> datetime:
    return datetime.fromtimestamp(moment.dateTime().toSecsSinceEpoch(), UTC)
