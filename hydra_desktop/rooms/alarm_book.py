"""The alarm page: what stands and what is set aside, the history, the figures, and who was away."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.models.alarm_table import (
    HISTORY,
    SET_ASIDE,
    STANDING,
    Column,
    Table,
    set_aside,
    standing,
)
from hydra_desktop.models.alarms import SEVERITY_WORDS
from hydra_desktop.rooms.alarm_room import AlarmRoom
from hydra_desktop.rooms.presence import Presence, absence
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.words import duration
from inference_server.protocol.alarms import (
    AlarmEvent,
    AlarmFigures,
    AlarmHistory,
    AlarmSeverity,
    AlarmState,
    Figures,
    GetAlarmFigures,
    GetAlarmHistory,
)
from ui.alarm_page import AlarmPage, AlarmTable

MOST_AWAY = 500
T = TypeVar("T", AlarmState, AlarmEvent)


class AlarmBook(QObject):
    """The only writer of the page's tables."""

    plot_wanted = Signal(str)
    missed = Signal(str)  # what happened while nobody was there, in a sentence

    def __init__(self, page: AlarmPage, room: AlarmRoom, asker: Asker) -> None:
        super().__init__(page)
        self._page, self._room, self._asker = page, room, asker
        self.presence = Presence(room)
        self.standing, self.aside = Table(STANDING, self), Table(SET_ASIDE, self)
        self.history, self.away = Table(HISTORY, self), Table(HISTORY, self)
        self._events: deque[AlarmEvent] = deque(maxlen=MOST_AWAY)
        self._history_ticket = self._figures_ticket = self._away_ticket = 0
        self._next: int | None = None
        self._search = ""
        self._join()
        self.show_all()

    @property
    def chosen(self) -> list[AlarmState]:
        """The alarms that are chosen on the tab of the standing ones; all of them if none is."""
        rows = self._page.standing.chosen
        items = _of(self.standing, AlarmState)
        return [items[row] for row in rows] if rows else items

    @property
    def chosen_aside(self) -> list[AlarmState]:
        """Those that are chosen among the ones set aside."""
        items = _of(self.aside, AlarmState)
        return [items[row] for row in self._page.aside.chosen]

    @Slot()
    def show_all(self) -> None:
        """The alarms as they are now."""
        now, page = self._room.now(), self._page
        here, aside = standing(self._room.alarms), set_aside(self._room.alarms)
        self.standing.show(here, now)
        self.aside.show(aside, now)
        page.show_counts(len(here), len(aside))
        waiting = len(self._room.waiting)
        page.standing_note.setText(
            f"{waiting} of {len(here)} not acknowledged. Enter opens the plot."
            if here
            else "No alarm stands."
        )
        page.aside_note.setText(
            "The oldest first. Each has an owner and, but for suppressed ones, an end."
            if aside
            else "Nothing is shelved, suppressed or out of service."
        )

    @Slot()
    def tick(self) -> None:
        """Once a second: ages, where somebody looks."""
        if self._page.isVisible() and self._page.tab in ("standing", "aside"):
            self.show_all()

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """A page of the history, or the figures."""
        match answer.message:
            case AlarmHistory(events=events, next=following) if ticket == self._history_ticket:
                self._show_history(list(events), following)
            case AlarmHistory(events=events) if ticket == self._away_ticket:
                self._show_away(events)
            case AlarmFigures(figures=figures) if ticket == self._figures_ticket:
                self._page.figures.show_facts(figure_rows(figures))
                self._page.figures_note.setText(judged(figures))

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why they are not there."""
        if ticket == self._history_ticket:
            self._page.history_note.setText(failure.words)
        if ticket == self._figures_ticket:
            self._page.figures_note.setText(failure.words)

    @Slot(str)
    def look(self, tab: str) -> None:
        """A tab came to the front."""
        match tab:
            case "history":
                self.search(self._search)
            case "figures":
                self.ask_figures(self._page.shift_hours)
            case "away":
                self.show_away()

    @Slot(str)
    def search(self, words: str) -> None:
        """The history from its newest end."""
        self._search, self._next = words, None
        self._ask_history()

    @Slot(int)
    def ask_figures(self, hours: int) -> None:
        """The figures of so many hours until now."""
        until = self._room.now()
        request = GetAlarmFigures(since=until - timedelta(hours=hours), until=until)
        self._figures_ticket = self._asker.ask(request)

    @Slot()
    def show_away(self) -> None:
        """What happened between the last key or mouse use and the return.

        What this station heard is shown at once; the server adds what was missed with a lost link.
        """
        self._show_away(self._heard_away())
        presence = self.presence
        if presence.left_at != presence.back_at:
            wanted = GetAlarmHistory(
                since=presence.left_at, until=presence.back_at, limit=MOST_AWAY
            )
            self._away_ticket = self._asker.ask(wanted)

    def _heard_away(self) -> list[AlarmEvent]:
        left, back = self.presence.left_at, self.presence.back_at
        return [event for event in reversed(self._events) if left <= event.at <= back]

    def _show_away(self, missed: Sequence[AlarmEvent]) -> None:
        self.away.show(missed, self._room.now())
        words = absence(self.presence, len(missed))
        self._page.away_note.setText(words)

    def _returned(self) -> None:
        """Nobody looks for what he does not know of: say it."""
        if missed := self._heard_away():
            gone = absence(self.presence, len(missed))
            waiting = len(self._room.waiting)
            self.missed.emit(f"{gone} {waiting or 'None'} not acknowledged.")
        if self._page.tab == "away":
            self.show_away()

    # ------------------------------------------------------------ parts

    def _ask_history(self) -> None:
        request = GetAlarmHistory(search=self._search, before=self._next)
        self._history_ticket = self._asker.ask(request)

    def _show_history(self, events: list[AlarmEvent], following: int | None) -> None:
        if self._next is None:
            self.history.show(events, self._room.now())
        else:
            self.history.add(events)
        self._next = following
        self._page.more.setVisible(following is not None)
        count = self.history.rowCount()
        of = f' with "{self._search}"' if self._search else ""
        self._page.history_note.setText(
            f"{count} events{of}, the newest first." if count else f"No events{of}."
        )

    def _happened(self, event: AlarmEvent) -> None:
        self._events.append(event)

    def _open(self, row: int) -> None:
        items = _of(self.standing, AlarmState)
        if row < len(items):
            self.plot_wanted.emit(items[row].plot_type)

    def _join(self) -> None:
        page = self._page
        pairs: tuple[tuple[AlarmTable, Table, tuple[Column, ...]], ...] = (
            (page.standing, self.standing, STANDING),
            (page.aside, self.aside, SET_ASIDE),
            (page.history, self.history, HISTORY),
            (page.away, self.away, HISTORY),
        )
        for view, model, columns in pairs:
            stretched = [number for number, column in enumerate(columns) if column.stretched]
            view.show_model(model, stretched)
        page.more.hide()
        page.searched.connect(self.search)
        page.more_wanted.connect(self._ask_history)
        page.shift_chosen.connect(self.ask_figures)
        page.tab_shown.connect(self.look)
        page.plot_wanted.connect(self._open)
        self._room.changed.connect(self.show_all)
        self._room.happened.connect(self._happened)
        self.presence.returned.connect(self._returned)


def _of(table: Table, kind: type[T]) -> list[T]:
    return [item for item in table.items if isinstance(item, kind)]


def figure_rows(figures: Figures) -> list[tuple[str, str]]:
    """The figures as names and values."""
    total = max(figures.raised, 1)
    shares = ", ".join(
        f"{SEVERITY_WORDS[AlarmSeverity(name)].lower()} {number} ({100 * number / total:.0f} %)"
        for name, number in sorted(figures.by_severity.items())
    )
    worst = ", ".join(f"{name} {number}" for name, number in figures.worst)
    seen = figures.acknowledge_s
    return [
        ("Alarms", str(figures.raised)),
        ("Alarms in 10 min, on average", f"{figures.per_10_min:.1f}"),
        ("Most in one stretch of 10 min", str(figures.worst_10_min)),
        ("Floods (10 or more in 10 min)", str(figures.floods)),
        ("By severity", shares or "None"),
        ("Called most often", worst or "None"),
        ("Chattering", ", ".join(figures.chattering) or "None"),
        ("Standing for more than 24 h", ", ".join(figures.stale) or "None"),
        ("Acknowledged after, median", duration(seen) if seen is not None else "None yet"),
    ]


def judged(figures: Figures) -> str:
    """The guide values of EEMUA 191 beside the figures."""
    guide = "Guide values (EEMUA 191): about 1 alarm in 10 min is manageable, 10 are a flood."
    if figures.floods:
        floods = "was 1 flood" if figures.floods == 1 else f"were {figures.floods} floods"
        return f"{guide} There {floods}: see what called most often."
    if figures.per_10_min > 1:
        return f"{guide} There were more than that: see what called most often."
    return f"{guide} This stretch was manageable."
