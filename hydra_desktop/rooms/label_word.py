"""What the server says of labels: which are kept, which are refused, what others made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from hydra_desktop.models.label_queue import LabelQueueModel
from hydra_desktop.outbox import Outbox
from hydra_desktop.rooms.label_acts import LabelActs
from inference_server.protocol import labelling as p
from inference_server.protocol.labelling import LabelMove, VotesKept
from ui.label_page import LabelPage
from ui.label_roles import Standing

AROUND = 400  # rows whose labels are asked for after a gap


class LabelWord(QObject):
    """Nobody overwrites another silently: what changed under the hands stands on the picture."""

    def __init__(
        self,
        page: LabelPage,
        model: LabelQueueModel,
        outbox: Outbox,
        acts: LabelActs,
        ask: Callable[..., None],
    ) -> None:
        super().__init__(page)
        self._page, self._model, self._outbox = page, model, outbox
        self._acts, self._ask = acts, ask
        outbox.kept.connect(self._kept)
        outbox.refused.connect(self._refused)

    def ask(self) -> None:
        """News were missed: what others labelled meanwhile, of the pictures around the current one."""
        at = max(0, self._page.grid.currentIndex().row() - AROUND // 4)
        shown = tuple(row.item.picture_id for row in self._model.rows[at : at + AROUND])
        request = p.GetCurrentLabels(picture_ids=shown)
        self._ask(request, lambda reply: self.moved(reply.moves), quiet=True)

    def _kept(self, kept: VotesKept) -> None:
        self.moved(kept.moves)
        for move in kept.overtaken:
            words = f"{move.who} said {move.class_name or 'something else'} meanwhile"
            self._model.mark([move.picture_id], alarm=words)

    def moved(self, moves: Sequence[LabelMove]) -> None:
        """Current labels, as the server has them now."""
        settled = [move for move in moves if self._outbox.pending_of(move.picture_id) is None]
        mine = self._acts.person
        for move in settled:
            if (at := self._model.place(move.picture_id)) < 0:
                continue
            row = self._model.rows[at]
            if row.label and move.class_name != row.label and move.who != mine:
                words = f"{move.who or 'Somebody'} changed {row.label} to {move.class_name or 'no label'}"
                self._model.mark([move.picture_id], alarm=words)
        self._model.moved(settled)

    def _refused(self, pictures: list[int], why: str) -> None:
        for picture in pictures:
            if (at := self._model.place(picture)) >= 0:
                stored = self._model.rows[at].item.class_name
                self._model.mark([picture], label=stored, standing=Standing.REFUSED, alarm=why)
