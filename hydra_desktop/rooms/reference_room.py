"""The last Good picture before the shown one, fetched when somebody wants to compare."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.rooms.run_room import Asker
from inference_server.protocol.detail import GetReference, Reference
from inference_server.protocol.messages import GetPicture, Verdict
from ui.detail_page import DetailPage
from ui.picture_view import Compare


class ReferenceRoom(QObject):
    """Asks once for each picture, and only while comparing."""

    def __init__(self, page: DetailPage, asker: Asker) -> None:
        super().__init__(page)
        self._page, self._asker = page, asker
        self._verdict: Verdict | None = None
        self._fetched_for = ""
        self._ticket, self._picture_ticket = 0, 0
        page.heat.compare_chosen.connect(self._fetch)

    def show(self, verdict: Verdict) -> None:
        """Another picture is shown."""
        self._verdict = verdict
        self._fetch()

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """Which picture it is, or the picture."""
        match answer.message:
            case Reference(verdict=good) if ticket == self._ticket:
                self._picture_ticket = self._asker.ask(GetPicture(picture_hash=good.picture_hash))
            case _ if ticket == self._picture_ticket:
                self._page.picture.show_reference(answer.image)
                self._page.picture.fit()

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why there is nothing to compare with."""
        if ticket in (self._ticket, self._picture_ticket):
            self._page.show_no_picture(failure.words)

    def _fetch(self) -> None:
        verdict, none = self._verdict, self._page.heat.how is Compare.NONE
        if verdict is None or none or self._fetched_for == verdict.picture_hash:
            return
        self._page.picture.show_reference(None)
        self._fetched_for = verdict.picture_hash
        self._ticket = self._asker.ask(
            GetReference(plot_type_id=verdict.plot_type_id, before=verdict.judged_at)
        )
