"""Asks before a window closes that something would be lost with."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

_HELP = (
    "They are lost if Hydra closes now. Make room on the disk, or wait until the server has them:"
    " the title counts what is not yet sent."
)


class ClosingQuestion:
    """Holds ``window`` open while there is a reason, until the person closes it all the same."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._reason = ""
        self._told = False  # the person knows, and closes it all the same
        self.box: QMessageBox | None = None

    def set_reason(self, words: str) -> None:
        """Why the window should stay, as a sentence; empty: it may close."""
        self._reason = words
        if self.box is not None:
            if words:
                self.box.setText(words)
            else:
                self.box.reject()

    def holds_back(self) -> bool:
        """Whether the window stays for now; then the question is open."""
        if self._told or not self._reason:
            return False
        if self.box is None:
            self._ask()
        return True

    def _ask(self) -> None:
        box = self.box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Hydra")
        box.setText(self._reason)
        box.setInformativeText(_HELP)
        stay = box.addButton("Stay", QMessageBox.ButtonRole.RejectRole)
        box.addButton("Close and lose them", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        box.buttonClicked.connect(lambda button: self._answered(lost=button is not stay))
        box.finished.connect(self._forget)
        box.open()

    def _answered(self, *, lost: bool) -> None:
        if lost:
            self._told = True
            self._window.close()

    def _forget(self) -> None:
        if self.box is not None:
            self.box.deleteLater()
        self.box = None
