"""Joins the log page, its rows, and the server: pages, one streak, its pictures, comments, tables, reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from PySide6.QtCore import QModelIndex, QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog

from hydra_desktop import background
from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.log_words import facts, filter_of, nothing, page_after, table
from hydra_desktop.models.log import LogModel
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.settings import Memory
from inference_server.protocol.messages import (
    Done,
    GetPicture,
    Picture,
    PlotTypeInfo,
    PlotTypesChanged,
    Snapshot,
)
from inference_server.protocol.records import (
    CommentOnStreak,
    GetLogPage,
    GetReport,
    GetRunPeriods,
    GetStreak,
    LogFilter,
    LogPage,
    Report,
    RunPeriods,
    Streak,
    StreakDetails,
)
from ui.log_filters import LogWish
from ui.log_page import LogPage as Page

_ROWS, _TABLE_ROWS = 100, 500
_A_DAY = timedelta(days=1)


class LogRoom(QObject):
    """The only writer of the log's rows."""

    save_asked = Signal(str)  # the path that was chosen; for tests and the foot

    def __init__(self, page: Page, asker: Asker, memory: Memory) -> None:
        super().__init__(page)
        self._page, self._asker, self._memory = page, asker, memory
        self.model = LogModel(self)
        self._plot_types: tuple[PlotTypeInfo, ...] = ()
        self._classes: tuple[str, ...] = ()
        self._periods: tuple[str, ...] = ()
        self._wanted = LogFilter()
        self._last: Streak | None = None
        self._details: StreakDetails | None = None
        self._waiting: dict[int, Callable[[Answer], None]] = {}
        self._newest: dict[str, int] = {}  # by what was asked: only the newest ticket counts
        self._asked = False
        page.show_rows(self.model)
        self._join()
        self._show_saved()

    # ------------------------------------------------------------ from outside

    @Slot(object)
    def restore(self, snapshot: Snapshot) -> None:
        """Learn the detectors and classes that can be chosen."""
        self._classes = tuple(each.name for each in snapshot.classes)
        self._take_plot_types(snapshot.plot_types)

    @Slot(list)
    def receive(self, batch: Sequence[object]) -> None:
        """Follow the catalogue."""
        for arrival in batch:
            message = getattr(arrival, "message", None)
            if isinstance(message, PlotTypesChanged):
                self._take_plot_types(message.plot_types)

    def look(self) -> None:
        """The page is being looked at: what is newest may have changed."""
        self._ask("periods", GetRunPeriods(), self._take_periods)
        if not self._asked:
            self.refresh()

    def refresh(self) -> None:
        """Ask for the first page again."""
        self._asked = True
        self._wanted = filter_of(self._page.filters.wish(), self._plot_types)
        self._last = None
        self._page.show_state("Asking the server.")
        request = GetLogPage(wanted=self._wanted, limit=_ROWS)
        self._ask("page", request, self._take_first)

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """An answer to one of our questions, unless a newer one was asked since."""
        then = self._waiting.pop(ticket, None)
        if then is not None and ticket in self._newest.values():
            then(answer)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why there is no answer."""
        if self._waiting.pop(ticket, None) is None or ticket not in self._newest.values():
            return
        if ticket == self._newest.get("picture"):
            self._page.preview.show_picture(None, failure.words)
        elif ticket == self._newest.get("comment"):
            self._page.preview.picture_note.setText(f"The comment is not kept: {failure.words}")
        else:
            self._asked = False
            self._page.show_state(failure.words)

    # ------------------------------------------------------------ pages

    def _take_first(self, answer: Answer) -> None:
        self.model.clear()
        self._page.preview.show_nothing()
        self._take_page(answer)

    def _take_page(self, answer: Answer) -> None:
        match answer.message:
            case LogPage(streaks=streaks, more=more):
                self.model.append(streaks)
                self._last = streaks[-1] if streaks else self._last
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
            self._ask("page", page_after(self._wanted, self._last, _ROWS), self._take_page)

    # ------------------------------------------------------------ one streak

    def _choose(self, index: QModelIndex) -> None:
        streak = self.model.streak(index)
        if streak is not None:
            self._ask("streak", GetStreak(streak_id=streak.id), self._take_streak)

    def _begin(self) -> None:
        if self._details is not None:
            request = GetStreak(streak_id=self._details.streak.id, from_the_beginning=True)
            self._ask("streak", request, self._take_streak)

    def _take_streak(self, answer: Answer) -> None:
        if not isinstance(answer.message, StreakDetails):
            return
        self._details = answer.message
        self._page.preview.show_streak(facts(answer.message))
        row = self.model.find(answer.message.streak.id)
        if row.isValid() and row.row() != self._page.rows.currentIndex().row():
            self._page.rows.scrollTo(row)
        self._show_picture(0)

    def _show_picture(self, place: int) -> None:
        if self._details is None or not 0 <= place < len(self._details.pictures):
            return
        wanted = self._details.pictures[place].picture_hash
        self._ask("picture", GetPicture(picture_hash=wanted), self._take_picture)

    def _take_picture(self, answer: Answer) -> None:
        if isinstance(answer.message, Picture):
            note = "" if answer.image is not None else "The server's picture cannot be read."
            self._page.preview.show_picture(answer.image, note)

    def _comment(self, text: str) -> None:
        if self._details is None:
            return
        request = CommentOnStreak(streak_id=self._details.streak.id, text=text)
        self._ask("comment", request, self._commented)
        self._page.preview.picture_note.setText("The comment waits for the server.")

    def _commented(self, answer: Answer) -> None:
        if isinstance(answer.message, Done) and self._details is not None:
            self._page.preview.comment.clear()
            request = GetStreak(streak_id=self._details.streak.id)
            self._ask("streak", request, self._take_streak)

    # ------------------------------------------------------------ tables and reports

    def _export(self) -> None:
        asking = QFileDialog(self._page, "Export the log as CSV", "", "Tables (*.csv)")
        asking.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        asking.setDefaultSuffix("csv")
        asking.selectFile("hydra-log.csv")
        asking.fileSelected.connect(self.export_to)
        asking.open()

    def export_to(self, path: str) -> None:
        """Write all streaks with the filters in force to ``path``, asked for page by page."""
        self._table: list[Streak] = []
        self._path = path
        request = GetLogPage(wanted=self._wanted, limit=_TABLE_ROWS)
        self._ask("table", request, self._take_table)

    def _take_table(self, answer: Answer) -> None:
        if not isinstance(answer.message, LogPage):
            return
        self._table += answer.message.streaks
        self._page.note.setText(f"Exporting, {len(self._table)} streaks so far.")
        if answer.message.more:
            request = page_after(self._wanted, self._table[-1], _TABLE_ROWS)
            self._ask("table", request, self._take_table)
            return
        content = table(self._table)
        self._write(content.encode(), f"{len(self._table)} streaks")

    def _report(self, form: str, send: bool) -> None:
        now = datetime.now(UTC)
        since = self._wanted.since or now - _A_DAY
        request = GetReport(since=since, until=self._wanted.until or now, format=form, send=send)
        if send:
            self._ask("report", request, self._report_sent)
            return
        asking = QFileDialog(self._page, "Save the daily report", "", "Reports (*.pdf)")
        asking.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        asking.setDefaultSuffix(form)
        asking.selectFile(f"hydra-report-{now.astimezone():%Y-%m-%d}.{form}")
        asking.fileSelected.connect(lambda path: self.report_to(path, request))
        asking.open()

    def report_to(self, path: str, request: GetReport) -> None:
        """Save the report that ``request`` asks for."""
        self._path = path
        self._ask("report", request, self._take_report)

    def _take_report(self, answer: Answer) -> None:
        if isinstance(answer.message, Report) and answer.blobs:
            self._write(answer.blobs[0], f"the report on {answer.message.streaks} streaks")

    def _report_sent(self, answer: Answer) -> None:
        if isinstance(answer.message, Report):
            people = answer.message.sent_to
            self._page.note.setText(
                f"The report went to {people} {'person' if people == 1 else 'people'}."
            )

    def _write(self, content: bytes, what: str) -> None:
        path = self._path
        background.run(
            self,
            lambda: Path(path).write_bytes(content),
            then=lambda _size: self._written(path, what),
            failed=lambda error: self._page.note.setText(f"{path} cannot be written: {error}."),
        )

    def _written(self, path: str, what: str) -> None:
        self._page.note.setText(f"Wrote {what} to {path}.")
        self.save_asked.emit(path)

    # ------------------------------------------------------------ parts

    def _join(self) -> None:
        page = self._page
        page.filters.changed.connect(self.refresh)
        page.filters.save_wanted.connect(self.save_filters)
        page.filters.saved_chosen.connect(self._choose_saved)
        page.chosen.connect(self._choose)
        page.more_wanted.connect(self._more)
        page.picture_wanted.connect(self._show_picture)
        page.beginning_wanted.connect(self._begin)
        page.comment_given.connect(self._comment)
        page.export_wanted.connect(self._export)
        page.report_wanted.connect(self._report)

    def _ask(self, what: str, request: object, then: Callable[[Answer], None]) -> None:
        ticket = self._asker.ask(request)  # type: ignore[arg-type]
        self._newest[what] = ticket
        self._waiting[ticket] = then

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
