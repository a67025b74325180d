"""Questions of which only the newest of its kind counts: an older answer is one about another wish."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtCore import QObject, Slot

from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.rooms.run_room import Asker
from inference_server.protocol.messages import Request

Then: TypeAlias = Callable[[Answer], None]
Failed: TypeAlias = Callable[[Failure], None]


class NewestAsking(QObject):
    """Answers come back on the GUI thread."""

    def __init__(self, asker: Asker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asker = asker
        self._open: dict[int, tuple[str, Then, Failed]] = {}
        self._newest: dict[str, int] = {}

    def ask(self, what: str, request: Request, then: Then, failed: Failed) -> None:
        """Put a question; what was asked before about ``what`` is no longer wanted."""
        ticket = self._asker.ask(request)
        self._newest[what] = ticket
        self._open[ticket] = (what, then, failed)

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """Hand an answer to whoever waits for it."""
        what, then, _failed = self._open.pop(ticket, ("", None, None))
        if then is not None and self._newest.get(what) == ticket:
            then(answer)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Hand on why there is no answer."""
        what, _then, failed = self._open.pop(ticket, ("", None, None))
        if failed is not None and self._newest.get(what) == ticket:
            failed(failure)
