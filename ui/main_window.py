"""The window: menu, status line, rail, the pages, and the foot."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QMenu, QStackedWidget, QVBoxLayout, QWidget

from ui.away_bar import AwayBar
from ui.banner import LinkBanner, PreparingBar
from ui.calling_bar import SilenceBanner
from ui.closing_question import ClosingQuestion
from ui.foot_bar import FootBar
from ui.news_bar import NewsBar
from ui.past_bar import PastBar
from ui.rail import Rail, RailItem
from ui.replay_bar import ReplayBar
from ui.status_line import StatusLine

# The numbers leave room for the pages between Run and Status, so that a key never changes its page.
ITEMS = (
    RailItem("run", "Run", "Ctrl+1"),
    RailItem("alarms", "Alarms", "Ctrl+0"),
    RailItem("label", "Label", "Ctrl+2"),
    RailItem("library", "Library", "Ctrl+3"),
    RailItem("log", "Log", "Ctrl+4"),
    RailItem("history", "History", "Ctrl+5"),
    RailItem("training", "Training", "Ctrl+6"),
    RailItem("status", "Status", "Ctrl+7"),
    RailItem("settings", "Settings", "Ctrl+8", low=True),
    RailItem("help", "Help", "Ctrl+9", low=True),
)
# Pages that stand behind another one of the rail.
_PLACES = {"detail": "run", "masks": "run", "administration": "settings"}
WALL_PAGE = "run"
_THEMES = (("Follow the system", "system"), ("Light", "light"), ("Dark", "dark"))
_SIZES = (("Fit all plots", "fit"), ("Small", "S"), ("Medium", "M"), ("Large", "L"))


class MainWindow(QMainWindow):
    """Knows pages by their key and nothing of what is on them."""

    connect_wanted = Signal()
    refresh_wanted = Signal()
    theme_wanted = Signal(str)
    size_wanted = Signal(str)
    page_shown = Signal(str)
    closed = Signal()
    acknowledge_wanted = Signal()
    shelve_wanted = Signal()
    popup_wanted = Signal()
    zoom_wanted = Signal(int)  # px that a tile shall be wider
    lane_width_wanted = Signal(int)  # px that the bad lane shall be wider
    wall_wanted = Signal(bool)
    lanes_wanted = Signal(int)
    window_wanted = Signal()
    fold_wanted = Signal(bool)
    reset_wanted = Signal()
    past_wanted = Signal()
    replay_wanted = Signal()
    follow_wanted = Signal()
    news_wanted = Signal()
    group_wanted = Signal()
    hide_wanted = Signal()
    bring_back_wanted = Signal()
    mask_wanted = Signal()
    masks_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("Hydra")
        self.status_line = StatusLine()
        self.rail = Rail(ITEMS)
        self.banner = LinkBanner()
        self.preparing = PreparingBar()
        self.news, self.past_bar = NewsBar(), PastBar()
        self.replay_bar = ReplayBar()
        self._titles = {"replay": "", "alarms": "", "waiting": ""}
        self.silence, self.away = SilenceBanner(), AwayBar()
        self.foot = FootBar()
        self.closing = ClosingQuestion(self)
        self._stack = QStackedWidget()
        self._pages: dict[str, QWidget] = {}
        self._theme_actions: dict[str, QAction] = {}
        self._size_actions: dict[str, QAction] = {}
        self.rail.chosen.connect(self.show_page)
        self.banner.settings_wanted.connect(self.connect_wanted)
        self._fill_menus()
        self._lay_out()

    def add_page(self, key: str, page: QWidget) -> None:
        """Make ``page`` known as ``key``; the first one is shown."""
        self._pages[key] = page
        self._stack.addWidget(page)
        if len(self._pages) == 1:
            self.show_page(key)

    def show_page(self, key: str) -> None:
        """Bring the page to the front; it keeps the state it was left in."""
        if key not in self._pages:
            return
        self._stack.setCurrentWidget(self._pages[key])
        self.rail.choose(_PLACES.get(key, key))
        self._pages[key].setFocus(Qt.FocusReason.OtherFocusReason)
        self.page_shown.emit(key)

    def show_waiting(self, labels: int) -> None:
        """Say in the title how many labels the server does not have yet."""
        self._entitle("waiting", f"{labels} not yet sent" if labels else "")

    def show_unlabelled(self, number: str, words: str) -> None:
        """Say on the rail how many pictures wait for a label; empty: none do."""
        self.rail.show_number("label", number, words)

    def show_alarms(self, count: int) -> None:
        """Say in the title how many alarms nobody has acknowledged."""
        self._entitle("alarms", {0: "", 1: "1 alarm"}.get(count, f"{count} alarms"))

    def show_replay(self, words: str) -> None:
        """Say in the title that a past run is replayed; empty: none is."""
        self._entitle("replay", words)

    def _entitle(self, part: str, words: str) -> None:
        self._titles[part] = words
        told = ", ".join(each for each in self._titles.values() if each)
        self.setWindowTitle(f"Hydra: {told}" if told else "Hydra")

    @property
    def page(self) -> str:
        """Key of the page in front."""
        shown = self._stack.currentWidget()
        return next((key for key, page in self._pages.items() if page is shown), "")

    def mark_theme(self, wanted: str) -> None:
        """Tick the theme in the menu."""
        self._theme_actions[wanted].setChecked(True)

    def mark_size(self, size: str) -> None:
        """Tick the tile size in the menu."""
        for key, action in self._size_actions.items():
            action.setChecked(key == size)

    def mark_lanes(self, lanes: int) -> None:
        """Tick the lane in the menu."""
        self._lane_action.setChecked(lanes == 2)

    def mark_folding(self, on: bool) -> None:
        """Tick whether groups fold."""
        self._fold_action.setChecked(on)

    def set_wall(self, on: bool) -> None:
        """Full screen with nothing but the status line and the page, in large figures."""
        self._wall_action.setChecked(on)
        if on:
            self.show_page(WALL_PAGE)
        for bar in (self.menuBar(), self.rail, self.foot):
            bar.setVisible(not on)
        self.status_line.set_wall(on)
        states = self.windowState() & ~Qt.WindowState.WindowFullScreen
        self.setWindowState(states | Qt.WindowState.WindowFullScreen if on else states)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.closing.holds_back():
            event.ignore()
            return
        self.closed.emit()
        super().closeEvent(event)

    # ------------------------------------------------------------ menus

    def _fill_menus(self) -> None:
        bar = self.menuBar()
        file = bar.addMenu("&File")
        self._action(file, "&Connect to a server", "").triggered.connect(self.connect_wanted)
        file.addSeparator()
        self._action(file, "&Quit", "Ctrl+Q").triggered.connect(self.close)
        view = bar.addMenu("&View")
        self._choice(view, "&Theme", _THEMES, self._theme_actions, self.theme_wanted)
        self._choice(view, "&Size of the plots", _SIZES, self._size_actions, self.size_wanted)
        self._steps(
            view, ("&Larger plots", "Ctrl++"), ("&Smaller plots", "Ctrl+-"), self.zoom_wanted
        )
        view.addSeparator()
        self._lane_action = self._action(view, "&Bad lane beside the plots", "")
        self._lane_action.setCheckable(True)
        self._lane_action.triggered.connect(lambda on: self.lanes_wanted.emit(2 if on else 1))
        self._fold_action = self._action(view, "&Fold groups of many plots", "")
        self._fold_action.setCheckable(True)
        self._fold_action.triggered.connect(self.fold_wanted)
        wider, narrower = ("&Wider bad lane", "Ctrl+."), ("&Narrower bad lane", "Ctrl+,")
        self._steps(view, wider, narrower, self.lane_width_wanted)
        self._action(view, "Reset &layout", "").triggered.connect(self.reset_wanted)
        view.addSeparator()
        self._action(view, "&Refresh", "F5").triggered.connect(self.refresh_wanted)
        new = self._action(view, "&New run window, for another screen", "Ctrl+N")
        new.triggered.connect(self.window_wanted)
        self._wall_action = self._action(view, "&Wall", "F11")
        self._wall_action.setCheckable(True)
        self._wall_action.triggered.connect(self.wall_wanted)
        go = bar.addMenu("&Go")
        self._fill_plots(bar.addMenu("&Plots"))
        self._fill_alarms(bar.addMenu("&Alarms"))
        helping = bar.addMenu("&Help")
        for item in ITEMS:
            self._page_action(helping if item.key == "help" else go, item)

    def _steps(
        self, menu: QMenu, more: tuple[str, str], less: tuple[str, str], wanted: SignalInstance
    ) -> None:
        """What the mouse does with a wheel or a splitter."""
        for (word, key), step in ((more, 20), (less, -20)):
            action = self._action(menu, word, key)
            action.triggered.connect(lambda _on=False, step=step: wanted.emit(step))

    def _fill_plots(self, menu: QMenu) -> None:
        for words, key, wanted in (
            ("Show a &past run", "", self.past_wanted),
            ("&Replay a past run", "Ctrl+R", self.replay_wanted),
            ("&Follow the current run", "", self.follow_wanted),
            ("", "", None),
            ("&Hide the current plot", "Ctrl+H", self.hide_wanted),
            ("&Bring all hidden plots back", "", self.bring_back_wanted),
            ("Put the current plot into a &group", "Ctrl+G", self.group_wanted),
            ("", "", None),
            ("&Mask an area of the current plot", "Ctrl+M", self.mask_wanted),
            ("&All masks", "Ctrl+Shift+M", self.masks_wanted),
            ("", "", None),
            ("Write &news for all desktops", "", self.news_wanted),
        ):
            if wanted is None:
                menu.addSeparator()
            else:
                self._action(menu, words, key).triggered.connect(wanted)

    def _fill_alarms(self, menu: QMenu) -> None:
        self._action(menu, "&Acknowledge", "Ctrl+K").triggered.connect(self.acknowledge_wanted)
        self._action(menu, "&Shelve", "Ctrl+Shift+K").triggered.connect(self.shelve_wanted)
        self._action(menu, "&Go to the alarm window", "F6").triggered.connect(self.popup_wanted)
        menu.addSeparator()
        sound = self.status_line.sound
        menu.addActions([*sound.actions_by_minutes.values(), sound.unmute])

    def _page_action(self, menu: QMenu, item: RailItem) -> None:
        word = "&Keys, badges and about" if item.key == "help" else item.word
        action = self._action(menu, word, item.shortcut)
        action.triggered.connect(lambda: self.show_page(item.key))

    def _choice(
        self,
        menu: QMenu,
        title: str,
        options: tuple[tuple[str, str], ...],
        actions: dict[str, QAction],
        wanted: SignalInstance,
    ) -> None:
        inner, group = menu.addMenu(title), QActionGroup(self)
        for word, key in options:
            action = self._action(inner, word, "")
            action.setCheckable(True)
            action.setData(key)
            group.addAction(action)
            actions[key] = action
        group.triggered.connect(lambda action: wanted.emit(action.data()))

    def _action(self, menu: QMenu, word: str, shortcut: str) -> QAction:
        action = QAction(word, self)
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        menu.addAction(action)
        self.addAction(action)  # so that the key works in full screen too, without a menu bar
        return action

    def _lay_out(self) -> None:
        page = QVBoxLayout()
        page.setSpacing(0)
        top = (self.banner, self.silence, self.away, self.preparing, self.news)
        for bar in (*top, self.past_bar, self.replay_bar):
            page.addWidget(bar)
        page.addWidget(self._stack, 1)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addLayout(page, 1)
        central = QWidget()
        outer = QVBoxLayout(central)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.status_line)
        outer.addLayout(middle, 1)
        outer.addWidget(self.foot)
        self.setCentralWidget(central)
