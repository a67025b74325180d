"""A label given on the detail page: sent at once, and said to wait until the server has it."""

from __future__ import annotations

import uuid
from typing import Protocol

from PySide6.QtCore import QObject, Signal, Slot

from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.rooms.run_room import Asker
from inference_server.protocol.detail import CastVote
from inference_server.protocol.messages import Done
from ui.label_bar import LabelBar


class Shown(Protocol):
    """A picture of a plot type: a verdict is one."""

    @property
    def plot_type_id(self) -> int:
        """Of which plot type."""

    @property
    def picture_hash(self) -> str:
        """Which picture."""


class VoteRoom(QObject):
    """A key pressed again after a failure sends the same vote, which counts once."""

    saved = Signal()

    def __init__(self, bar: LabelBar, asker: Asker) -> None:
        super().__init__(bar)
        self._bar, self._asker = bar, asker
        self._verdict: Shown | None = None
        self._vote: CastVote | None = None
        self._ticket = 0
        bar.chosen.connect(self._cast)

    def show(self, verdict: Shown) -> None:
        """Another picture is shown."""
        self._verdict = verdict
        self._bar.show_said("Your label teaches it.")

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """The server has it."""
        if ticket == self._ticket and isinstance(answer.message, Done):
            self._bar.show_said(answer.message.sentence)
            self._vote = None
            self.saved.emit()

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why it has not."""
        if ticket == self._ticket:
            self._bar.show_said(f"Not saved. {failure.words} Press the key again.")

    def _cast(self, class_name: str) -> None:
        if (verdict := self._verdict) is None:
            return
        vote = self._vote
        same = verdict.picture_hash, class_name
        if vote is None or (vote.picture_hash, vote.class_name) != same:
            vote = self._vote = CastVote(
                plot_type_id=verdict.plot_type_id,
                picture_hash=verdict.picture_hash,
                class_name=class_name,
                client_id=str(uuid.uuid4()),
            )
        self._bar.show_said(f"{class_name} waits for the server.")
        self._ticket = self._asker.ask(vote)
