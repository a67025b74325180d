"""Asks for one line or a few: an entry for the log book, or the news banner. Never blocks."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.parts import label


class EntryDialog(QDialog):
    """A text and who wrote it; the station is often shared, so the name is asked each time."""

    written = Signal(str, str)  # text, person

    def __init__(
        self, title: str, explanation: str, verb: str, *, empty_ok: bool = False,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(520)
        self.text, self.person = QPlainTextEdit(), QLineEdit()
        self.result_line = label("", "body")
        self.result_line.setWordWrap(True)
        self.send = QPushButton(verb)
        self._empty_ok = empty_ok
        words = label(explanation, "body", kind="muted")
        words.setWordWrap(True)
        self._lay_out(words)
        self.text.textChanged.connect(self._check)
        self.send.clicked.connect(self._tell)
        self._check()

    def show_result(self, sentence: str) -> None:
        """Why it was not taken; the text stays."""
        self.result_line.setText(sentence)
        self._check()

    def _tell(self) -> None:
        self.send.setEnabled(False)
        self.result_line.setText("Sending it.")
        self.written.emit(self.text.toPlainText().strip(), self.person.text().strip())

    def _check(self) -> None:
        self.send.setEnabled(self._empty_ok or bool(self.text.toPlainText().strip()))

    def _lay_out(self, words: QLabel) -> None:
        self.text.setAccessibleName("Text")
        self.text.setTabChangesFocus(True)
        self.text.setMaximumHeight(140)
        self.person.setAccessibleName("Your name")
        self.person.setPlaceholderText("Your name (empty: this station)")
        self.send.setProperty("kind", "primary")
        self.send.setDefault(True)
        leave = QPushButton("Cancel")
        leave.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(leave)
        buttons.addWidget(self.send)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 20)
        column.setSpacing(12)
        for widget in (words, self.text, self.person, self.result_line):
            column.addWidget(widget)
        column.addLayout(buttons)
