"""The line on every page: run, last plot, plots seen, the alarm counts and the clock."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui import icons
from ui.calling_bar import SoundButton
from ui.parts import BadgeLabel, label, restyle
from ui.states import WORDS, TileState
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
        self._logo = QLabel()
        self._logo.hide()
        self.experiment = label("", "section")
        self.experiment.hide()
        self.run = _Figure("Run")
        self.last_plot = _Figure("Last plot")
        self.seen = _Figure("Plots seen")
        self.bad = AlarmCount(TileState.MAJOR, "major")
        self.look = AlarmCount(TileState.MINOR, "minor")
        self.calm = _Calm()
        self._conditions: dict[str, _Figure] = {}
        self._figures = QHBoxLayout()
        self.legend = QPushButton("Legend")
        self.legend.setProperty("kind", "plain")
        self.legend.setToolTip("What badges and colours mean")
        self.waiting = QPushButton()  # how many alarms nobody has acknowledged
        self.waiting.setToolTip("Show the alarms")
        self.waiting.setFont(font("section"))
        self.waiting.clicked.connect(self.waiting_clicked)
        self.sound = SoundButton(MUTES_MIN)
        self._time = label("", "figure")
        self._date = label("", "small", kind="muted")
        self.bad.clicked.connect(self.bad_clicked)
        self.look.clicked.connect(self.look_clicked)
        self._lay_out()
        self.show_counts(0, 0)
        self.show_waiting(0)

    def show_counts(self, bad: int, look: int) -> None:
        """How many plots are bad, and how many want a look."""
        self.bad.show_words(f"{bad} bad" if bad else "")
        self.look.show_words(f"{look} to look at" if look else "")
        self.calm.setVisible(not bad and not look)

    def show_experiment(self, name: str, logo: QImage | None) -> None:
        """Whose plots these are; ``logo`` as the site gives it, None: the name alone."""
        self.experiment.setText(name)
        self.experiment.setVisible(bool(name))
        self._logo.setVisible(logo is not None)
        if logo is not None:
            high = logo.scaledToHeight(72, Qt.TransformationMode.SmoothTransformation)
            picture = QPixmap.fromImage(high)
            picture.setDevicePixelRatio(2)
            self._logo.setPixmap(picture)
            self._logo.setAccessibleName(f"Logo of {name}")

    def show_conditions(self, conditions: Sequence[tuple[str, str]]) -> None:
        """Names and values of run conditions ("Beam", "On"), in this order; what is not told is gone."""
        told = dict(conditions)
        for name in self._conditions.keys() - told.keys():
            self._conditions.pop(name).deleteLater()
        for name, value in conditions:
            if name not in self._conditions:
                self._conditions[name] = _Figure(name)
                self._figures.addWidget(self._conditions[name])
            self._conditions[name].show_value(value)

    def show_last_plot(self, words: str, *, late: bool) -> None:
        """How long ago the last picture came; ``late``: longer than its own limit allows."""
        self.last_plot.show_value(f"{words}, late" if late else words)
        self.last_plot.show_alarm(late)

    def set_wall(self, on: bool) -> None:
        """Figures to be read from afar."""
        self.setFixedHeight(96 if on else 56)
        self.legend.setVisible(not on)
        use = "wall" if on else "figure"
        for figure in (self.run, self.last_plot, self.seen, *self._conditions.values()):
            figure.set_use(use)
        for text in (self._time, self.bad, self.look):
            text.setFont(font(use))
        for count in (self.bad, self.look):
            count.setIconSize(QSize(48, 48) if on else QSize(26, 26))

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
        row.setContentsMargins(12, 4, 16, 4)
        row.setSpacing(16)
        row.addWidget(self._logo)
        row.addWidget(self.experiment)
        for figure in (self.run, self.last_plot, self.seen):
            row.addWidget(figure)
        self._figures.setSpacing(16)
        row.addLayout(self._figures)
        row.addStretch(1)
        row.addWidget(self.legend)
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
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # a bare widget paints none
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 8, 0)  # room for the edge of the fill when it is late
        column.setSpacing(0)
        column.addWidget(label(name, "small", kind="muted"))
        column.addWidget(self._value)

    def show_value(self, value: str) -> None:
        """Show ``value`` below the figure's name."""
        if value != self._value.text():
            self._value.setText(value)
            self.setAccessibleName(f"{self._name}: {value}")

    def set_use(self, use: str) -> None:
        """The font of the value."""
        self._value.setFont(font(use))

    def show_alarm(self, on: bool) -> None:
        """In the colours of what is old, or plain."""
        restyle(self, "state", "stale" if on else "")

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
        self.setAccessibleName(words or f"No plots that are {WORDS[self._badge]}")
        self.setToolTip("Show them")
        self.setVisible(bool(words))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        self.setIcon(icons.badge_pixmap(self._badge, 48, 2.0, on_fill=True))


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
