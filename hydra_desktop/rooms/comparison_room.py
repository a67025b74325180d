"""Joins the comparison of two models with its view, and their differences with the pictures."""

from __future__ import annotations

from PySide6.QtCore import QObject

from hydra_desktop.models import library as shown
from hydra_desktop.models import model_figures
from hydra_desktop.rooms.library_room import LibraryRoom
from hydra_desktop.rooms.strip_room import PAGE, StripRoom
from inference_server.protocol.comparison import CompareModels, Comparison
from inference_server.protocol.library import ModelInfo, Models
from ui.comparison_view import ComparisonFigures
from ui.library_page import LibraryPage

_ALONE = "There is no second model of this plot to compare with."


class ComparisonRoom(QObject):
    """The only writer of the comparison."""

    def __init__(self, page: LibraryPage, library: LibraryRoom, strip: StripRoom) -> None:
        super().__init__(page)
        self._page, self._library, self._strip = page, library, strip
        library.model_shown.connect(self._show_others)
        library.figures_wanted.connect(lambda _view: self._compare(0))
        page.models.compare_wanted.connect(lambda: page.show_view("comparison"))
        page.comparison.other.currentIndexChanged.connect(lambda _row: library.ask_figures())

    def _show_others(self, model: ModelInfo, models: Models) -> None:
        others = [(each.id, f"Model {each.id}") for each in models.models if each.id != model.id]
        active = next((each.id for each in models.models if each.active), None)
        self._page.comparison.show_others(others, active)

    def _compare(self, offset: int) -> None:
        model, other = self._library.model, self._page.comparison.other.currentData()
        if self._page.view.currentData() != "comparison":
            return
        if model is None or other is None:
            self._page.show_empty("")
            self._page.comparison.show_figures(ComparisonFigures(sentence=_ALONE))
            return
        wish = CompareModels(
            model_id=model.id,
            other_id=other,
            source=self._library.source,
            offset=offset,
            limit=PAGE,
        )
        self._library.asking.ask(wish, lambda reply: self._take(offset, reply), self._library.say)

    def _take(self, offset: int, reply: Comparison) -> None:
        if self._library.model is None or reply.model_id != self._library.model.id:
            return
        self._page.show_empty("")
        self._page.comparison.show_figures(model_figures.comparison(reply))
        self._strip.show_pictures(
            (f"They differ on {shown.plots(reply.differing)}", "where one is right first"),
            [each.picture for each in reply.differences],
            (offset, reply.differing),
            self._compare,
        )
        for each in reply.differences:
            self._strip.mark(each.picture.picture_id, model_figures.difference_words(each))
