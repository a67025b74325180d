"""How pictures teach: on which side of the split they stand, and how often they count."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QInputDialog

from hydra_desktop.asking import Asking
from hydra_desktop.link.arrival import Failure
from hydra_desktop.models.label_queue import LabelQueueModel, LabelRow
from inference_server.protocol.labelling import SetTeaching
from inference_server.protocol.messages import Reply
from ui.label_page import LabelPage

MOST_WEIGHT = 100  # as the server has it


class LabelTeaching:
    """The server is asked first; the tiles say it when it has agreed."""

    def __init__(
        self,
        page: LabelPage,
        model: LabelQueueModel,
        asking: Asking,
        mine: Callable[[], Sequence[LabelRow]],
    ) -> None:
        self._page, self._model, self._asking = page, model, asking
        self._mine = mine  # the chosen rows, where this person may change anything

    def do_pin_training(self) -> None:
        """These teach."""
        self.pin(self._mine(), "training")

    def do_pin_validation(self) -> None:
        """These examine."""
        self.pin(self._mine(), "validation")

    def do_unpin(self) -> None:
        """The split decides."""
        self.pin(self._mine(), "")

    def do_leave_out(self) -> None:
        """No model learns from these; the same again takes it back."""
        self.leave_out(self._mine())

    def do_weight(self) -> None:
        """Ask how many times these count in training."""
        self.ask_weight(self._mine())

    def pin(self, rows: Sequence[LabelRow], side: str) -> None:
        """To "training", to "validation", or with "" to neither."""
        pictures = [row.item.picture_id for row in rows]
        if not pictures:
            return

        def pinned(_reply: Reply) -> None:
            self._model.taught(pictures, pin=side)

        self._asking.ask(SetTeaching(picture_ids=tuple(pictures), pin=side), pinned, self._refused)

    def leave_out(self, rows: Sequence[LabelRow]) -> None:
        """Out of training; all of them in again, if all were out."""
        left_out = bool(rows) and all(row.item.weight == 0 for row in rows)
        self._weigh(rows, 1 if left_out else 0)

    def ask_weight(self, rows: Sequence[LabelRow]) -> None:
        """Ask how many times they count."""
        if not rows:
            return
        dialog = QInputDialog(self._page)
        dialog.setWindowTitle("Training weight")
        dialog.setLabelText("How many times they count in training (0: left out)")
        dialog.setIntRange(0, MOST_WEIGHT)
        dialog.setIntValue(rows[0].item.weight)
        dialog.intValueSelected.connect(lambda weight: self._weigh(rows, weight))
        dialog.open()

    def _weigh(self, rows: Sequence[LabelRow], weight: int) -> None:
        pictures = [row.item.picture_id for row in rows]
        if not pictures:
            return

        def weighed(_reply: Reply) -> None:
            self._model.taught(pictures, weight=weight)

        request = SetTeaching(picture_ids=tuple(pictures), weight=weight)
        self._asking.ask(request, weighed, self._refused)

    def _refused(self, failure: Failure) -> None:
        self._page.say(failure.words)
