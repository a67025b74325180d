"""A run page in a window of its own, for another screen or a wall: live, or of a past run."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QVBoxLayout, QWidget

from ui.banner import LinkBanner
from ui.past_bar import PastBar
from ui.replay_bar import ReplayBar
from ui.run_page import RunPage
from ui.status_line import StatusLine

_LOST = "The server does not answer. What you see may be old."


class SecondWindow(QWidget):
    """Menu, status line and run page; F11 makes a wall of it, Ctrl+W closes it."""

    wall_wanted = Signal(bool)
    acknowledge_wanted = Signal()
    past_wanted = Signal()
    replay_wanted = Signal()
    follow_wanted = Signal()
    closed = Signal()

    def __init__(self, number: int) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title = f"Hydra, window {number}"
        self.setWindowTitle(self._title)
        self.status_line, self.page, self.banner = StatusLine(), RunPage(), LinkBanner()
        self.past_bar, self.replay_bar = PastBar(), ReplayBar()
        self.status_line.leave_out(self.status_line.sound)  # the first window is heard
        self._menus = QMenuBar(self)
        self._fill_menus()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.setMenuBar(self._menus)
        for part in (self.status_line, self.banner, self.past_bar, self.replay_bar):
            column.addWidget(part)
        column.addWidget(self.page, 1)

    def set_link_lost(self, lost: bool) -> None:
        """Say that what is shown may be old."""
        self.page.set_link_lost(lost)
        self.banner.show_trouble(_LOST if lost else "")

    def show_replay(self, words: str) -> None:
        """Say in the title that a past run is replayed here; empty: none is."""
        self.setWindowTitle(f"{self._title}: {words}" if words else self._title)

    def set_wall(self, on: bool) -> None:
        """Full screen in large figures, or back."""
        self._wall.setChecked(on)
        self._menus.setVisible(not on)
        self.status_line.set_wall(on)
        states = self.windowState() & ~Qt.WindowState.WindowFullScreen
        self.setWindowState(states | Qt.WindowState.WindowFullScreen if on else states)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)

    def _fill_menus(self) -> None:
        window = self._menus.addMenu("&Window")
        self._wall = self._action(window, "&Wall", "F11")
        self._wall.setCheckable(True)
        self._wall.triggered.connect(self.wall_wanted)
        self._action(window, "&Close this window", "Ctrl+W").triggered.connect(self.close)
        plots, alarms = self._menus.addMenu("&Plots"), self._menus.addMenu("&Alarms")
        for menu, words, key, wanted in (
            (plots, "Show a &past run", "", self.past_wanted),
            (plots, "&Replay a past run", "Ctrl+R", self.replay_wanted),
            (plots, "&Follow the current run", "", self.follow_wanted),
            (alarms, "&Acknowledge", "Ctrl+K", self.acknowledge_wanted),
        ):
            self._action(menu, words, key).triggered.connect(wanted)

    def _action(self, menu: QMenu, words: str, key: str) -> QAction:
        made = QAction(words, self)
        made.setShortcut(QKeySequence(key))
        menu.addAction(made)
        self.addAction(made)  # so that the key works on the wall too, without a menu bar
        return made
