"""Joins the running comparison of a candidate in the shadow with its line and its pictures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QObject

from hydra_desktop.models import shadow_words
from hydra_desktop.rooms.library_room import LibraryRoom
from hydra_desktop.rooms.strip_room import PAGE, StripRoom
from inference_server.protocol.library import ModelInfo, Models
from inference_server.protocol.messages import Severity
from inference_server.protocol.shadow import GetShadow, ShadowStanding
from ui.library_page import LibraryPage


class ShadowRoom(QObject):
    """The only writer of the line; asks whenever the models are shown anew."""

    def __init__(
        self,
        page: LibraryPage,
        library: LibraryRoom,
        strip: StripRoom,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(page)
        self._page, self._library, self._strip, self._now = page, library, strip, now
        self._offset = 0
        library.model_shown.connect(self._refresh)
        library.figures_gone.connect(self._leave)
        page.shadow.show_wanted.connect(self._show_pictures)

    def _refresh(self, model: ModelInfo, models: Models) -> None:
        if not model.shadow:
            self._page.shadow.clear()
        elif self._strip.shown_by(self._turn):
            self._turn(self._offset)
        else:
            wish = GetShadow(plot_type_id=models.plot_type_id, limit=0)
            self._library.asking.ask(wish, self._take, self._library.say)

    def _leave(self) -> None:
        if self._library.model is None:
            self._page.shadow.clear()

    def _show_pictures(self) -> None:
        self._page.show_view("matrix")  # a comparison would take the strip for its own pictures
        self._turn(0)

    def _turn(self, offset: int) -> None:
        """The pictures from ``offset`` on; the server hands them out from the newest."""
        if (models := self._library.models) is None:
            return
        limit = min(offset + PAGE, shadow_words.MOST)
        wish = GetShadow(plot_type_id=models.plot_type_id, limit=limit)
        self._library.asking.ask(
            wish, lambda reply: self._take_pictures(offset, reply), self._library.say
        )

    def _take_pictures(self, offset: int, reply: ShadowStanding) -> None:
        if not self._concerns(reply):
            return
        self._take(reply)
        self._offset = offset
        total = min(shadow_words.differing(reply), shadow_words.MOST)
        cards = [
            (shadow_words.card(each), each.picture_hash) for each in reply.differences[offset:]
        ]
        self._strip.show_cards(shadow_words.heading(reply), cards, (offset, total), self._turn)

    def _concerns(self, reply: ShadowStanding) -> bool:
        """Whether the candidate is still the model that is looked at."""
        model = self._library.model
        return model is not None and reply.model_id == model.id

    def _take(self, reply: ShadowStanding) -> None:
        if not self._concerns(reply):
            return
        classes = self._library.classes.values()
        bad = {each.name for each in classes if each.severity is Severity.BAD}
        self._page.shadow.show_standing(
            shadow_words.sentence(reply, bad, self._now()),
            shadow_words.details(reply),
            shadow_words.differing(reply),
        )
