"""The composition root: the only module that knows all the others."""

from __future__ import annotations

import locale
import sys

from PySide6.QtCore import QLocale, QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from hydra_desktop import __version__, joins
from hydra_desktop.label_keys import KeyMap
from hydra_desktop.link.link import Link
from hydra_desktop.looks import Looks
from hydra_desktop.preferences import Preferences
from hydra_desktop.rooms.activity_room import ActivityRoom
from hydra_desktop.rooms.acts_room import ActsRoom
from hydra_desktop.rooms.administration_room import AdministrationRoom
from hydra_desktop.rooms.alarm_book import AlarmBook
from hydra_desktop.rooms.alarm_room import AlarmRoom
from hydra_desktop.rooms.arrange_room import ArrangeRoom
from hydra_desktop.rooms.comparison_room import ComparisonRoom
from hydra_desktop.rooms.connect_room import ConnectRoom
from hydra_desktop.rooms.curves_room import CurvesRoom
from hydra_desktop.rooms.detail_alarms import DetailAlarms
from hydra_desktop.rooms.detail_room import DetailRoom
from hydra_desktop.rooms.history_room import HistoryRoom
from hydra_desktop.rooms.label_dialogs import LabelDialogs
from hydra_desktop.rooms.label_room import QUEUES, LabelRoom
from hydra_desktop.rooms.ledger_room import LedgerRoom
from hydra_desktop.rooms.library_room import LibraryRoom
from hydra_desktop.rooms.link_room import LinkRoom
from hydra_desktop.rooms.log_room import LogRoom
from hydra_desktop.rooms.mask_room import MaskRoom
from hydra_desktop.rooms.matrix_room import MatrixRoom
from hydra_desktop.rooms.model_file_room import ModelFileRoom
from hydra_desktop.rooms.notice_room import NoticeRoom
from hydra_desktop.rooms.past_room import PastRoom
from hydra_desktop.rooms.plot_alarms import PlotAlarms
from hydra_desktop.rooms.plot_type_room import PlotTypeRoom
from hydra_desktop.rooms.popup_room import PopupRoom
from hydra_desktop.rooms.release_room import ReleaseRoom
from hydra_desktop.rooms.replay_room import ReplayRoom
from hydra_desktop.rooms.report_room import ReportRoom
from hydra_desktop.rooms.rule_room import RuleRoom
from hydra_desktop.rooms.run_room import RunRoom
from hydra_desktop.rooms.second_room import SecondRoom
from hydra_desktop.rooms.shadow_room import ShadowRoom
from hydra_desktop.rooms.share_room import ShareRoom
from hydra_desktop.rooms.site_room import SiteRoom
from hydra_desktop.rooms.sound_room import Player, SoundRoom
from hydra_desktop.rooms.status_room import StatusRoom
from hydra_desktop.rooms.strip_room import StripRoom
from hydra_desktop.rooms.threshold_room import ThresholdRoom
from hydra_desktop.rooms.training_room import TrainingRoom
from hydra_desktop.rooms.wall_room import WallRoom
from hydra_desktop.settings import THEMES, Address, Memory, Options, address, identity
from hydra_desktop.sound import Sound
from hydra_desktop.ways import Ways
from ui.administration_page import AdministrationPage
from ui.alarm_page import AlarmPage
from ui.detail_page import DetailPage
from ui.help_page import HelpPage
from ui.history_page import HistoryPage
from ui.label_page import LabelPage
from ui.library_page import LibraryPage
from ui.log_page import LogPage
from ui.main_window import MainWindow
from ui.masks_page import MasksPage
from ui.run_page import RunPage
from ui.settings_page import SettingsPage
from ui.sound_card import SoundCard
from ui.status_page import StatusPage
from ui.training_page import TrainingPage

# How long a thread of ours may keep Python's lock while the GUI thread wants it; usual are 5 ms, and a
# screenful of tiles asks for it sixty times.
HAND_OVER_S = 0.001


class Desktop(QObject):
    """One window, one link, and the rooms between them. Nothing starts before ``start``."""

    def __init__(
        self,
        app: QApplication,
        options: Options,
        memory: Memory,
        player: Player | None = None,
    ) -> None:
        super().__init__()
        _speak_one_language()
        self._app, self._options, self._memory = app, options, memory
        self.address = address(options, memory)
        self.looks = Looks(app, options.theme or memory.choice("theme", THEMES, "system"))
        self.window, self.settings_page = MainWindow(), SettingsPage()
        self.link = Link(self)
        self._make_run()
        self._make_site()
        self._make_labeler()
        self._make_alarms(player or Sound(self))
        self._make_library()
        self._make_records()
        self.link_room = LinkRoom(self.window)
        self.connect_room = ConnectRoom(self.window)
        self._second = QTimer(self, interval=1000)
        self._add_pages()
        self._second.timeout.connect(self.tick)
        for wanted in (self.window.connect_wanted, self.settings_page.connection_wanted):
            wanted.connect(self._ask_connection)
        self.connect_room.chosen.connect(self._connect_to)
        joins.join_all(self)
        self.preferences.recall()
        self._show_address()

    def start(self) -> None:
        """Connect, and let the clock run."""
        sys.setswitchinterval(HAND_OVER_S)
        self.sound.start()
        self._app.installEventFilter(self.book.presence)
        self.second.recall()
        self.tick()
        self._second.start()
        if self._options.link:
            self.ways.open_link(self._options.link)
        if self.address.server:
            self.link.open(self.address.server, self.address.key, self.address.station)
        else:
            self.connect_room.open(self.address)

    def stop(self) -> None:
        """End every thread; returns when they have ended."""
        self._second.stop()
        self._app.removeEventFilter(self.book.presence)
        self.sound.stop()
        self.popup.close()
        self.second.close()
        self.connect_room.stop()
        self.link.close()
        self.label.stop()

    @Slot()
    def tick(self) -> None:
        """Once a second."""
        self.run.tick()
        self.link_room.tick()
        self.notices.tick()
        self.alarms.tick()
        for room in (self.status, self.popup, self.sound, self.book, self.masks, self.second):
            room.tick()

    def _make_run(self) -> None:
        window, page, memory = self.window, RunPage(), self._memory
        self.run_page, self.detail_page = page, DetailPage()
        self.run = RunRoom(page, window.status_line, self.link)
        self.arrange = ArrangeRoom(page, self.run.model, self.run.arranged, memory)
        self.past = PastRoom(window, page, self.run.model, self.run.arranged, self.link)
        self.replay = ReplayRoom(window, self.run, self.link)
        self.notices = NoticeRoom(window, memory, self.link)
        self.wall = WallRoom(window, page)
        self.detail = DetailRoom(self.detail_page, self.run.arranged, self.link)
        self.share = ShareRoom(self.detail_page, self.detail, self.link)
        self.ways = Ways(window, page, self.run, self.arrange, self.past, self.replay, self.detail)
        self.preferences = Preferences(
            window, page, self.settings_page, self.looks, self.arrange, self.wall, memory
        )

    def _make_site(self) -> None:
        self.administration_page, self.status_page = AdministrationPage(), StatusPage()
        self.administration = AdministrationRoom(self.administration_page, self.link)
        self.site = SiteRoom(self.administration_page, self.link)
        self.activity = ActivityRoom(self.status_page.activity, self.link)
        self.status = StatusRoom(
            self.status_page, self.window.foot, self.window.preparing, self.link
        )

    def _make_labeler(self) -> None:
        memory = self._memory
        self.label_page = LabelPage(QUEUES)
        self.label = LabelRoom(
            self.label_page, self.link, memory.spool, KeyMap.load(memory.text("label_keys"))
        )
        self.label.use(identity(self.address), self.address.server)
        self.label_dialogs = LabelDialogs(self.label_page, self.label, memory.remember)

    def _make_alarms(self, player: Player) -> None:
        window, card = self.window, SoundCard()
        self.alarm_page = AlarmPage()
        self.alarms = AlarmRoom(window, self.run.server_now)
        self.popup = PopupRoom(window, self.alarms, self.link, self._memory)
        self.acts = ActsRoom(window, self.alarms, self.link, self._memory)
        self.book = AlarmBook(self.alarm_page, self.alarms, self.link)
        self.rules = RuleRoom(window, self.alarms, self.link)
        self.popup.strips = self.book.standing.strips = self.run.strip
        self.plot_alarms = PlotAlarms(self.alarms, self.acts)
        self.detail_alarms = DetailAlarms(self.detail_page, self.alarms, self.plot_alarms)
        self.arrange.offers = self.plot_alarms.offers
        self.second = SecondRoom(window, self.link, self.alarms, self.plot_alarms, self._memory)
        views = (window.status_line.sound, window.silence, card)
        self.sound = SoundRoom(self.alarms, player, self.link, self._memory, views)
        self.sound.station = self.address.station
        self.settings_page.add_card(card)

    def _make_library(self) -> None:
        page = self.library_page = LibraryPage()
        library = self.library = LibraryRoom(page, self.link)
        self.strip = StripRoom(page, library.asking)
        self.matrix = MatrixRoom(page, library, self.strip)
        self.curves = CurvesRoom(page, library)
        self.comparison = ComparisonRoom(page, library, self.strip)
        self.thresholds = ThresholdRoom(page, library, self.matrix.set_look)
        self.report = ReportRoom(page, library, self.strip, self.matrix.show_mistakes)
        self.release = ReleaseRoom(page, library, self.report.show)
        self.shadow = ShadowRoom(page, library, self.strip)
        self.ledger = LedgerRoom(page, library)
        self.model_files = ModelFileRoom(page, library)
        self.plot_type = PlotTypeRoom(page, library)
        self.training_page = TrainingPage()
        self.training = TrainingRoom(self.training_page, self.link)

    def _make_records(self) -> None:
        self.log_page, self.history_page, self.masks_page = LogPage(), HistoryPage(), MasksPage()
        self.log = LogRoom(self.log_page, self.link, self._memory)
        self.history = HistoryRoom(self.history_page, self.link, self._memory)
        self.masks = MaskRoom(
            self.masks_page, self.run.model, self.link, self.acts.names, self.run.server_now
        )

    def _add_pages(self) -> None:
        pages = {
            "run": self.run_page,
            "alarms": self.alarm_page,
            "detail": self.detail_page,
            "label": self.label_page,
            "log": self.log_page,
            "library": self.library_page,
            "training": self.training_page,
            "history": self.history_page,
            "status": self.status_page,
            "settings": self.settings_page,
            "administration": self.administration_page,
            "masks": self.masks_page,
            "help": HelpPage(__version__),
        }
        for key, page in pages.items():
            self.window.add_page(key, page)

    def _ask_connection(self) -> None:
        self.connect_room.open(self.address)

    def _connect_to(self, chosen: Address) -> None:
        self.address = chosen
        for name in ("server", "key", "station"):
            self._memory.remember(name, getattr(chosen, name))
        self._show_address()
        self.replay.end()
        self.second.follow()
        self.alarms.forget()
        self.label.use(identity(chosen), chosen.server)
        self.link.open(chosen.server, chosen.key, chosen.station)

    def _show_address(self) -> None:
        self.link_room.show_station(self.address.station)
        self.sound.station = self.address.station
        self.detail.server = self.address.server
        self.settings_page.connection.show_facts(
            (
                ("Server", self.address.server or "None chosen"),
                ("Key file", self.address.key or "None"),
                ("Station", self.address.station),
            )
        )


def _speak_one_language() -> None:
    """The words are English, so dates and numbers are too; Qt would take both from the user's settings."""
    locale.setlocale(locale.LC_TIME, "C")
    QLocale.setDefault(QLocale.c())
