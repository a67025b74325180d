"""Moving about in the labeler: from picture to picture, one or many, with the verdict or without."""

from __future__ import annotations

from hydra_desktop.models.label_queue import LabelQueueModel
from hydra_desktop.rooms.label_pictures import LabelPictures
from ui.label_page import LabelPage


class LabelMoves:
    """Changes what is looked at, and no label."""

    def __init__(self, page: LabelPage, model: LabelQueueModel, pictures: LabelPictures) -> None:
        self._page, self._model, self._pictures = page, model, pictures
        self._held = False
        for view in (page.grid, page.large):
            view.space_held.connect(self._hold)

    def go_on(self, after: int) -> None:
        """To the next picture without a label; where there is none yet, the next page brings it."""
        if (following := self._model.next_unlabelled(after)) >= 0:
            self._page.grid.go_to(following)
            self._page.paint_now()
        elif after < 0 and self._model.rowCount():
            self._page.grid.go_to(0)

    def step(self, by: int) -> None:
        """So many pictures on."""
        row = self._page.grid.currentIndex().row() + by
        if 0 <= row < self._model.rowCount():
            self._page.grid.go_to(row)

    def do_next(self) -> None:
        """One on."""
        self.step(1)

    def do_previous(self) -> None:
        """One back."""
        self.step(-1)

    def do_next_unlabelled(self) -> None:
        """On to the next without a label."""
        self._jump(1)

    def do_previous_unlabelled(self) -> None:
        """Back to the one before without a label."""
        self._jump(-1)

    def do_single(self) -> None:
        """One picture fills the page, or the grid comes back."""
        self._page.show_single(not self._page.single)
        self._pictures.fetch_full()

    def do_blind(self) -> None:
        """Hide or show what the model said."""
        self._pictures.set_blind(not self._model.verdict_hidden)

    def _jump(self, step: int) -> None:
        at = self._model.next_unlabelled(self._page.grid.currentIndex().row(), step)
        if at >= 0:
            self._page.grid.go_to(at)

    def _hold(self, held: bool) -> None:
        if held and not self._page.single:
            self._held = True
            self.do_single()
        elif not held and self._held:
            self._held = False
            self._page.show_single(False)
