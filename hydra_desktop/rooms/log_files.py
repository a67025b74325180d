"""What leaves the log as a file or by e-mail: the table of all that matches, the daily report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from hydra_desktop import background
from hydra_desktop.asking_newest import NewestAsking
from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.log_words import page_after, table
from inference_server.protocol.records import (
    GetLogPage,
    GetReport,
    LogFilter,
    LogPage,
    Report,
    Streak,
)
from ui.log_page import LogPage as Page

_ROWS = 500
_A_DAY = timedelta(days=1)


class LogFiles(QObject):
    """``wanted``: the filters in force."""

    written = Signal(str)  # the path that was chosen; for tests and the foot

    def __init__(self, page: Page, asking: NewestAsking, wanted: Callable[[], LogFilter]) -> None:
        super().__init__(page)
        self._page, self._asking, self._wanted = page, asking, wanted
        self._table: list[Streak] = []
        self._filter = LogFilter()
        self._path = ""
        page.export_wanted.connect(self._export)
        page.report_wanted.connect(self._report)

    def _export(self) -> None:
        self._choose("Export the log as CSV", "Tables (*.csv)", "hydra-log.csv", self.export_to)

    def export_to(self, path: str) -> None:
        """Write all streaks with the filters in force to ``path``, asked for page by page."""
        self._table, self._path, self._filter = [], path, self._wanted()
        self._ask("table", GetLogPage(wanted=self._filter, limit=_ROWS), self._take_table)

    def _take_table(self, answer: Answer) -> None:
        if not isinstance(answer.message, LogPage):
            return
        self._table += answer.message.streaks
        self._page.note.setText(f"Exporting, {len(self._table)} streaks so far.")
        if answer.message.more:
            request = page_after(self._filter, self._table[-1], _ROWS)
            self._ask("table", request, self._take_table)
            return
        self._write(table(self._table).encode(), f"{len(self._table)} streaks")

    def _report(self, form: str, send: bool) -> None:
        now, wanted = datetime.now(UTC), self._wanted()
        request = GetReport(
            since=wanted.since or now - _A_DAY, until=wanted.until or now, format=form, send=send
        )
        if send:
            self._ask("report", request, self._report_sent)
            return
        name = f"hydra-report-{now.astimezone():%Y-%m-%d}.{form}"
        kinds = "PDF (*.pdf);;HTML (*.html)"
        self._choose(
            "Save the daily report", kinds, name, lambda path: self.report_to(path, request)
        )

    def report_to(self, path: str, request: GetReport) -> None:
        """Save the report that ``request`` asks for, as HTML where ``path`` ends so."""
        self._path = path
        html = Path(path).suffix.lower() in (".html", ".htm")
        wanted = msgspec.structs.replace(request, format="html" if html else request.format)
        self._ask("report", wanted, self._take_report)

    def _take_report(self, answer: Answer) -> None:
        if isinstance(answer.message, Report) and answer.blobs:
            self._write(answer.blobs[0], f"the report on {answer.message.streaks} streaks")

    def _report_sent(self, answer: Answer) -> None:
        if isinstance(answer.message, Report):
            people = answer.message.sent_to
            word = "person" if people == 1 else "people"
            self._page.note.setText(f"The report went to {people} {word}.")

    def _choose(self, title: str, kinds: str, name: str, then: Callable[[str], None]) -> None:
        asking = QFileDialog(self._page, title, "", kinds)
        asking.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        asking.setDefaultSuffix(Path(name).suffix.lstrip("."))
        asking.selectFile(name)
        asking.fileSelected.connect(then)
        asking.open()

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
        self.written.emit(path)

    def _ask(
        self, what: str, request: GetLogPage | GetReport, then: Callable[[Answer], None]
    ) -> None:
        self._asking.ask(what, request, then, self._failed)

    def _failed(self, failure: Failure) -> None:
        self._page.note.setText(failure.words)
