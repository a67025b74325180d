"""The training report: a model's mistakes as questions to the expert, with the answers given so far."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from hydra_desktop.models import model_figures
from hydra_desktop.rooms.library_room import LibraryRoom
from hydra_desktop.rooms.strip_room import PAGE, StripRoom
from inference_server.protocol.questions import GetQuestions, Questions
from ui.library_page import LibraryPage


class ReportRoom(QObject):
    """Any label that is given to a picture of the report is an answer, and is kept with it."""

    def __init__(
        self,
        page: LibraryPage,
        library: LibraryRoom,
        strip: StripRoom,
        show_mistakes: Callable[[], None],
    ) -> None:
        super().__init__(page)
        self._page, self._library, self._strip = page, library, strip
        self._show_mistakes = show_mistakes
        self._offset = 0
        library.figures_wanted.connect(self._refresh)

    def show(self) -> None:
        """From the first question on; of a model without a report, what it gets wrong now."""
        self._page.show_view("matrix")
        self._ask(0)

    def _refresh(self, _view: str) -> None:
        if self._strip.shown_by(self._ask):
            self._ask(self._offset)

    def _ask(self, offset: int) -> None:
        if (model := self._library.model) is not None:
            wish = GetQuestions(model_id=model.id, offset=offset, limit=PAGE)
            self._library.asking.ask(wish, self._take, self._library.say)

    def _take(self, reply: Questions) -> None:
        if self._library.model is None or reply.model_id != self._library.model.id:
            return
        if not reply.total:
            self._show_mistakes()
            return
        self._offset = reply.offset
        pictures = [model_figures.questioned(each) for each in reply.questions]
        heading = model_figures.report_heading(reply)
        self._strip.show_pictures(heading, pictures, (reply.offset, reply.total), self._ask)
        for each in reply.questions:
            if words := model_figures.answer_words(each):
                self._strip.mark(each.picture_id, words)
