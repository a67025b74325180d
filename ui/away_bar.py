"""One line for whoever comes back: what happened meanwhile, and the way to it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from ui.parts import IconLabel, label


class AwayBar(QFrame):
    """Hidden until something was missed; stays until it was shown or closed."""

    show_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "news")
        self.words = label("")
        self.words.setWordWrap(True)
        self.show_button, close = QPushButton("Show it"), QPushButton("Close")
        self.show_button.setAccessibleName("Show what happened while you were away")
        close.setAccessibleName("Close what happened while you were away")
        for button in (self.show_button, close):
            button.setProperty("kind", "plain")
            button.clicked.connect(self.hide)
        self.show_button.clicked.connect(self.show_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 2, 8, 2)
        row.setSpacing(10)
        row.addWidget(IconLabel("alarms", 18, "accent"))
        row.addWidget(label("While you were away", "name"))
        row.addWidget(self.words, 1)
        row.addWidget(self.show_button)
        row.addWidget(close)
        self.hide()

    def show_missed(self, sentence: str) -> None:
        """Say what was missed."""
        self.words.setText(sentence)
        self.setAccessibleName(f"While you were away: {sentence}")
        self.show()
