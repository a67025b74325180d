"""Questions with what to do with their answers, for rooms that ask many kinds of things."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from PySide6.QtCore import QObject, Slot

from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.rooms.run_room import Asker
from inference_server.protocol.messages import Request

Then: TypeAlias = Callable[[Any], None]  # takes the reply
Failed: TypeAlias = Callable[[Failure], None]


class Asking(QObject):
    """Remembers for each ticket who waits; answers come back on the GUI thread."""

    def __init__(self, asker: Asker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asker = asker
        self._open: dict[int, tuple[Callable[[Answer], None], Failed]] = {}

    def ask(self, request: Request, then: Then, failed: Failed) -> None:
        """Put a question; ``then`` takes the reply."""
        self.ask_whole(request, lambda answer: then(answer.message), failed)

    def ask_whole(self, request: Request, then: Callable[[Answer], None], failed: Failed) -> None:
        """Put a question; ``then`` takes the answer with its picture."""
        self._open[self._asker.ask(request)] = then, failed

    def forget(self) -> None:
        """Nobody waits for what was asked so far."""
        self._open.clear()

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """Hand an answer to whoever waits for it."""
        if (waiting := self._open.pop(ticket, None)) is not None:
            waiting[0](answer)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Hand on why there is no answer."""
        if (waiting := self._open.pop(ticket, None)) is not None:
            waiting[1](failure)
