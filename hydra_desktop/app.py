"""The composition root: the only module that knows all the others."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from hydra_desktop import __version__
from hydra_desktop.link.link import Link
from hydra_desktop.looks import Looks
from hydra_desktop.rooms.connect_room import ConnectRoom
from hydra_desktop.rooms.detail_room import DetailRoom
from hydra_desktop.rooms.history_room import HistoryRoom
from hydra_desktop.rooms.link_room import LinkRoom
from hydra_desktop.rooms.log_room import LogRoom
from hydra_desktop.rooms.run_room import RunRoom
from hydra_desktop.rooms.status_room import StatusRoom
from hydra_desktop.settings import THEMES, Address, Memory, Options, address
from ui.detail_page import DetailPage
from ui.help_page import HelpPage
from ui.history_page import HistoryPage
from ui.log_page import LogPage
from ui.main_window import MainWindow
from ui.run_page import RunPage
from ui.settings_page import SettingsPage
from ui.status_page import StatusPage
from ui.tile_metrics import SIZES


class Desktop(QObject):
    """One window, one link, and the rooms between them. Nothing starts before ``start``."""

    def __init__(self, app: QApplication, options: Options, memory: Memory) -> None:
        super().__init__()
        self._options, self._memory = options, memory
        self.address = address(options, memory)
        self.looks = Looks(app, options.theme or memory.choice("theme", THEMES, "system"))
        self.window = MainWindow()
        self.run_page, self.detail_page, self.status_page = RunPage(), DetailPage(), StatusPage()
        self.settings_page, self.log_page = SettingsPage(), LogPage()
        self.history_page = HistoryPage()
        self.link = Link(self)
        self.run = RunRoom(self.run_page, self.window.status_line, self.link)
        self.detail = DetailRoom(self.detail_page, self.run.arranged, self.link)
        self.status = StatusRoom(
            self.status_page, self.window.foot, self.window.preparing, self.link
        )
        self.log = LogRoom(self.log_page, self.link, memory)
        self.history = HistoryRoom(self.history_page, self.link)
        self.link_room = LinkRoom(self.window)
        self.connect_room = ConnectRoom(self.window)
        self._second = QTimer(self, interval=1000)
        self._add_pages()
        self._join_link()
        self._join_window()
        self._recall()

    def start(self) -> None:
        """Connect, and let the clock run."""
        self.tick()
        self._second.start()
        if self.address.server:
            self.link.open(self.address.server, self.address.key, self.address.station)
        else:
            self.connect_room.open(self.address)

    def stop(self) -> None:
        """End every thread; returns when they have ended."""
        self._second.stop()
        self.connect_room.stop()
        self.link.close()

    @Slot()
    def tick(self) -> None:
        """Once a second."""
        self.run.tick()
        self.link_room.tick()

    # ------------------------------------------------------------ joining

    def _add_pages(self) -> None:
        pages = {
            "run": self.run_page,
            "detail": self.detail_page,
            "log": self.log_page,
            "history": self.history_page,
            "status": self.status_page,
            "settings": self.settings_page,
            "help": HelpPage(__version__),
        }
        for key, page in pages.items():
            self.window.add_page(key, page)

    def _join_link(self) -> None:
        for room in (self.run, self.status, self.log, self.history):
            self.link.restored.connect(room.restore)
            self.link.arrived.connect(room.receive)
        for asking in (self.run, self.detail, self.status, self.log, self.history):
            self.link.answered.connect(asking.take_answer)
            self.link.failed.connect(asking.take_failure)
        self.link.changed.connect(self.link_room.show_state)
        self.link.counted.connect(self.link_room.show_feed)
        self.link_room.lost.connect(self.run_page.set_link_lost)
        self.link_room.lost.connect(self.detail_page.picture.set_faded)

    def _join_window(self) -> None:
        window = self.window
        self._second.timeout.connect(self.tick)
        self.run.opened.connect(self.detail.open)
        self.detail.shown.connect(self._show_detail)
        self.detail_page.back.connect(self._show_run)
        window.status_line.bad_clicked.connect(self._show_bad)
        window.status_line.look_clicked.connect(self._show_look)
        window.foot.quarantine_clicked.connect(self._show_status)
        window.page_shown.connect(self._page_shown)
        window.refresh_wanted.connect(self.link.refresh)
        window.closed.connect(self._keep)
        for wish in (window.theme_wanted, self.settings_page.theme_changed):
            wish.connect(self.set_theme)
        for size in (
            window.size_wanted,
            self.settings_page.size_changed,
            self.run_page.size_changed,
        ):
            size.connect(self.set_size)
        for wanted in (window.connect_wanted, self.settings_page.connection_wanted):
            wanted.connect(self._ask_connection)
        self.connect_room.chosen.connect(self._connect_to)

    def _show_detail(self, _name: str) -> None:
        self.window.show_page("detail")

    def _show_run(self) -> None:
        self.window.show_page("run")
        self.run_page.grid.setFocus()

    def _show_status(self) -> None:
        self.window.show_page("status")

    def _show_bad(self) -> None:
        self.window.show_page("run")
        self.run_page.lane.reveal()

    def _show_look(self) -> None:
        self.window.show_page("run")
        self.run.show_next_to_look_at()

    def _page_shown(self, key: str) -> None:
        if key == "status":
            self.status.look()
        if key == "log":
            self.log.look()
        if key == "run":
            self.run_page.grid.setFocus()

    # ------------------------------------------------------------ settings

    def set_theme(self, wanted: str) -> None:
        """Change the theme now and remember it."""
        self.looks.want(wanted)
        self.window.mark_theme(wanted)
        self.settings_page.choose_theme(wanted)
        self._memory.remember("theme", wanted)

    def set_size(self, size: str) -> None:
        """Change the size of the tiles now and remember it."""
        self.run_page.choose_size(size)
        self.window.mark_size(size)
        self.settings_page.choose_size(size)
        self._memory.remember("size", size)

    def _recall(self) -> None:
        size = self._memory.choice("size", SIZES, "fit")
        self.run_page.choose_size(size)
        self.window.mark_size(size)
        self.settings_page.choose_size(size)
        self.window.mark_theme(self.looks.wanted)
        self.settings_page.choose_theme(self.looks.wanted)
        self.window.resize(1600, 1000)
        if not (shape := self._memory.shape("window")).isEmpty():
            self.window.restoreGeometry(shape)
        if not (shape := self._memory.shape("lane")).isEmpty():
            self.run_page.splitter.restoreState(shape)
        self._show_address()

    def _keep(self) -> None:
        self._memory.remember_shape("window", self.window.saveGeometry())
        self._memory.remember_shape("lane", self.run_page.splitter.saveState())
        self._memory.sync()

    def _ask_connection(self) -> None:
        self.connect_room.open(self.address)

    def _connect_to(self, chosen: Address) -> None:
        self.address = chosen
        for name in ("server", "key", "station"):
            self._memory.remember(name, getattr(chosen, name))
        self._show_address()
        self.link.open(chosen.server, chosen.key, chosen.station)

    def _show_address(self) -> None:
        self.link_room.show_station(self.address.station)
        self.settings_page.connection.show_facts(
            (
                ("Server", self.address.server or "None chosen"),
                ("Key file", self.address.key or "None"),
                ("Station", self.address.station),
            )
        )
