"""The wall: full screen, nothing but plots, pages that turn by themselves."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication

from ui.main_window import MainWindow
from ui.run_page import RunPage
from ui.second_window import SecondWindow
from ui.tile_grid import WALL_SIZE

TURN_MS = 15_000
CURSOR_MS = 5_000  # without a movement the pointer goes


class WallRoom(QObject):
    """F11 in and out, Esc out; the size of the tiles comes back as it was."""

    def __init__(self, window: MainWindow | SecondWindow, page: RunPage) -> None:
        super().__init__(page)
        self._window, self._page = window, page
        self.on = False
        self._size = "fit"
        self._turn = QTimer(self, interval=TURN_MS)
        self._turn.timeout.connect(page.grid.turn_page)
        self._idle = QTimer(self, interval=CURSOR_MS, singleShot=True)
        self._idle.timeout.connect(self._hide_pointer)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), page)
        self._escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._escape.activated.connect(self._leave)
        self._escape.setEnabled(False)
        window.wall_wanted.connect(self.show)

    @Slot(bool)
    def show(self, on: bool) -> None:
        """Into the wall, or out of it."""
        if on == self.on:
            return
        self.on = on
        if on:
            self._size = self._page.tile_size
            self._page.choose_size(WALL_SIZE)
            self._turn.start()
            self._idle.start()
            QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]
        else:
            QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
            self._turn.stop()
            self._idle.stop()
            self._window.unsetCursor()
            self._page.choose_size(self._size)
        self._escape.setEnabled(on)
        self._page.set_wall(on)
        self._window.set_wall(on)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.MouseMove:
            self._window.unsetCursor()
            self._idle.start()
        return False

    def _hide_pointer(self) -> None:
        self._window.setCursor(Qt.CursorShape.BlankCursor)

    def _leave(self) -> None:
        self.show(False)
