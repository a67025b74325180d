"""The connect dialog, and the trial connection behind its button."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from hydra_desktop.link.link import Link
from hydra_desktop.link.state import LinkState, Stage
from hydra_desktop.settings import Address, server_of
from ui.connect_dialog import ConnectDialog

PATIENCE_MS = 5000


class Trial(QObject):
    """One attempt to connect, with an end."""

    ended = Signal(bool, str)  # whether it works, and a sentence

    def __init__(self, where: Address, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._where = where
        self._link = Link(self)
        self._link.changed.connect(self._changed)
        self._limit = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._limit.timeout.connect(self._give_up)

    def start(self) -> None:
        """Try; ``ended`` comes within a few seconds."""
        self._limit.start()
        self._link.open(self._where.server, self._where.key, self._where.station)

    def stop(self) -> None:
        """End it without a result."""
        self._limit.stop()
        self._link.close()

    @Slot(object)
    def _changed(self, state: LinkState) -> None:
        if state.stage is Stage.CONNECTED:
            delay = f" in {state.delay_ms:.0f} ms" if state.delay_ms is not None else ""
            self._end(True, f"It works. {state.server} answered{delay}.")
        elif state.stage is Stage.REFUSED:
            self._end(False, state.reason)

    def _give_up(self) -> None:
        self._end(
            False,
            f"{self._where.server} does not answer. Check that the server runs, that the address is "
            "right, and that no firewall is between.",
        )

    def _end(self, works: bool, words: str) -> None:
        self.stop()
        self.ended.emit(works, words)


class ConnectRoom(QObject):
    """Opens the dialog and tells what was chosen."""

    chosen = Signal(object)  # Address

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._dialog: ConnectDialog | None = None
        self._trial: Trial | None = None

    def open(self, known: Address) -> None:
        """Show the dialog, filled with what is known."""
        if self._dialog is None:
            self._dialog = ConnectDialog(self._window)
            self._dialog.tried.connect(self._try)
            self._dialog.connect_wanted.connect(self._choose)
            self._dialog.key.textChanged.connect(self._key_named)
        self._dialog.fill(known.server, known.key, known.station)
        self._dialog.open()

    def stop(self) -> None:
        """End a trial that is under way."""
        if self._trial is not None:
            self._trial.stop()

    def _try(self, server: str, key: str, station: str) -> None:
        self.stop()
        self._trial = Trial(Address(server, key, station), self)
        self._trial.ended.connect(self._tried)
        self._trial.start()

    def _tried(self, _works: bool, words: str) -> None:
        if self._dialog is not None:
            self._dialog.show_result(words)

    def _key_named(self, key: str) -> None:
        """Most key files know their server."""
        if self._dialog is not None and not self._dialog.server.text() and Path(key).is_file():
            self._dialog.server.setText(server_of(key))

    def _choose(self, server: str, key: str, station: str) -> None:
        self.stop()
        self.chosen.emit(Address(server, key, station))
