"""How busy the server is: throughput, times per picture, pictures per day, connected stations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QToolTip, QVBoxLayout, QWidget

from ui import theme
from ui.parts import Card, label
from ui.station_table import StationTable
from ui.type_scale import font

WEEKS, CELL, GAP = 53, 13, 3
_LEFT, _TOP = 34, 18


@dataclass(frozen=True, slots=True)
class Bins:
    """One histogram: a title, its bars, the words below each, and a sentence."""

    title: str
    counts: tuple[int, ...]
    ticks: tuple[str, ...]
    sentence: str


class Bars(QWidget):
    """Upright bars; empty ones stay empty."""

    def __init__(self) -> None:
        super().__init__()
        self._bins = Bins("", (), (), "")
        self.setMinimumHeight(92)

    def show_bins(self, bins: Bins) -> None:
        """Draw ``bins``."""
        self._bins = bins
        self.setAccessibleName(f"Histogram of {bins.title}")
        self.setAccessibleDescription(bins.sentence)
        self.setToolTip(
            "\n".join(
                f"{tick}: {count}" for tick, count in zip(bins.ticks, bins.counts, strict=False)
            )
        )
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        counts = self._bins.counts
        if not counts or not max(counts):
            return
        colours = theme.current()
        painter = QPainter(self)
        width, floor = self.width() / len(counts), self.height() - 18
        painter.setFont(font("small"))
        for place, count in enumerate(counts):
            tall = (floor - 4) * count / max(counts)
            bar = QRectF(place * width + 1, floor - tall, width - 2, tall)
            painter.fillRect(bar, QColor(colours.accent))
            if place % 3 == 0:
                painter.setPen(QColor(colours.muted))
                below = QRectF(place * width, floor + 2, 3 * width, 16)
                painter.drawText(below, Qt.AlignmentFlag.AlignLeft, self._bins.ticks[place])
        painter.setPen(QPen(QColor(colours.border), 1))
        painter.drawLine(0, floor, self.width(), floor)
        painter.end()


class Calendar(QWidget):
    """A square a day, a column a week: the darker, the more pictures."""

    def __init__(self) -> None:
        super().__init__()
        self._days: Mapping[date, tuple[int, int]] = {}
        self._last = date.today()  # noqa: DTZ011 - the day on the wall of the control room
        self.setAccessibleName("Pictures per day")
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(_LEFT + WEEKS * (CELL + GAP), _TOP + 7 * (CELL + GAP))

    def show_days(self, days: Mapping[date, tuple[int, int]], last: date) -> None:
        """Pictures and noteworthy ones by day; ``last``: today."""
        self._days, self._last = days, last
        total = sum(pictures for pictures, _ in days.values())
        self.setAccessibleDescription(f"{total} pictures on {len(days)} days.")
        self.update()

    def day_at(self, x: float, y: float) -> date | None:
        """The day whose square is there."""
        week, weekday = int((x - _LEFT) // (CELL + GAP)), int((y - _TOP) // (CELL + GAP))
        if not (0 <= week < WEEKS and 0 <= weekday < 7):
            return None
        day = self._first() + timedelta(days=7 * week + weekday)
        return day if day <= self._last else None

    def words(self, day: date) -> str:
        """What is said of a day."""
        pictures, noteworthy = self._days.get(day, (0, 0))
        if not pictures:
            return f"{day:%d %b %Y}: no pictures"
        return f"{day:%d %b %Y}: {pictures} pictures, {noteworthy} bad or unconfirmed"

    def _first(self) -> date:
        """The Monday of the first week shown."""
        monday = self._last - timedelta(days=self._last.weekday())
        return monday - timedelta(weeks=WEEKS - 1)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            day = self.day_at(event.pos().x(), event.pos().y())
            QToolTip.showText(event.globalPos(), self.words(day) if day else "", self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(font("small"))
        most = max((pictures for pictures, _ in self._days.values()), default=0)
        for week in range(WEEKS):
            monday = self._first() + timedelta(weeks=week)
            if monday.day <= 7:
                painter.setPen(QColor(theme.current().muted))
                painter.drawText(_LEFT + week * (CELL + GAP), _TOP - 6, f"{monday:%b}")
            for weekday in range(7):
                self._paint_day(painter, week, weekday, most)
        painter.setPen(QColor(theme.current().muted))
        for weekday, word in ((0, "Mon"), (2, "Wed"), (4, "Fri")):
            painter.drawText(0, _TOP + weekday * (CELL + GAP) + CELL - 2, word)
        painter.end()

    def _paint_day(self, painter: QPainter, week: int, weekday: int, most: int) -> None:
        day = self._first() + timedelta(days=7 * week + weekday)
        if day > self._last:
            return
        box = QRectF(_LEFT + week * (CELL + GAP), _TOP + weekday * (CELL + GAP), CELL, CELL)
        colours = theme.current()
        painter.fillRect(box, QColor(colours.sunken))
        pictures, _ = self._days.get(day, (0, 0))
        if pictures:
            shade = QColor(colours.accent)
            shade.setAlphaF(0.25 + 0.75 * pictures / most)
            painter.fillRect(box, shade)


class ActivityPanel(QWidget):
    """Shows what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.throughput = label("", "section")
        self.forecast = label("", "body", kind="muted")
        self.note = label("", "body", kind="muted")
        self.calendar, self.stations = Calendar(), StationTable()
        self.bars: list[Bars] = []
        self._titles: list[QLabel] = []
        self._sentences: list[QLabel] = []
        self._times = QHBoxLayout()
        self._lay_out()

    def show_times(self, histograms: Sequence[Bins]) -> None:
        """One histogram for each step."""
        while len(self.bars) < len(histograms):
            self._add_bars()
        for place, bins in enumerate(histograms):
            self._titles[place].setText(bins.title)
            self._sentences[place].setText(bins.sentence)
            self.bars[place].show_bins(bins)

    def _add_bars(self) -> None:
        column = QVBoxLayout()
        title, sentence, bars = label("", "name"), label("", "small", kind="muted"), Bars()
        for widget in (title, sentence, bars):
            column.addWidget(widget, 1 if widget is bars else 0)
        self._times.addLayout(column, 1)
        self._titles.append(title)
        self._sentences.append(sentence)
        self.bars.append(bars)

    def _lay_out(self) -> None:
        times, days, stations = (
            Card("Time for one picture, the newest 1000"),
            Card("Pictures per day (UTC)"),
            Card("Stations"),
        )
        self._times.setSpacing(24)
        times.body.addLayout(self._times)
        days.body.addWidget(self.calendar)
        days.body.addWidget(self.forecast)
        self.forecast.setWordWrap(True)
        stations.body.addWidget(self.stations, 1)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(12)
        grid.addWidget(self.throughput, 0, 0)
        grid.addWidget(self.note, 0, 1)
        grid.addWidget(times, 1, 0, 1, 2)
        grid.addWidget(days, 2, 0)
        grid.addWidget(stations, 2, 1)
        grid.setColumnStretch(1, 1)
