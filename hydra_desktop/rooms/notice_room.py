"""The news banner: shown on every page, closed per station, written by those permitted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Slot

from hydra_desktop.link.arrival import Answer, Arrival, Failure
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.settings import Memory
from hydra_desktop.words import moment
from inference_server.protocol.messages import Done, Snapshot
from inference_server.protocol.notices import Notice, NoticePosted, SetNotice
from ui.entry_dialog import EntryDialog
from ui.main_window import MainWindow


class NoticeRoom(QObject):
    """A line that this station closed stays closed; the next one shows again."""

    def __init__(self, window: MainWindow, memory: Memory, asker: Asker) -> None:
        super().__init__(window)
        self._window, self._memory, self._asker = window, memory, asker
        self._notice: Notice | None = None
        self._ticket = 0
        self.dialog: EntryDialog | None = None
        window.news.closed.connect(self._close)
        window.news_wanted.connect(self.ask)

    @Slot(object)
    def restore(self, snapshot: Snapshot) -> None:
        """The line as of a snapshot."""
        self._show(snapshot.notice)

    @Slot(list)
    def receive(self, batch: Sequence[Arrival]) -> None:
        """A new line, or none any more."""
        for arrival in batch:
            match arrival.message:
                case NoticePosted(notice=notice):
                    self._show(notice)

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """The server has it."""
        if ticket == self._ticket and isinstance(answer.message, Done) and self.dialog is not None:
            self.dialog.accept()

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """The text stays in the dialog."""
        if ticket == self._ticket and self.dialog is not None:
            self.dialog.show_result(f"Not sent. {failure.words}")

    @Slot()
    def tick(self) -> None:
        """Once a second: its time may be over."""
        notice = self._notice
        if notice is not None and notice.until is not None and notice.until <= datetime.now(UTC):
            self._show(None)

    @Slot()
    def ask(self) -> None:
        """Let a person write a line."""
        self.dialog = EntryDialog(
            "Write news",
            "One line for every desktop. An empty text takes the banner away.",
            "Send to all",
            empty_ok=True,
            parent=self._window,
        )
        if self._notice is not None:
            self.dialog.text.setPlainText(self._notice.text)
        self.dialog.written.connect(self._write)
        self.dialog.open()

    def _write(self, text: str, person: str) -> None:
        self._ticket = self._asker.ask(SetNotice(text=text, person=person))

    def _show(self, notice: Notice | None) -> None:
        self._notice = notice
        closed = notice is not None and self._memory.text("news_closed") == str(notice.id)
        if notice is None or closed:
            self._window.news.show_news("", "")
            return
        posted = f"Posted {moment(notice.at, datetime.now(UTC))} by {notice.who}"
        self._window.news.show_news(notice.text, posted)

    def _close(self) -> None:
        if self._notice is not None:
            self._memory.remember("news_closed", str(self._notice.id))
            self._show(self._notice)
