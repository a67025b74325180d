"""The line on every page: run, last plot, plots seen, the alarm counts and the clock."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui import icons
from ui.calling_bar import SoundButton
from ui.crowd import Crowd
from ui.parts import BadgeLabel, label, restyle
from ui.states import WORDS, TileState
from ui.type_scale import font

MUTES_MIN = (5, 15, 60)
_WIDE, _CLOSE = 32, 16  # px between figures, and where there is little room
_ALARMS = 8  # px between what calls
_LEFT, _RIGHT = 12, 16


class StatusLine(QFrame):
    """Figures from the left, what calls on the right.

    Where there is too little room for all of it, figures come closer, then the least needed go: what calls, the
    run, the last plot and the clock never do.
    """

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
        self._row, self._crowd, self._wall = QHBoxLayout(self), Crowd(), False
        self.legend = QPushButton("Legend")
        self.legend.setProperty("kind", "plain")
        self.legend.setToolTip("What badges and colours mean")
        self.waiting = QPushButton()  # how many alarms nobody has acknowledged
        self.waiting.setToolTip("Show the alarms")
        self.waiting.setFont(font("section"))
        self.waiting.clicked.connect(self.waiting_clicked)
        self.sound = SoundButton(MUTES_MIN)
        self._calling: tuple[QWidget, ...] = (
            self.waiting, self.bad, self.look, self.calm, self.sound,
        )  # fmt: skip
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
        self._crowd.wish(self.bad, bool(bad))
        self._crowd.wish(self.look, bool(look))
        self._crowd.wish(self.calm, not bad and not look)
        self._fit()

    def show_experiment(self, name: str, logo: QImage | None) -> None:
        """Whose plots these are; ``logo`` as the site gives it, None: the name alone."""
        self.experiment.setText(name)
        self._crowd.wish(self.experiment, bool(name))
        self._crowd.wish(self._logo, logo is not None)
        if logo is not None:
            high = logo.scaledToHeight(72, Qt.TransformationMode.SmoothTransformation)
            picture = QPixmap.fromImage(high)
            picture.setDevicePixelRatio(2)
            self._logo.setPixmap(picture)
            self._logo.setAccessibleName(f"Logo of {name}")
            self._logo.setToolTip(name)
        self._fit()

    def show_conditions(self, conditions: Sequence[tuple[str, str]]) -> None:
        """Names and values of run conditions ("Beam", "On"), in this order; what is not told is gone."""
        told = dict(conditions)
        for name in self._conditions.keys() - told.keys():
            gone = self._conditions.pop(name)
            self._crowd.forget(gone)
            gone.deleteLater()
        for name, value in conditions:
            if name not in self._conditions:
                self._add_condition(name)
            self._conditions[name].show_value(value)
        self._fit()

    def show_last_plot(self, words: str, *, late: bool) -> None:
        """How long ago the last picture came; ``late``: longer than its own limit allows."""
        self.last_plot.show_value(f"{words}, late" if late else words)
        self.last_plot.show_alarm(late)

    def set_wall(self, on: bool) -> None:
        """Figures to be read from afar."""
        self._wall = on
        self.setFixedHeight(96 if on else 56)
        self._crowd.wish(self.legend, not on)
        self._choose_size()
        self._fit()

    def leave_out(self, part: QWidget) -> None:
        """Do without one of the parts."""
        self._crowd.wish(part, False)
        self._fit()

    def show_waiting(self, count: int) -> None:
        """How many alarms wait for somebody."""
        self.waiting.setText(f"{count} not acknowledged")
        self.waiting.setAccessibleName(f"{count} alarms not acknowledged")
        self._crowd.wish(self.waiting, count > 0)
        self._fit()

    def show_clock(self, time: str, date: str) -> None:
        """The wall clock with its zone, as text."""
        if time != self._time.text():
            self._time.setText(time)
            self._date.setText(date)

    def minimumSizeHint(self) -> QSize:
        """As narrow as what never gives way; a wall takes the screen that there is."""
        narrow = 0 if self._wall else self._needed(self._crowd.least(), gap=_CLOSE)
        return QSize(narrow, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._choose_size()
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:  # a figure has become longer or shorter
            self._fit()
        return super().event(event)

    # ------------------------------------------------------------ room

    def _fit(self) -> None:
        roomy = self._needed(self._crowd.wished(), gap=_WIDE) <= self.width()
        gap = _WIDE if roomy else _CLOSE
        if self._row.spacing() != gap:
            self._row.setSpacing(gap)
        self._crowd.fit(self.width(), partial(self._needed, gap=gap))

    def _needed(self, parts: Sequence[QWidget], *, gap: int) -> int:
        """px that these and the clock need, ``gap`` px apart."""
        clock = max(text.sizeHint().width() for text in (self._time, self._date))
        alarms = sum(part in self._calling for part in parts)
        gaps = gap * (len(parts) - alarms + 1) + _ALARMS * max(0, alarms - 1)
        return _LEFT + _RIGHT + clock + gaps + sum(part.sizeHint().width() for part in parts)

    def _choose_size(self) -> None:
        """Figures to be read from afar on the wall, as far as what never gives way has room so."""
        for use in ("wall", "low wall") if self._wall else ("figure",):
            self._set_size(use)
            if self._needed(self._crowd.least(), gap=_CLOSE) <= self.width():
                break

    def _set_size(self, use: str) -> None:
        for figure in (self.run, self.last_plot, self.seen, *self._conditions.values()):
            figure.set_use(use)
        for text in (self._time, self.bad, self.look):
            text.setFont(font(use))
        for count in (self.bad, self.look):
            count.setIconSize(QSize(26, 26) if use == "figure" else QSize(48, 48))

    def _add_condition(self, name: str) -> None:
        made = self._conditions[name] = _Figure(name)
        self._row.insertWidget(self._row.indexOf(self.seen) + len(self._conditions), made)
        self._crowd.add(made)
        self._crowd.spare(self.legend, self.experiment, self.seen, made)
        self._choose_size()

    def _lay_out(self) -> None:
        row = self._row
        row.setContentsMargins(_LEFT, 4, _RIGHT, 4)
        row.setSpacing(_WIDE)
        for part in (self._logo, self.experiment, self.run, self.last_plot, self.seen):
            row.addWidget(part)
            self._crowd.add(part, shown=part not in (self._logo, self.experiment))
        row.addStretch(1)
        row.addWidget(self.legend)
        self._crowd.add(self.legend)
        alarms = QHBoxLayout()
        alarms.setSpacing(_ALARMS)
        for widget in self._calling:
            alarms.addWidget(widget)
        row.addLayout(alarms)
        for widget in self._calling:
            self._crowd.add(widget)
        self._crowd.spare(self.legend, self.experiment, self.seen)
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
        """Say the count; empty text where there is none."""
        self.setText(f"  {words}" if words else "")  # Qt puts no room between icon and text
        self.setAccessibleName(words or f"No plots that are {WORDS[self._badge]}")
        self.setToolTip("Show them")

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
