"""Choose a past run to look at. Never blocks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QPushButton, QVBoxLayout, QWidget

from ui.parts import label
from ui.run_list import RunList, buttons


class RunsDialog(QDialog):
    """A list, newest first; Enter or a double click chooses."""

    chosen = Signal(int)  # place in the list

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Show a past run")
        self.setMinimumSize(460, 420)
        self.note = label("Asking the server.", "body", kind="muted")
        self.note.setWordWrap(True)
        self.list = RunList()
        self.show_button = QPushButton("Show this run")
        self.show_button.setDefault(True)
        self.show_button.clicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 20)
        column.setSpacing(12)
        column.addWidget(self.note)
        column.addWidget(self.list, 1)
        column.addLayout(buttons(self.reject, self.show_button))

    def show_runs(self, words: Sequence[str]) -> None:
        """One line each."""
        self.list.show_runs(words)
        self.note.setText("The bad lane stays live." if words else "The server knows no runs yet.")

    def show_note(self, sentence: str) -> None:
        """Why there is no list."""
        self.note.setText(sentence)

    def _choose(self) -> None:
        if (place := self.list.place) is not None:
            self.chosen.emit(place)
            self.accept()
