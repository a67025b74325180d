"""Joins a model's curves with their view."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSignalBlocker

from hydra_desktop.models import model_figures
from hydra_desktop.rooms.library_room import LibraryRoom
from inference_server.protocol.curves import GetModelCurves, ModelCurves
from inference_server.protocol.library import ModelInfo
from ui.library_page import LibraryPage


class CurvesRoom(QObject):
    """The only writer of the curves."""

    def __init__(self, page: LibraryPage, library: LibraryRoom) -> None:
        super().__init__(page)
        self._page, self._library = page, library
        library.model_shown.connect(lambda model, _models: self._show_classes(model))
        library.figures_wanted.connect(self._ask)
        page.curves.classes.currentIndexChanged.connect(lambda _row: library.ask_figures())

    def _show_classes(self, model: ModelInfo) -> None:
        box = self._page.curves.classes
        if [box.itemText(row) for row in range(box.count())] != list(model.labels):
            with QSignalBlocker(box):
                box.clear()
                box.addItems(model.labels)

    def _ask(self, view: str) -> None:
        model = self._library.model
        if view == "curves" and model is not None:
            name, source = self._page.curves.classes.currentText(), self._library.source
            wish = GetModelCurves(model_id=model.id, class_name=name, source=source)
            self._library.asking.ask(wish, self._take, self._library.say)

    def _take(self, reply: ModelCurves) -> None:
        model = self._library.model
        if model is not None and reply.model_id == model.id:
            self._page.show_empty("")
            self._page.curves.show_curves(model_figures.curves(reply, model))
