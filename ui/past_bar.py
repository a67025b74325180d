"""Says over the page that a past run is shown, and leads back to the current one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from ui.parts import label


class PastBar(QFrame):
    """Hidden while the current run is followed."""

    follow_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "preparing")
        self.words = label("", "name")
        self.follow = QPushButton("Follow the current run")
        self.follow.clicked.connect(self.follow_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 16, 4)
        row.addWidget(self.words, 1)
        row.addWidget(self.follow)
        self.hide()

    def show_past(self, sentence: str) -> None:
        """Which run is shown; empty: the current one."""
        self.words.setText(sentence)
        self.setVisible(bool(sentence))
