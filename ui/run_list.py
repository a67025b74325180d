"""Past runs to choose from, and the two buttons below them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QHBoxLayout, QListWidget, QPushButton


class RunList(QListWidget):
    """One line for each, newest first."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Runs, newest first")

    def show_runs(self, words: Sequence[str]) -> None:
        """Replace the lines; the first one is chosen."""
        self.clear()
        self.addItems(words)
        self.setCurrentRow(0)

    @property
    def place(self) -> int | None:
        """Which one is chosen."""
        row = self.currentRow()
        return row if row >= 0 else None


def buttons(leave: Callable[[], None], go: QPushButton) -> QHBoxLayout:
    """Cancel, and the button that does it."""
    cancel = QPushButton("Cancel")
    cancel.setAutoDefault(False)
    cancel.clicked.connect(leave)
    go.setProperty("kind", "primary")
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(cancel)
    row.addWidget(go)
    return row
