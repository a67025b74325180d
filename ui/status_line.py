"""The line on every page: run, last plot, plots seen, the alarm counts and the clock."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui import icons
from ui.calling_bar import SoundButton
from ui.parts import BadgeLabel, label
from ui.states import TileState
from ui.type_scale import font

MUTES_MIN = (5, 15, 60)


class StatusLine(QFrame):
    """Figures from the left, what calls on the right."""

    bad_clicked = Signal()
    look_clicked = Signal()
    waiting_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "status-line")
        self.setFixedHeight(56)
        self.run = _Figure("Run")
        self.last_plot = _Figure("Last plot")
        self.seen = _Figure("Plots seen")
        self.bad = AlarmCount(TileState.MAJOR, "major")
        self.look = AlarmCount(TileState.MINOR, "minor")
        self.calm = _Calm()
        self.waiting = QPushButton()  # how many alarms nobody has acknowledged
        self.waiting.setToolTip("Show the alarms")
        self.waiting.setFont(font("section"))
        self.waiting.clicked.connect(self.waiting_clicked)
        self.waiting.hide()
        self.sound = SoundButton(MUTES_MIN)
        self._time = label("", "figure")
        self._date = label("", "small", kind="muted")
        self.bad.clicked.connect(self.bad_clicked)
        self.look.clicked.connect(self.look_clicked)
        self._lay_out()
        self.show_counts(0, 0)

    def show_counts(self, bad: int, look: int) -> None:
        """How many plots are bad, and how many want a look."""
        self.bad.show_words(f"{bad} bad" if bad else "")
        self.look.show_words(f"{look} to look at" if look else "")
        self.calm.setVisible(not bad and not look)

    def show_waiting(self, count: int) -> None:
        """How many alarms wait for somebody."""
        self.waiting.setText(f"{count} not acknowledged")
        self.waiting.setAccessibleName(f"{count} alarms not acknowledged")
        self.waiting.setVisible(count > 0)

    def show_clock(self, time: str, date: str) -> None:
        """The wall clock with its zone, as text."""
        if time != self._time.text():
            self._time.setText(time)
            self._date.setText(date)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 4, 16, 4)
        row.setSpacing(32)
        for figure in (self.run, self.last_plot, self.seen):
            row.addWidget(figure)
        row.addStretch(1)
        alarms = QHBoxLayout()
        alarms.setSpacing(8)
        for widget in (self.waiting, self.bad, self.look, self.calm, self.sound):
            alarms.addWidget(widget)
        row.addLayout(alarms)
        clock = QVBoxLayout()
        clock.setSpacing(0)
        clock.addStretch(1)
        for text in (self._time, self._date):
            text.setAlignment(Qt.AlignmentFlag.AlignRight)
            clock.addWidget(text)
        clock.addStretch(1)
        row.addLayout(clock)


class _Figure(QWidget):
    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._value = label("–", "figure")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(label(name, "small", kind="muted"))
        column.addWidget(self._value)

    def show_value(self, value: str) -> None:
        """Show ``value`` below the figure's name."""
        if value != self._value.text():
            self._value.setText(value)
            self.setAccessibleName(f"{self._name}: {value}")

    @property
    def value(self) -> str:
        """What it shows."""
        return self._value.text()


class AlarmCount(QPushButton):
    """A filled button with badge and count; it leads to the plots that it counts."""

    def __init__(self, state: TileState, property_value: str) -> None:
        super().__init__()
        self._badge = state
        self.setProperty("state", property_value)
        self.setFont(font("figure"))
        self.setIconSize(QSize(26, 26))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._draw()

    def show_words(self, words: str) -> None:
        """Show the count; empty text hides the button."""
        self.setText(f"  {words}" if words else "")  # Qt puts no room between icon and text
        self.setAccessibleName(words)
        self.setToolTip("Show them")
        self.setVisible(bool(words))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        self.setIcon(icons.badge_pixmap(self._badge, 26, 2.0, on_fill=True))


class _Calm(QFrame):
    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 14, 6)
        row.setSpacing(8)
        row.addWidget(BadgeLabel(TileState.GOOD, 16))
        text: QLabel = label("No bad plots", "section", kind="muted")
        row.addWidget(text)
