"""Joins the log page, its rows and filters, and the server: page after page of streaks."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QModelIndex, QObject, Signal, Slot
from PySide6.QtGui import QImage

from hydra_desktop.asking_newest import NewestAsking
from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.log_words import filter_of, fresh_words, noteworthy, nothing, page_after
from hydra_desktop.models.log import LogModel
from hydra_desktop.rooms.log_files import LogFiles
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.rooms.streak_room import StreakRoom
from hydra_desktop.settings import Memory
from hydra_desktop.thumbnails import Thumbnails
from inference_server.protocol.messages import Judged, PlotTypeInfo, PlotTypesChanged, Snapshot
from inference_server.protocol.records import (
    GetLogPage,
    GetRunPeriods,
    LogFilter,
    LogPage,
    RunPeriods,
    Streak,
)
from ui.log_filters import LogWish
from ui.log_page import LogPage as Page

_ROWS = 100


class LogRoom(QObject):
    """The only writer of the log's rows."""

    open_wanted = Signal(object)  # Target
    replay_wanted = Signal(int)  # a run

    def __init__(self, page: Page, asker: Asker, memory: Memory) -> None:
        super().__init__(page)
        self._page, self._memory = page, memory
        self._asking = NewestAsking(asker, self)
        self.model = LogModel(self)
        self.streak = StreakRoom(page.preview, asker)
        self.files = LogFiles(page, self._asking, lambda: self._wanted)
        self.small = Thumbnails(asker, self.model.has_image, self)
        self._plot_types: tuple[PlotTypeInfo, ...] = ()
        self._classes: tuple[str, ...] = ()
        self._periods: tuple[str, ...] = ()
        self._wanted = LogFilter()
        self._last: Streak | None = None
        self._asked, self._missed = False, False
        self._fresh = 0  # verdicts that came since and belong into a log
        page.show_rows(self.model)
        self._join()
        self._show_saved()

    # ------------------------------------------------------------ from outside

    @Slot(object)
    def restore(self, snapshot: Snapshot) -> None:
        """Learn the detectors and classes that can be chosen."""
        self._classes = tuple(each.name for each in snapshot.classes)
        self.small.restart()
        if self._asked:  # what came while the link was away nobody has counted
            self._missed = True
            self._page.show_fresh("There may be new ones: show them")
        self._take_plot_types(snapshot.plot_types)

    @Slot(list)
    def receive(self, batch: Sequence[object]) -> None:
        """Follow the catalogue."""
        for arrival in batch:
            message = getattr(arrival, "message", None)
            match message:
                case PlotTypesChanged(plot_types=plot_types):
                    self._take_plot_types(plot_types)
                case Judged(verdict=verdict) if noteworthy(verdict):
                    self._fresh += 1
        if self._fresh and self._asked and not self._missed:
            self._page.show_fresh(fresh_words(self._fresh))

    def look(self) -> None:
        """The page is being looked at: what is newest may have changed."""
        self._asking.ask("periods", GetRunPeriods(), self._take_periods, self._failed)
        if self._fresh or self._missed or not self._asked:
            self.refresh()

    def refresh(self) -> None:
        """Ask for the first page again."""
        self._asked, self._missed, self._fresh = True, False, 0
        self._page.show_fresh("")
        self._wanted = filter_of(self._page.filters.wish(), self._plot_types)
        self._last = None
        self._page.show_state("Asking the server.")
        request = GetLogPage(wanted=self._wanted, limit=_ROWS)
        self._asking.ask("page", request, self._take_first, self._failed)

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """An answer to one of our questions."""
        for part in (self._asking, self.streak, self.small):
            part.take_answer(ticket, answer)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why there is no answer."""
        for part in (self._asking, self.streak, self.small):
            part.take_failure(ticket, failure)

    # ------------------------------------------------------------ pages

    def _take_first(self, answer: Answer) -> None:
        """The row that was chosen stays so, where it is still among them."""
        details = self.streak.details
        self.model.clear()
        self._take_page(answer)
        row = self.model.find(details.streak.id) if details is not None else QModelIndex()
        if row.isValid():
            self._page.rows.setCurrentIndex(row)
        else:
            self.streak.clear()

    def _take_page(self, answer: Answer) -> None:
        match answer.message:
            case LogPage(streaks=streaks, more=more):
                self.model.append(streaks)
                self._last = streaks[-1] if streaks else self._last
                self.small.want(row.first_hash for row in self.model.streaks())
                self._show_count(more=more)

    def _show_count(self, *, more: bool) -> None:
        count = len(self.model.streaks())
        ends = ", the newest ones" if more else ""
        self._page.show_state(
            "1 streak." if count == 1 else f"{count} streaks{ends}.",
            nothing="" if count else nothing(self._wanted),
            more=more,
        )

    def _more(self) -> None:
        if self._last is not None:
            request = page_after(self._wanted, self._last, _ROWS)
            self._asking.ask("page", request, self._take_page, self._failed)

    def _failed(self, failure: Failure) -> None:
        self._asked = False
        self._page.show_state(failure.words)

    # ------------------------------------------------------------ one row

    def _choose(self, index: QModelIndex) -> None:
        if (streak := self.model.streak(index)) is not None:
            self.streak.show(streak)

    def _shown(self, number: int) -> None:
        """The one with which trouble began may be another row than the chosen one."""
        if self.streak.details is not None:
            self.model.renew(self.streak.details.streak)
        row = self.model.find(number)
        if row.isValid() and row.row() != self._page.rows.currentIndex().row():
            self._page.rows.scrollTo(row)

    def _take_small(self, picture_hash: str, image: QImage) -> None:
        self.model.show_image(picture_hash, image)

    # ------------------------------------------------------------ filters

    def _join(self) -> None:
        page = self._page
        page.filters.changed.connect(self.refresh)
        page.filters.save_wanted.connect(self.save_filters)
        page.filters.saved_chosen.connect(self._choose_saved)
        page.chosen.connect(self._choose)
        page.opened.connect(self.streak.open_detail)
        page.more_wanted.connect(self._more)
        page.fresh_wanted.connect(self.refresh)
        self.streak.shown.connect(self._shown)
        self.streak.open_wanted.connect(self.open_wanted)
        self.streak.replay_wanted.connect(self.replay_wanted)
        self.small.came.connect(self._take_small)

    def _take_plot_types(self, plot_types: tuple[PlotTypeInfo, ...]) -> None:
        self._plot_types = plot_types
        self._show_choices()

    def _take_periods(self, answer: Answer) -> None:
        if isinstance(answer.message, RunPeriods):
            self._periods = answer.message.names
            self._show_choices()

    def _show_choices(self) -> None:
        detectors = sorted({each.group for each in self._plot_types if each.group})
        self._page.filters.show_choices(self._periods, detectors, self._classes)

    def save_filters(self, name: str) -> None:
        """Keep the filters in force on this station as ``name``."""
        saved = self._saved() | {name: self._page.filters.wish()}
        self._memory.remember("log_filters", msgspec.json.encode(saved).decode())
        self._show_saved()

    def _choose_saved(self, name: str) -> None:
        if (wish := self._saved().get(name)) is not None:
            self._page.filters.show_wish(wish)

    def _saved(self) -> dict[str, LogWish]:
        try:
            return msgspec.json.decode(
                self._memory.text("log_filters", "{}"), type=dict[str, LogWish]
            )
        except msgspec.MsgspecError:
            return {}  # the file was edited by hand

    def _show_saved(self) -> None:
        self._page.filters.show_saved(sorted(self._saved()))
