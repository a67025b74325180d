"""Joins what the server says of itself and the status page, the foot and the progress bar."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QObject, Slot

from hydra_desktop.link.arrival import Answer, Arrival, Failure
from hydra_desktop.models import parts
from hydra_desktop.models.quarantine import QuarantineModel, tried_again
from hydra_desktop.rooms.run_room import Asker
from inference_server.protocol.administration import TriedAgain, TryAgain
from inference_server.protocol.messages import (
    Component,
    ComponentsChanged,
    Done,
    GetQuarantine,
    Preparation,
    Preparing,
    Quarantine,
    Quarantined,
    Snapshot,
)
from ui.banner import PreparingBar
from ui.foot_bar import FootBar
from ui.status_page import StatusPage


class StatusRoom(QObject):
    """Asks for the list of pictures set aside when it grew and somebody looks."""

    def __init__(
        self,
        page: StatusPage,
        foot: FootBar,
        preparing: PreparingBar,
        asker: Asker,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(page)
        self._clock = clock
        self._components: tuple[Component, ...] = ()
        self._told_at = clock()
        self._page, self._foot, self._preparing, self._asker = page, foot, preparing, asker
        self._quarantine = QuarantineModel(self)
        self._total, self._listed, self._ticket = 0, -1, 0
        self._again: set[int] = set()  # pictures that somebody wants to be tried again
        self._tried: list[str] = []  # what became of them, in the server's words
        self._refused: list[str] = []
        self._said = ""
        page.show_quarantine(self._quarantine)
        page.try_again_wanted.connect(self._try_again)
        self._show_total(0)

    @Slot(object)
    def restore(self, snapshot: Snapshot) -> None:
        """Show the state of a snapshot."""
        self._told(snapshot.components)
        self._listed = -1
        self._show_total(snapshot.quarantined)
        self._show_preparation(snapshot.preparation or Preparation(sentence="", fraction=1.0))

    @Slot(list)
    def receive(self, batch: Sequence[Arrival]) -> None:
        """What the feed says of the server."""
        for arrival in batch:
            match arrival.message:
                case ComponentsChanged(components=components):
                    self._told(components)
                case Quarantined(total=total):
                    self._said = ""
                    self._show_total(total)
                case TriedAgain(total=total):
                    self._show_total(total)
                case Preparing(preparation=preparation):
                    self._show_preparation(preparation)

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """The list that was asked for."""
        match answer.message:
            case Done(sentence=sentence) if ticket in self._again:
                self._tell(ticket, sentence, into=self._tried)
            case Quarantine(items=items, total=total) if ticket == self._ticket:
                self._quarantine.show_items(items)
                self._listed = total
                self._show_total(total)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why the list is not there."""
        if ticket in self._again:
            self._tell(ticket, failure.words, into=self._refused)
        if ticket == self._ticket:
            self._listed = -1
            self._page.show_quarantine_note(failure.words)

    def look(self) -> None:
        """The page is being looked at: bring the list up to date."""
        if self._listed != self._total:
            self._listed = self._total
            self._ticket = self._asker.ask(GetQuarantine())

    def _try_again(self, rows: Sequence[int]) -> None:
        if not self._again:
            self._tried, self._refused = [], []
        wanted = [TryAgain(kept_as=self._quarantine.item(row).kept_as) for row in rows]
        self._again |= {self._asker.ask(each) for each in wanted}

    def _tell(self, ticket: int, words: str, *, into: list[str]) -> None:
        self._again.discard(ticket)
        into.append(words)
        self._said = tried_again(self._tried, self._refused)
        self._show_note()

    def _show_total(self, total: int) -> None:
        self._total = total
        self._foot.show_quarantined(total)
        if self._page.isVisible():
            self.look()
        self._show_note()

    def _show_note(self) -> None:
        shown, total = self._quarantine.rowCount(), self._total
        newest = f", the newest {shown} below" if 0 < shown < total else ""
        words = (
            f"{total} could not be judged{newest}. They are kept for the expert."
            if total
            else "None. Every picture could be read and judged."
        )
        self._page.show_quarantine_note(f"{words} {self._said}".strip())

    @Slot()
    def tick(self) -> None:
        """Once a second: a server that has fallen silent must not look well."""
        if self._components:
            self._show_components()

    def _told(self, components: Sequence[Component]) -> None:
        self._components, self._told_at = tuple(components), self._clock()
        self._show_components()

    def _show_components(self) -> None:
        """Ages on the server's clock: from the newest pulse, and for how long nothing came since."""
        seen = [each.last_seen for each in self._components if each.last_seen]
        newest = max(seen, default=datetime.now(UTC))
        now = newest + timedelta(seconds=self._clock() - self._told_at)
        self._page.show_components(parts.shown(self._components, now))
        self._foot.components.setText(parts.alive(self._components, now))

    def _show_preparation(self, preparation: Preparation) -> None:
        self._preparing.show_progress(preparation.sentence, preparation.fraction)
