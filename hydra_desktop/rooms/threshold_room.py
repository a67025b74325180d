"""Joins a model's thresholds and the panel beside the matrix: try, see what would have happened, set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Slot

from hydra_desktop.link.arrival import Failure
from hydra_desktop.models import library as shown
from hydra_desktop.rooms.library_room import LibraryRoom
from inference_server.protocol.library import ModelInfo, Models
from inference_server.protocol.messages import SetThreshold
from inference_server.protocol.thresholds import (
    GetThresholds,
    ThresholdHistory,
    TryThreshold,
    WhatIf,
)
from ui.library_page import LibraryPage
from ui.matrix_figures import MatrixLook

CALM_MS = 150  # of a slider before the server is asked what would have happened


class ThresholdRoom(QObject):
    """A threshold is set only against the value that the person saw."""

    def __init__(
        self,
        page: LibraryPage,
        library: LibraryRoom,
        set_look: Callable[[MatrixLook], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(page)
        self._page, self._panel, self._library, self._now = page, page.thresholds, library, now
        self._set_look = set_look
        self._model: ModelInfo | None = None
        self._seen = 0.0  # in force when the person began to try
        self._calm = QTimer(self, interval=CALM_MS, singleShot=True)
        self._calm.timeout.connect(self._ask_what_if)
        library.model_shown.connect(self.show_model)
        self._panel.tried.connect(self._try)
        self._panel.reverted.connect(self._revert)
        self._panel.wanted.connect(self._set)
        self._panel.forced.connect(self._force)
        self._panel.theirs_taken.connect(library.reload)
        page.matrix.threshold_tried.connect(self._try_column)
        page.source_chosen.connect(lambda _source: self._calm.start())

    @Slot(object, object)
    def show_model(self, model: ModelInfo, _models: Models) -> None:
        """Show the thresholds of a model."""
        self._model = model
        lines = shown.threshold_lines(model, self._library.classes, self._library.order(model))
        self._panel.show_thresholds(lines)
        wish = GetThresholds(model_id=model.id)
        self._library.asking.ask(wish, self._take_history, self._library.say)

    def _take_history(self, reply: ThresholdHistory) -> None:
        if self._model is not None and reply.model_id == self._model.id:
            self._panel.show_history(shown.history_lines(reply.entries, self._now()))

    # ------------------------------------------------------------ trying

    def _try_column(self, column: int, value: float) -> None:
        self._panel.try_value(self._page.matrix.figures.classes[column].name, value)

    def _try(self, name: str, value: float) -> None:
        before = self._page.matrix.look.tried
        names = [mark.name for mark in self._page.matrix.figures.classes]
        if name in names:
            column = names.index(name)
            if before is None or before[0] != column:
                self._seen = self._in_force(name)
            self._set_look(replace(self._page.matrix.look, tried=(column, value)))
        else:
            self._seen = self._in_force(name)
        self._calm.start()

    def _in_force(self, name: str) -> float:
        known = self._model.thresholds if self._model is not None else ()
        return next((entry.threshold for entry in known if entry.class_name == name), 0.0)

    def _revert(self) -> None:
        self._set_look(replace(self._page.matrix.look, tried=None))

    def _ask_what_if(self) -> None:
        if self._model is None or self._panel.trying is None:
            return
        name, value = self._panel.trying
        wish = TryThreshold(
            model_id=self._model.id, class_name=name, threshold=value, source=self._library.source
        )
        self._library.asking.ask(wish, self._take_what_if, self._library.say)

    def _take_what_if(self, reply: WhatIf) -> None:
        if self._panel.trying == (reply.class_name, reply.then.threshold):
            self._panel.show_what_if(*shown.what_if(reply))

    # ------------------------------------------------------------ setting

    def _set(self, name: str, value: float, person: str, reason: str) -> None:
        self._ask_set(name, value, person, reason, self._seen)

    def _force(self, name: str, value: float, person: str, reason: str) -> None:
        self._ask_set(name, value, person, reason, None)

    def _ask_set(
        self, name: str, value: float, person: str, reason: str, expected: float | None
    ) -> None:
        if self._model is None:
            return
        self._panel.show_message(f"Sets {name} to {value:.2f}: waits for the server.")
        wish = SetThreshold(
            model_id=self._model.id, class_name=name, threshold=value, reason=reason,
            expected=expected, person=person,
        )  # fmt: skip
        self._library.asking.ask(wish, lambda done: self._done(done.sentence), self._failed)

    def _done(self, sentence: str) -> None:
        self._panel.stop_trying()
        self._panel.show_message(sentence)
        self._library.reload()

    def _failed(self, failure: Failure) -> None:
        if failure.code == "conflict":
            self._panel.show_conflict(failure.words)
        else:
            self._panel.show_message(failure.words)
