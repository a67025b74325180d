"""A run page in a window of its own, for another screen or a wall."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.banner import LinkBanner
from ui.run_page import RunPage
from ui.status_line import StatusLine

_LOST = "The server does not answer. What you see may be old."


class SecondWindow(QWidget):
    """Status line and run page; F11 makes a wall of it, Ctrl+W closes it."""

    wall_wanted = Signal(bool)
    acknowledge_wanted = Signal()
    closed = Signal()

    def __init__(self, number: int) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(f"Hydra, window {number}")
        self.status_line, self.page, self.banner = StatusLine(), RunPage(), LinkBanner()
        self.status_line.leave_out(self.status_line.sound)  # the first window is heard
        self._wall = self._action("Wall", "F11")
        self._wall.setCheckable(True)
        self._wall.triggered.connect(self.wall_wanted)
        self._action("Acknowledge", "Ctrl+K").triggered.connect(self.acknowledge_wanted)
        self._action("Close this window", "Ctrl+W").triggered.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.status_line, self.banner):
            column.addWidget(part)
        column.addWidget(self.page, 1)

    def set_link_lost(self, lost: bool) -> None:
        """Say that what is shown may be old."""
        self.page.set_link_lost(lost)
        self.banner.show_trouble(_LOST if lost else "")

    def set_wall(self, on: bool) -> None:
        """Full screen in large figures, or back."""
        self._wall.setChecked(on)
        self.status_line.set_wall(on)
        states = self.windowState() & ~Qt.WindowState.WindowFullScreen
        self.setWindowState(states | Qt.WindowState.WindowFullScreen if on else states)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)

    def _action(self, words: str, key: str) -> QAction:
        made = QAction(words, self)
        made.setShortcut(QKeySequence(key))
        self.addAction(made)
        return made
