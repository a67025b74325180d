"""The composition root: the only module that knows all the others."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from hydra_desktop import __version__
from hydra_desktop.calling import MUTES_MIN
from hydra_desktop.label_keys import KeyMap
from hydra_desktop.link.link import Link
from hydra_desktop.links import LinkError, Target, read_link
from hydra_desktop.looks import Looks
from hydra_desktop.models.alarm_signs import signs
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
from hydra_desktop.rooms.share_room import ShareRoom
from hydra_desktop.rooms.site_room import SiteRoom
from hydra_desktop.rooms.sound_room import Player, SoundRoom
from hydra_desktop.rooms.status_room import StatusRoom
from hydra_desktop.rooms.strip_room import StripRoom
from hydra_desktop.rooms.threshold_room import ThresholdRoom
from hydra_desktop.rooms.training_room import TrainingRoom
from hydra_desktop.rooms.wall_room import WallRoom
from hydra_desktop.settings import THEMES, Address, Memory, Options, address
from hydra_desktop.sound import Sound
from ui.administration_page import AdministrationPage
from ui.alarm_page import AlarmPage
from ui.detail_page import DetailPage
from ui.help_page import HelpPage
from ui.history_page import HistoryPage
from ui.label_page import LabelPage
from ui.legend import Legend
from ui.library_page import LibraryPage
from ui.log_page import LogPage
from ui.main_window import MainWindow
from ui.masks_page import MasksPage
from ui.roles import Role
from ui.run_page import RunPage
from ui.settings_page import SettingsPage
from ui.sound_card import SoundCard
from ui.status_page import StatusPage
from ui.tile_metrics import NARROWEST, WIDEST, is_size
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
        self._app, self._options, self._memory = app, options, memory
        self.address = address(options, memory)
        self.looks = Looks(app, options.theme or memory.choice("theme", THEMES, "system"))
        self.window = MainWindow()
        self.run_page, self.detail_page, self.status_page = RunPage(), DetailPage(), StatusPage()
        self.settings_page, self.label_page = SettingsPage(), LabelPage(QUEUES)
        self.log_page = LogPage()
        self.library_page, self.training_page = LibraryPage(), TrainingPage()
        self.history_page = HistoryPage()
        self.link = Link(self)
        self.run = RunRoom(self.run_page, self.window.status_line, self.link)
        self.arrange = ArrangeRoom(self.run_page, self.run.model, self.run.arranged, memory)
        self.past = PastRoom(self.window, self.run.model, self.run.arranged, self.link)
        self.replay = ReplayRoom(self.window, self.run, self.link)
        self.notices = NoticeRoom(self.window, memory, self.link)
        self.wall = WallRoom(self.window, self.run_page)
        self.detail = DetailRoom(self.detail_page, self.run.arranged, self.link)
        self.share = ShareRoom(self.detail_page, self.detail, self.link)
        self._target: Target | None = None  # a link that waits for its plot type
        self._came_from = "run"  # the page from which the detail page was opened
        self.administration_page = AdministrationPage()
        self.administration = AdministrationRoom(self.administration_page, self.link)
        self.site = SiteRoom(self.administration_page, self.link)
        self.activity = ActivityRoom(self.status_page.activity, self.link)
        self.status = StatusRoom(
            self.status_page, self.window.foot, self.window.preparing, self.link
        )
        self.label = LabelRoom(
            self.label_page, self.link, memory.spool, KeyMap.load(memory.text("label_keys"))
        )
        self.label_dialogs = LabelDialogs(self.label_page, self.label, memory.remember)
        self._make_alarms(player or Sound(self))
        self.masks_page = MasksPage()
        self.masks = MaskRoom(
            self.masks_page, self.run.model, self.link, self.acts.names, self.run.server_now
        )
        self.log = LogRoom(self.log_page, self.link, memory)
        self.library = LibraryRoom(self.library_page, self.link)
        self.strip = StripRoom(self.library_page, self.library.asking)
        self.matrix = MatrixRoom(self.library_page, self.library, self.strip)
        self.curves = CurvesRoom(self.library_page, self.library)
        self.comparison = ComparisonRoom(self.library_page, self.library, self.strip)
        self.thresholds = ThresholdRoom(self.library_page, self.library, self.matrix.set_look)
        self.report = ReportRoom(
            self.library_page, self.library, self.strip, self.matrix.show_mistakes
        )
        self.release = ReleaseRoom(self.library_page, self.library, self.report.show)
        self.ledger = LedgerRoom(self.library_page, self.library)
        self.model_files = ModelFileRoom(self.library_page, self.library)
        self.plot_type = PlotTypeRoom(self.library_page, self.library)
        self.training = TrainingRoom(self.training_page, self.link)
        self.history = HistoryRoom(self.history_page, self.link, memory)
        self.link_room = LinkRoom(self.window)
        self.connect_room = ConnectRoom(self.window)
        self._second = QTimer(self, interval=1000)
        self._add_pages()
        self._join_link()
        self._join_window()
        self._join_alarms()
        self._join_masks()
        self._recall()

    def start(self) -> None:
        """Connect, and let the clock run."""
        sys.setswitchinterval(HAND_OVER_S)
        self.sound.start()
        self._app.installEventFilter(self.book.presence)
        self.second.recall()
        self.tick()
        self._second.start()
        if self._options.link:
            self.open_link(self._options.link)
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
        for room in (self.status, self.popup, self.sound, self.book):
            room.tick()

    # ------------------------------------------------------------ joining

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
        self.run_page.lane.acknowledge_wanted.connect(self.plot_alarms.acknowledge)
        self.detail.shown.connect(self.detail_alarms.open)
        views = (window.status_line.sound, window.silence, card)
        self.sound = SoundRoom(self.alarms, player, self.link, self._memory, views)
        self.sound.station = self.address.station
        self.settings_page.add_card(card)

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

    def _join_link(self) -> None:
        for room in (
            self.run, self.status, self.notices, self.label, self.library, self.training, self.log,
            self.alarms, self.history, self.activity, self.site,
        ):  # fmt: skip
            self.link.restored.connect(room.restore)
            self.link.arrived.connect(room.receive)
        self.link.arrived.connect(self.detail.heat.receive)
        self.link.restored.connect(self.administration.restore)
        self.link.restored.connect(self._follow_link)
        self.link.restored.connect(self.sound.report)
        for asking in (
            self.run, self.detail, self.share, self.status, self.activity, self.past, self.replay, self.notices, self.label,
            self.popup, self.acts, self.book, self.rules, self.log,
            self.library.asking, self.training.asking, self.history, self.administration, self.site,
        ):  # fmt: skip
            self.link.answered.connect(asking.take_answer)
            self.link.failed.connect(asking.take_failure)
        self.link.changed.connect(self.link_room.show_state)
        self.link.changed.connect(self.alarms.show_link)
        self.link.counted.connect(self.link_room.show_feed)
        self.link_room.lost.connect(self.run_page.set_link_lost)
        self.link_room.lost.connect(self.second.set_link_lost)
        self.link_room.lost.connect(self.detail_page.picture.set_faded)

    def _join_alarms(self) -> None:
        window, page, acts = self.window, self.alarm_page, self.acts
        window.status_line.waiting_clicked.connect(self._show_alarms)
        self.alarms.changed.connect(self._mark_tiles)
        self.alarms.called.connect(self.replay.break_in)
        self.replay.began.connect(self.past.follow)
        for leave in (window.past_wanted, window.follow_wanted):
            leave.connect(self.replay.end)
        window.silence.settings_wanted.connect(self._show_settings)
        self.book.missed.connect(window.away.show_missed)
        window.away.show_wanted.connect(self._show_missed)
        for wanted in (window.acknowledge_wanted, page.acknowledge_wanted):
            wanted.connect(self._acknowledge)
        window.shelve_wanted.connect(self._shelve)
        page.shelve_wanted.connect(self._shelve)
        for wanted in (self.popup.popup.acknowledge_wanted, page.acknowledge_all_wanted):
            wanted.connect(acts.acknowledge_all)
        page.unshelve_wanted.connect(self._unshelve)
        page.service_wanted.connect(self._back_into_service)
        page.maintenance_wanted.connect(acts.maintain)
        page.rule_wanted.connect(self._set_rule)
        for told in (acts.told, self.rules.told):
            told.connect(page.result.setText)
        self.popup.popup.mute_wanted.connect(self._mute)
        self.popup.tray.show_wanted.connect(self._bring_forward)
        self.popup.tray.alarms_wanted.connect(self._show_alarms)
        for plot in (self.popup.plot_wanted, self.book.plot_wanted):
            plot.connect(self._show_plot)

    def _join_masks(self) -> None:
        page, room = self.masks_page, self.masks
        self.link.arrived.connect(room.receive)
        self.link.answered.connect(room.asking.take_answer)
        self.link.failed.connect(room.asking.take_failure)
        self._second.timeout.connect(room.tick)
        for wanted in (self.window.mask_wanted, self.detail_page.mask_wanted):
            wanted.connect(lambda: room.open(self._current))
        self.window.masks_wanted.connect(lambda: self.window.show_page("masks"))
        self.plot_type.mask_wanted.connect(room.open)
        room.told.connect(self.detail_page.note.setText)
        page.plot_wanted.connect(self._show_plot)
        page.back.connect(self._show_run)

    def _mark_tiles(self) -> None:
        self.run.show_alarms(signs(self.alarms.alarms))

    def _acknowledge(self) -> None:
        """On the alarm page the chosen ones, everywhere else all that wait."""
        if self.window.page == "alarms":
            self.acts.acknowledge(self.book.chosen)
        else:
            self.acts.acknowledge_all()

    def _shelve(self) -> None:
        chosen = self.book.chosen if self.window.page == "alarms" else self.alarms.waiting[:1]
        self.acts.shelve(chosen)

    def _unshelve(self) -> None:
        self.acts.unshelve(self.book.chosen_aside)

    def _set_rule(self) -> None:
        chosen = self.book.chosen
        self.rules.open(chosen[0].plot_type if chosen else "", self.acts.names())

    def _back_into_service(self) -> None:
        self.acts.back_into_service(self.book.chosen_aside)

    def _mute(self) -> None:
        self.sound.mute(MUTES_MIN[0])

    def _bring_forward(self) -> None:
        self.window.showNormal() if self.window.isMinimized() else self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def _show_alarms(self) -> None:
        self._bring_forward()
        self.window.show_page("alarms")

    def _show_missed(self) -> None:
        self.window.show_page("alarms")
        self.alarm_page.show_tab("away")

    def _show_settings(self) -> None:
        self.window.show_page("settings")

    def _show_plot(self, name: str) -> None:
        self._bring_forward()
        self.replay.stand_aside()
        self.detail.open(name)

    def _join_window(self) -> None:
        window = self.window
        self.training.activate_wanted.connect(self.release.activate)
        self.training.open_wanted.connect(self._open_model)
        self._second.timeout.connect(self.tick)
        self.run.opened.connect(self._open_plot)
        self.detail.shown.connect(self._show_detail)
        self.log.open_wanted.connect(self._open_target)
        self.log.replay_wanted.connect(lambda run: self.replay.choice.ask_for(str(run)))
        self.log.streak.named.connect(self.acts.remember)
        self.history.open_wanted.connect(self._open_target)
        self.detail_page.back.connect(self._leave_detail)
        window.status_line.bad_clicked.connect(self._show_bad)
        window.status_line.look_clicked.connect(self._show_look)
        window.foot.quarantine_clicked.connect(self._show_status)
        window.page_shown.connect(self._page_shown)
        window.refresh_wanted.connect(self._refresh)
        self._join_arranging()
        window.closed.connect(self._keep)
        for wish in (window.theme_wanted, self.settings_page.theme_changed):
            wish.connect(self.set_theme)
        for size in (
            window.size_wanted,
            self.settings_page.size_changed,
            self.run_page.head.size_changed,
        ):
            size.connect(self.set_size)
        for wanted in (window.connect_wanted, self.settings_page.connection_wanted):
            wanted.connect(self._ask_connection)
        self.connect_room.chosen.connect(self._connect_to)
        self.settings_page.administration_wanted.connect(
            lambda: self.window.show_page("administration")
        )
        self.administration_page.back.connect(lambda: self.window.show_page("settings"))
        self.administration_page.news_wanted.connect(self.notices.ask)
        self.site.changed.connect(self.administration.newest)
        self.label.waiting_changed.connect(self.window.show_waiting)
        self.label.facts.unlabelled_counted.connect(self.window.show_unlabelled)

    def _join_arranging(self) -> None:
        window, arrange = self.window, self.arrange
        self.run.catalogue_moved.connect(arrange.catalogue_moved)
        arrange.changed.connect(self.run.show_figures)
        self.detail.hide_wanted.connect(self._hide)
        for zoomed in (self.run_page.grid.zoomed, window.zoom_wanted):
            zoomed.connect(self._zoom)
        window.lane_width_wanted.connect(self.run_page.widen_lane)
        window.status_line.legend.clicked.connect(self._show_legend)
        window.follow_wanted.connect(self.past.follow)
        window.lanes_wanted.connect(self._set_lanes)
        window.fold_wanted.connect(arrange.set_folding)
        window.window_wanted.connect(self.second.open)
        window.closed.connect(self.second.close)
        self.second.opened.connect(self._show_plot)
        self.second.alarms_wanted.connect(self._show_alarms)
        self.second.acknowledge_wanted.connect(self.acts.acknowledge_all)
        window.reset_wanted.connect(self._reset_layout)
        window.hide_wanted.connect(self._hide_current)
        window.bring_back_wanted.connect(lambda: arrange.bring_back(""))
        window.group_wanted.connect(self._group_current)

    def _hide(self, name: str) -> None:
        self.arrange.hide(name)
        self._show_run()

    @property
    def _current(self) -> str:
        """The plot that a command of the menu is about."""
        if self.window.page == "detail" and self.detail.verdict is not None:
            return self.detail.verdict.plot_type
        return str(self.run_page.grid.currentIndex().data(Role.NAME) or "")

    def _hide_current(self) -> None:
        if self._current:
            self._hide(self._current)

    def _group_current(self) -> None:
        if self._current:
            self.arrange.ask_group(self._current)

    def _set_lanes(self, lanes: int) -> None:
        self.arrange.set_lanes(lanes)
        self.window.mark_lanes(lanes)

    def _reset_layout(self) -> None:
        self.arrange.reset()
        self.window.mark_lanes(2)
        self.window.mark_folding(True)
        self.set_size("fit")

    def _zoom(self, by: int) -> None:
        width = min(WIDEST, max(NARROWEST, self.run_page.grid.tile_width + by))
        self.set_size(str(width))

    def _show_legend(self) -> None:
        Legend(self.run.classes, self.window).open_below(self.window.status_line.legend)

    def _refresh(self) -> None:
        self.link.refresh()
        if self.window.page == "label":
            self.label.reload()  # a new snapshot alone throws nobody back to the start of a queue

    def _show_detail(self, _name: str) -> None:
        if self.window.page != "detail":
            self._came_from = self.window.page
        self.window.show_page("detail")

    def open_link(self, text: str) -> None:
        """Open the picture that a hydra:// link leads to, now or when the server has told of it."""
        try:
            self._target = read_link(text)
        except LinkError as error:
            self.window.banner.show_trouble(str(error))
            return
        self._follow_link()

    def _open_target(self, target: Target) -> None:
        """A picture of the log or the history, on the detail page."""
        self._target = target
        self._follow_link()
        if self._target is not None:
            self._target = None
            self.log_page.note.setText(f"{target.plot_type} is no plot of this server any more.")

    def _follow_link(self) -> None:
        if self._target is not None:
            self.replay.stand_aside()
        self.detail.server = self.address.server
        if self._target is not None and self.detail.open_at(self._target):
            self._target = None

    def _leave_detail(self) -> None:
        """Back to where the picture was found."""
        if self._came_from in ("log", "history"):
            self.window.show_page(self._came_from)
        else:
            self._show_run()

    def _show_run(self) -> None:
        self.window.show_page("run")
        self.run_page.grid.setFocus()

    def _open_model(self, kind: int, number: int) -> None:
        self.window.show_page("library")
        self.library.open_model(kind, number)

    def _show_status(self) -> None:
        self.window.show_page("status")

    def _open_plot(self, name: str) -> None:
        """Of a past run the picture that stands in the grid, else the newest."""
        if self.replay.shown and self.replay.player is not None:
            steps = self.replay.player.reel.steps
            self.detail.anew = {each.shown.picture_hash: each.shown for each in steps}
            self.detail.open_past(name)
        elif self.past.frozen:
            self.detail.anew = {}
            self.detail.open_past(name)
        else:
            self.detail.anew = {}
            self.detail.open(name)

    def _show_bad(self) -> None:
        self.replay.stand_aside()
        self.window.show_page("run")
        self.run_page.lane.reveal()

    def _show_look(self) -> None:
        self.replay.stand_aside()
        self.window.show_page("run")
        self.arrange.unfold_what_needs_a_look()
        self.run.show_next_to_look_at()

    def _page_shown(self, key: str) -> None:
        if key == "status":
            self.status.look()
            self.activity.look()
        if key == "administration":
            self.administration.look()
            self.site.look()
        if key == "masks":
            self.masks.look()
        if key == "log":
            self.log_page.preview.show_names(self.acts.names())
            self.log.look()
        if key == "history":
            self.history.look()
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
        size = self._memory.text("size", "fit")
        size = size if is_size(size) else "fit"
        self.window.mark_lanes(self.arrange.station.lanes)
        self.window.mark_folding(self.arrange.station.fold)
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
        if not self.wall.on:  # the wall's shape is nobody's choice
            self._memory.remember_shape("lane", self.run_page.splitter.saveState())
        self._memory.sync()

    def _ask_connection(self) -> None:
        self.connect_room.open(self.address)

    def _connect_to(self, chosen: Address) -> None:
        self.address = chosen
        for name in ("server", "key", "station"):
            self._memory.remember(name, getattr(chosen, name))
        self._show_address()
        self.replay.end()
        self.alarms.forget()
        self.link.open(chosen.server, chosen.key, chosen.station)

    def _show_address(self) -> None:
        self.link_room.show_station(self.address.station)
        self.sound.station = self.address.station
        self.settings_page.connection.show_facts(
            (
                ("Server", self.address.server or "None chosen"),
                ("Key file", self.address.key or "None"),
                ("Station", self.address.station),
            )
        )
