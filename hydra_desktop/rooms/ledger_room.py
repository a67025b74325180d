"""Answers which model was live when, from the server's ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QObject

from hydra_desktop.models import model_facts
from hydra_desktop.rooms.library_room import LibraryRoom
from hydra_desktop.words import moment
from inference_server.protocol.library import GetModelAt, ModelAt
from ui.ledger_dialog import LedgerDialog
from ui.library_page import LibraryPage


class LedgerRoom(QObject):
    """Opens the dialog and asks for it."""

    def __init__(
        self,
        page: LibraryPage,
        library: LibraryRoom,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(page)
        self._page, self._library, self._now = page, library, now
        self.dialog: LedgerDialog | None = None
        page.models.ledger_wanted.connect(self.open)

    def open(self) -> None:
        """Show the ledger of the plot type."""
        if (models := self._library.models) is None:
            return
        name = self._page.models.plot_types.currentText()
        lines = model_facts.ledger_lines(models, self._now())
        dialog = LedgerDialog(self._page, f"Which model judged {name}", lines)
        dialog.asked.connect(lambda at: self._ask(models.plot_type_id, at))
        dialog.chosen.connect(self._library.show_model)
        dialog.chosen.connect(dialog.close)
        dialog.finished.connect(self._forget)
        self.dialog = dialog
        dialog.open()

    def _forget(self, _result: int) -> None:
        self.dialog = None

    def _ask(self, kind: int, at: datetime) -> None:
        self._library.asking.ask(
            GetModelAt(plot_type_id=kind, at=at), self._take, self._library.say
        )

    def _take(self, reply: ModelAt) -> None:
        if self.dialog is not None:
            live = "No model" if reply.model_id is None else f"Model {reply.model_id}"
            self.dialog.show_answer(
                f"{live} was live at that moment ({moment(reply.at, self._now())})."
            )
