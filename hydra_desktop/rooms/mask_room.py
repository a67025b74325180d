"""Joins masks and the server: drawn on a plot's picture, listed by age and owner, ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from hydra_desktop.asking import Asking
from hydra_desktop.link.arrival import Answer, Arrival, Failure
from hydra_desktop.models.masks import area, lines, masked_now
from hydra_desktop.models.plot_row import PlotRow
from hydra_desktop.models.plots import PlotsModel
from hydra_desktop.rooms.run_room import Asker
from inference_server.protocol.masks import EndMask, GetMasks, Mask, Masks, SetMask
from inference_server.protocol.messages import Done, GetPicture, PlotTypesChanged
from ui.mask_dialog import EndMaskDialog, MaskDialog, MaskWish
from ui.masks_page import MasksPage

_SPANS = {"day": timedelta(days=1), "week": timedelta(days=7)}


class MaskRoom(QObject):
    """The server alone decides who may; a dialog stays open until it has confirmed."""

    told = Signal(str)  # what was done

    def __init__(
        self,
        page: MasksPage,
        plots: PlotsModel,
        asker: Asker,
        names: Callable[[], Sequence[str]],
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(page)
        self._page, self._plots, self._names, self._now = page, plots, names, now
        self.asking = Asking(asker, self)
        self.dialog: MaskDialog | None = None
        self.end_dialog = EndMaskDialog(page)
        self._known: tuple[Mask, ...] = ()
        self._periods: dict[int, str] = {}
        self._ending, self._minute = 0, -1
        page.changed.connect(self._show)
        page.end_wanted.connect(self._ask_end)
        page.another_wanted.connect(self.open)
        self.end_dialog.chosen.connect(self._end)

    # ------------------------------------------------------------ a new one

    @Slot(str)
    def open(self, plot: str, parent: QWidget | None = None) -> None:
        """Let a person draw on the newest picture of ``plot``."""
        row = next((each for each in self._plots.rows if each.kind.name == plot), None)
        if row is None:
            return
        if self.dialog is not None:
            self.dialog.reject()
        self.dialog = MaskDialog(parent or self._page.window())
        self.dialog.finished.connect(self._closed)
        self.dialog.chosen.connect(lambda wish: self._set(row, wish))
        self._show_picture(row)
        about = f"{plot}: draw around what is known to be wrong. It is not judged from the next picture on."
        self.dialog.ask(about, list(self._names()))

    def _closed(self) -> None:
        self.dialog = None

    def _show_picture(self, row: PlotRow) -> None:
        assert self.dialog is not None
        canvas = self.dialog.areas.canvas
        canvas.show_held(masked_now(row.kind, row.verdict, self._now()))
        if row.image is not None:
            canvas.show_image(row.image)
        if row.verdict is not None:
            wanted = GetPicture(picture_hash=row.verdict.picture_hash)
            self.asking.ask_whole(wanted, self._take_picture, lambda _failure: None)

    def _take_picture(self, answer: Answer) -> None:
        """In full; where it does not come the small one stays."""
        if self.dialog is not None and answer.image is not None:
            self.dialog.areas.canvas.show_image(answer.image)

    def _set(self, row: PlotRow, wish: MaskWish) -> None:
        span = _SPANS.get(wish.end)
        request = SetMask(
            plot_type_id=row.kind.id,
            areas=tuple(area(each) for each in wish.areas),
            reason=wish.reason,
            contact=wish.contact,
            until=self._now() + span if span else None,
            this_period=wish.end == "period",
            person=wish.person,
        )
        if self.dialog is not None:
            self.dialog.show_result("Waits for the server.")
        self.asking.ask(request, self._is_set, self._is_not_set)

    def _is_set(self, done: Done) -> None:
        if self.dialog is not None:
            self.dialog.accept()
        self._say(done.sentence)

    def _is_not_set(self, failure: Failure) -> None:
        if self.dialog is not None:
            self.dialog.show_result(f"Not masked. {failure.words}")

    # ------------------------------------------------------------ all of them

    def look(self) -> None:
        """The page is being looked at."""
        self.asking.ask(GetMasks(), self._take_masks, lambda failure: self._say(failure.words))

    @Slot(list)
    def receive(self, batch: Sequence[Arrival]) -> None:
        """Somebody, here or elsewhere, set or ended one."""
        if self._page.isVisible() and any(
            isinstance(arrival.message, PlotTypesChanged) for arrival in batch
        ):
            self.look()

    @Slot()
    def tick(self) -> None:
        """Once a second; ages and ends are told in minutes."""
        if self._page.isVisible() and self._now().minute != self._minute:
            self._minute = self._now().minute
            self._show()

    def _take_masks(self, found: Masks) -> None:
        self._known, self._periods = found.masks, dict(found.periods)
        self._show()
        self._page.show_note(self._page.note.text())

    def _show(self) -> None:
        page = self._page
        page.show_lines(
            lines(
                self._known,
                self._periods,
                self._now(),
                order=page.order.currentData(),
                with_ended=page.with_ended.isChecked(),
            )
        )

    def _ask_end(self, number: int) -> None:
        held = next((mask for mask in self._known if mask.id == number), None)
        if held is not None:
            self._ending = number
            about = f"{held.plot_type}: {held.reason} Whole pictures are judged again from the next one on."
            self.end_dialog.ask(about, list(self._names()))

    def _end(self, person: str) -> None:
        self.end_dialog.show_result("Waits for the server.")
        request = EndMask(mask_id=self._ending, person=person)
        self.asking.ask(request, self._is_ended, self._is_not_ended)

    def _is_ended(self, done: Done) -> None:
        self.end_dialog.accept()
        self._say(done.sentence)

    def _is_not_ended(self, failure: Failure) -> None:
        self.end_dialog.show_result(f"Not ended. {failure.words}")

    def _say(self, sentence: str) -> None:
        self._page.show_note(sentence)
        self.told.emit(sentence)
        if self._page.isVisible():
            self.asking.ask(GetMasks(), self._take_masks, lambda _failure: None)
