"""Theme, size of the tiles, lanes and shapes of this station: put in force, and remembered."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from hydra_desktop.looks import Looks
from hydra_desktop.rooms.arrange_room import ArrangeRoom
from hydra_desktop.rooms.wall_room import WallRoom
from hydra_desktop.settings import Memory
from ui.main_window import MainWindow
from ui.run_page import RunPage
from ui.settings_page import SettingsPage
from ui.tile_metrics import NARROWEST, WIDEST, is_size


class Preferences(QObject):
    """The window, the run page and the settings page always show the same choice."""

    def __init__(
        self,
        window: MainWindow,
        run_page: RunPage,
        settings_page: SettingsPage,
        looks: Looks,
        arrange: ArrangeRoom,
        wall: WallRoom,
        memory: Memory,
    ) -> None:
        super().__init__(window)
        self._window, self._run_page, self._settings_page = window, run_page, settings_page
        self._looks, self._arrange, self._wall, self._memory = looks, arrange, wall, memory
        for wish in (window.theme_wanted, settings_page.theme_changed):
            wish.connect(self.set_theme)
        for size in (
            window.size_wanted, settings_page.size_changed, run_page.head.size_changed
        ):  # fmt: skip
            size.connect(self.set_size)
        for zoomed in (run_page.grid.zoomed, window.zoom_wanted):
            zoomed.connect(self.zoom)
        window.lanes_wanted.connect(self.set_lanes)
        window.reset_wanted.connect(self.reset_layout)
        window.closed.connect(self.keep)

    @Slot(str)
    def set_theme(self, wanted: str) -> None:
        """ "light", "dark" or "system", from now on."""
        self._looks.want(wanted)
        self._show_theme()
        self._memory.remember("theme", wanted)

    @Slot(str)
    def set_size(self, size: str) -> None:
        """The size of the tiles, from now on: a name or a width in pixels."""
        self._show_size(size)
        self._memory.remember("size", size)

    @Slot(int)
    def zoom(self, by: int) -> None:
        """Tiles wider by ``by`` pixels, within what can be read."""
        width = min(WIDEST, max(NARROWEST, self._run_page.grid.tile_width + by))
        self.set_size(str(width))

    @Slot(int)
    def set_lanes(self, lanes: int) -> None:
        """One lane or two."""
        self._arrange.set_lanes(lanes)
        self._window.mark_lanes(lanes)

    @Slot()
    def reset_layout(self) -> None:
        """As on the first day."""
        self._arrange.reset()
        self._window.mark_lanes(2)
        self._window.mark_folding(True)
        self.set_size("fit")

    def recall(self) -> None:
        """What this station remembers, put in force at the start."""
        self._window.mark_lanes(self._arrange.station.lanes)
        self._window.mark_folding(self._arrange.station.fold)
        size = self._memory.text("size", "fit")
        self._show_size(size if is_size(size) else "fit")
        self._show_theme()
        self._window.resize(1600, 1000)
        if not (shape := self._memory.shape("window")).isEmpty():
            self._window.restoreGeometry(shape)
        if not (shape := self._memory.shape("lane")).isEmpty():
            self._run_page.splitter.restoreState(shape)

    @Slot()
    def keep(self) -> None:
        """The shapes of the window, for the next start."""
        self._memory.remember_shape("window", self._window.saveGeometry())
        if not self._wall.on:  # the wall's shape is nobody's choice
            self._memory.remember_shape("lane", self._run_page.splitter.saveState())
        self._memory.sync()

    def _show_theme(self) -> None:
        self._window.mark_theme(self._looks.wanted)
        self._settings_page.choose_theme(self._looks.wanted)

    def _show_size(self, size: str) -> None:
        self._run_page.choose_size(size)
        self._window.mark_size(size)
        self._settings_page.choose_size(size)
