"""Joins the history page and the server: whatever stretch comes into view is asked for at its own zoom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from hydra_desktop.asking_newest import NewestAsking
from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.links import Target
from hydra_desktop.log_words import runs_of
from hydra_desktop.models.history_look import Look, closer, stretch_of
from hydra_desktop.models.trend import facts, trend
from hydra_desktop.rooms.history_files import HistoryFiles
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.settings import Memory
from inference_server.protocol.messages import (
    GetPicture,
    GetThumbnail,
    Judged,
    Picture,
    PlotTypeInfo,
    PlotTypesChanged,
    Snapshot,
)
from inference_server.protocol.records import Timeline
from ui.history_page import MOST, HistoryPage

HOVER_MS = 150
FOLLOW_MS = 5000  # so often what is newest is asked for again, while verdicts come


class HistoryRoom(QObject):
    """The only one that puts data into the plots."""

    open_wanted = Signal(object)  # Target

    def __init__(self, page: HistoryPage, asker: Asker, memory: Memory) -> None:
        super().__init__(page)
        self._page, self._memory = page, memory
        self._names: dict[int, str] = {}
        self._kinds: dict[int, PlotTypeInfo] = {}
        self._colours: dict[str, str] = {}
        self._shown: dict[int, Timeline] = {}
        self._wanted: list[int] = []
        self._look = Look()
        self._days: float | None = 1.0  # of the newest that are followed; None: another stretch
        self._placed = False  # whether the stretch in view is the one that was asked for
        self._asking = NewestAsking(asker, self)
        self.files = HistoryFiles(page, self._named)
        self._opened: Target | None = None  # the verdict whose picture is shown
        self._pointed: tuple[int, int] | None = None
        self._hover = QTimer(self, singleShot=True, interval=HOVER_MS)
        self._follow = QTimer(self, singleShot=True, interval=FOLLOW_MS)
        self._join()

    # ------------------------------------------------------------ from outside

    @Slot(object)
    def restore(self, snapshot: Snapshot) -> None:
        """Learn the plot types and the colours of classes."""
        self._colours = {each.name: each.colour for each in snapshot.classes if each.colour}
        self._take_kinds(snapshot.plot_types)
        if self._page.isVisible():
            self.look()

    @Slot(list)
    def receive(self, batch: Sequence[object]) -> None:
        """Follow the catalogue, and what comes of the plots that are shown up to the newest verdict."""
        for arrival in batch:
            match getattr(arrival, "message", None):
                case PlotTypesChanged(plot_types=plot_types):
                    self._take_kinds(plot_types)
                case Judged(verdict=verdict) if verdict.plot_type_id in self._shown:
                    if self._days is not None and not self._follow.isActive():
                        self._follow.start()

    def show(self, number: int) -> None:
        """Show one plot type more."""
        if number in self._wanted:
            return
        if len(self._wanted) >= MOST:
            self._page.note.setText(f"At most {MOST} plots at a time: remove one first.")
            return
        self._wanted.append(number)
        self._remember()
        self._ask_for(number)

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """An answer to one of our questions, unless a newer one was asked since."""
        self._asking.take_answer(ticket, answer)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why there is no answer."""
        self._asking.take_failure(ticket, failure)

    def look(self) -> None:
        """The page is being looked at: it opens with what was looked at last, or the first plot."""
        if self._wanted or not self._names:
            return
        by_name = {name: number for number, name in self._names.items()}
        last = [
            by_name[name] for name in self._memory.text("history").split("\n") if name in by_name
        ]
        for number in last or list(self._names)[:1]:
            self.show(number)

    def refresh(self) -> None:
        """Ask again for what is in view."""
        self._ask_for_all()

    def _remember(self) -> None:
        names = [self._names[number] for number in self._wanted if number in self._names]
        self._memory.remember("history", "\n".join(names))

    def _no_timeline(self, failure: Failure) -> None:
        self._page.note.setText(failure.words)

    # ------------------------------------------------------------ timelines

    def _ask_for(self, number: int) -> None:
        self._send(number)
        self._page.note.setText("Asking the server.")

    def _send(self, number: int) -> None:
        request = self._look.request(number)
        self._asking.ask(f"plot {number}", request, self._take_timeline, self._no_timeline)

    def _ask_for_all(self) -> None:
        for number in self._wanted:
            self._ask_for(number)

    def _take_timeline(self, answer: Answer) -> None:
        match answer.message:
            case Timeline(plot_type_id=number) as timeline if number in self._wanted:
                self._shown[number] = timeline
                data = trend(timeline, self._names.get(number, str(number)), self._colours)
                self._page.show_trend(number, data)
                if not self._placed:
                    self._place(timeline)
                self._page.note.setText(_told(timeline))

    def _place(self, timeline: Timeline) -> None:
        self._placed = True
        begin, end = stretch_of(timeline)
        self._look = self._look.at(begin, end)
        self._page.show_stretch(begin, end)

    def _look_at(self, begin: float, end: float) -> None:
        """A stretch came into view by wheel or mouse."""
        self._days = None
        self._look = self._look.at(begin, end)
        self._ask_for_all()

    def _look_anew(self, look: Look) -> None:
        """What comes into view is known with the answer."""
        self._look, self._placed = look, False
        self._ask_for_all()

    def _look_at_runs(self, text: str) -> None:
        first, last = runs_of(text)
        if first is None and last is None:
            self._page.note.setText("Runs are written like 92317 or 92300-92317.")
            return
        self._days = None
        self._look_anew(self._look.of_runs(first, last))

    def _look_at_days(self, days: float) -> None:
        self._days = days
        self._look_anew(self._look.newest(days, datetime.now(UTC)))

    def _look_again(self) -> None:
        """Verdicts came: the newest days are others now."""
        if self._days is not None and self._page.isVisible():
            self._look, self._placed = self._look.newest(self._days, datetime.now(UTC)), False
            for number in self._wanted:
                self._send(number)

    def _turn(self, by_run: bool) -> None:
        """To the other axis, with the same in view."""
        if by_run == self._look.by_run:
            return
        if self._days is not None:
            self._look_anew(Look(by_run).newest(self._days, datetime.now(UTC)))
        else:
            seen = next((self._shown[each] for each in self._wanted if each in self._shown), None)
            self._look_anew(self._look.turned(by_run=by_run, seen=seen))

    def _remove(self, number: int) -> None:
        self._wanted.remove(number)
        self._shown.pop(number, None)
        self._remember()
        self._page.remove(number)

    # ------------------------------------------------------------ one step

    def _point(self, number: int, step: int) -> None:
        self._pointed = (number, step) if step >= 0 else None
        if self._pointed is not None:
            self._hover.start()

    def _show_pointed(self) -> None:
        if self._pointed is not None:
            self._show_step(*self._pointed, full=False)

    def _press(self, number: int, step: int) -> None:
        """A verdict opens its picture; an hour, a day or a run opens itself."""
        timeline = self._shown.get(number)
        if timeline is None:
            return
        if timeline.step == "point":
            self._show_step(number, step, full=True)
            return
        begin, end = closer(timeline, step)
        self._page.show_stretch(begin, end)
        self._look_at(begin, end)

    def _show_step(self, number: int, step: int, *, full: bool) -> None:
        timeline = self._shown.get(number)
        if timeline is None or step >= len(timeline.times):
            return
        self._page.show_step(self._names.get(number, ""), facts(timeline, step))
        if not timeline.hashes[step]:
            words = {"hour": "an hour", "day": "a day"}.get(timeline.step, "a run")
            self._page.show_picture(None, f"Click to come closer: this is {words}.")
            return
        at, kind = datetime.fromtimestamp(timeline.times[step], UTC), self._kinds[number]
        self._opened = Target(kind.name, kind.chunked, timeline.hashes[step], at)
        wanted = timeline.hashes[step]
        request = GetPicture(picture_hash=wanted) if full else GetThumbnail(picture_hash=wanted)
        self._asking.ask(
            "picture", request, self._take_picture,
            lambda failure: self._page.show_picture(None, failure.words),
        )  # fmt: skip

    def _open(self) -> None:
        """The verdict whose picture is shown, on the detail page."""
        if self._opened is not None:
            self.open_wanted.emit(self._opened)

    def _named(self) -> list[tuple[str, Timeline]]:
        return [(self._names.get(number, ""), each) for number, each in self._shown.items()]

    def _take_picture(self, answer: Answer) -> None:
        if isinstance(answer.message, Picture):
            note = "" if answer.image is not None else "The server's picture cannot be read."
            self._page.show_picture(answer.image, note)

    # ------------------------------------------------------------ parts

    def _join(self) -> None:
        page = self._page
        page.added.connect(self.show)
        page.removed.connect(self._remove)
        page.stretch_wanted.connect(self._look_at)
        page.days_wanted.connect(self._look_at_days)
        self._follow.timeout.connect(self._look_again)
        page.axis_wanted.connect(self._turn)
        page.runs_wanted.connect(self._look_at_runs)
        page.hovered.connect(self._point)
        page.pressed.connect(self._press)
        self._hover.timeout.connect(self._show_pointed)
        page.open_wanted.connect(self._open)

    def _take_kinds(self, kinds: Sequence[PlotTypeInfo]) -> None:
        ordered = sorted(kinds, key=lambda each: (each.group, each.name))
        self._names = {each.id: each.name for each in ordered}
        self._kinds = {each.id: each for each in ordered}
        self._page.show_kinds([(each.id, each.name) for each in ordered])


def _told(timeline: Timeline) -> str:
    pictures = sum(timeline.pictures)
    each = {"point": "one by one", "run": "run by run"}.get(
        timeline.step, f"by the {timeline.step}"
    )
    return f"{pictures} verdicts, {each}." if pictures else ""
