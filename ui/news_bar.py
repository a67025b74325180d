"""The news banner: one line over every page, closable on this station until the next one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from ui.parts import IconLabel, label


class NewsBar(QFrame):
    """Hidden while there is none."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "news")
        self.words, self.posted = label(""), label("", "small", kind="muted")
        self.words.setWordWrap(True)
        self.close_button = QPushButton("Close")
        self.close_button.setProperty("kind", "plain")
        self.close_button.setAccessibleName("Close the news on this station")
        self.close_button.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 2, 8, 2)
        row.setSpacing(10)
        row.addWidget(IconLabel("news", 18, "accent"))
        row.addWidget(label("News", "name"))
        row.addWidget(self.words, 1)
        row.addWidget(self.posted)
        row.addWidget(self.close_button)
        self.hide()

    def show_news(self, text: str, posted: str) -> None:
        """Show a line; an empty one hides the bar."""
        self.words.setText(text)
        self.posted.setText(posted)
        self.setAccessibleName(f"News: {text}")
        self.setVisible(bool(text))
