"""Joins the plots model and the detail page; fetches the picture in full size."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Signal, Slot

from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.models.plots import PlotRow
from hydra_desktop.rooms.run_room import Asker
from inference_server.protocol.messages import GetPicture
from ui.detail_page import DetailPage
from ui.roles import Role


class DetailRoom(QObject):
    """Follows one plot type: a new verdict on it replaces what is shown."""

    shown = Signal(str)

    def __init__(self, page: DetailPage, model: QAbstractItemModel, asker: Asker) -> None:
        super().__init__(page)
        self._page, self._model, self._asker = page, model, asker
        self._name, self._hash, self._ticket = "", "", 0
        model.dataChanged.connect(self._changed)
        page.step.connect(self._step)

    @Slot(str)
    def open(self, name: str) -> None:
        """Show the plot type ``name``."""
        if self._row_of(name) >= 0:
            self._name, self._hash = name, ""
            self._show()
            self.shown.emit(name)

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """The picture, unless a newer one was asked for since."""
        if ticket != self._ticket:
            return
        if answer.image is None:
            self._page.show_no_picture(
                "The server's picture cannot be read. This is the small one."
            )
        else:
            self._page.show_picture(answer.image, full=True)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why there is only the small picture."""
        if ticket == self._ticket:
            self._page.show_no_picture(f"{failure.words} This is the small picture.")

    def _show(self) -> None:
        index = self._model.index(self._row_of(self._name), 0)
        if not index.isValid():
            return
        self._page.show_row(index)
        row: PlotRow = index.data(Role.ROW)
        if row.verdict is None or row.verdict.picture_hash == self._hash:
            return
        self._hash = row.verdict.picture_hash
        if row.image is not None:
            self._page.show_picture(row.image, full=False)
        self._ticket = self._asker.ask(GetPicture(picture_hash=self._hash))

    def _changed(self, first: QModelIndex, last: QModelIndex) -> None:
        mine = self._row_of(self._name) if self._page.isVisible() else -1
        if first.row() <= mine <= last.row():
            self._show()

    def _step(self, by: int) -> None:
        rows = self._model.rowCount()
        if rows and (at := self._row_of(self._name)) >= 0:
            self.open(self._model.index((at + by) % rows, 0).data(Role.NAME))

    def _row_of(self, name: str) -> int:
        rows = range(self._model.rowCount())
        found = (row for row in rows if self._model.index(row, 0).data(Role.NAME) == name)
        return next(found, -1)
