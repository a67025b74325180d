"""Where a click leads: from page to page, to a plot, to a picture of long ago, and back."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Slot

from hydra_desktop.links import LinkError, Target, read_link
from hydra_desktop.rooms.arrange_room import ArrangeRoom
from hydra_desktop.rooms.detail_room import DetailRoom
from hydra_desktop.rooms.past_room import PastRoom
from hydra_desktop.rooms.replay_room import ReplayRoom
from hydra_desktop.rooms.run_room import RunRoom
from inference_server.protocol.verdicts import Verdict
from ui.main_window import MainWindow
from ui.roles import Role
from ui.run_page import RunPage


class Ways(QObject):
    """Knows from where a plot was opened, and what waits to be opened."""

    def __init__(
        self,
        window: MainWindow,
        page: RunPage,
        run: RunRoom,
        arrange: ArrangeRoom,
        past: PastRoom,
        replay: ReplayRoom,
        detail: DetailRoom,
    ) -> None:
        super().__init__(window)
        self._window, self._page = window, page
        self._run, self._arrange, self._past, self._replay = run, arrange, past, replay
        self._detail = detail
        self._target: Target | None = None  # a link that waits for its plot type
        self._came_from = "run"  # the page from which the detail page was opened

    @property
    def current(self) -> str:
        """The plot that a command of the menu is about."""
        if self._window.page == "detail" and self._detail.verdict is not None:
            return self._detail.verdict.plot_type
        return str(self._page.grid.currentIndex().data(Role.NAME) or "")

    @Slot()
    def bring_forward(self) -> None:
        """The window before all others."""
        self._window.showNormal() if self._window.isMinimized() else self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    @Slot()
    def to_run(self) -> None:
        """The run page, its grid ready for keys."""
        self._window.show_page("run")
        self._page.grid.setFocus()

    @Slot()
    def to_alarms(self) -> None:
        """The alarm page, in whatever window the person is."""
        self.bring_forward()
        self._window.show_page("alarms")

    @Slot()
    def to_bad(self) -> None:
        """The first of the bad plots."""
        self._replay.stand_aside()
        self._window.show_page("run")
        self._page.lane.reveal()

    @Slot()
    def to_what_needs_a_look(self) -> None:
        """One after the other the plots that are not bad and not well."""
        self._show_now()
        self._window.show_page("run")
        self._arrange.unfold_what_needs_a_look()
        self._run.show_next_to_look_at()

    @Slot(str)
    def to_plot(self, name: str) -> bool:
        """A plot as it is now, from wherever it was named; False: it has no picture."""
        self.bring_forward()
        self._show_now()
        self._detail.anew = {}
        return self._detail.open(name)

    @Slot(object, object)
    def to_past(self, target: Target, anew: Mapping[str, Verdict]) -> None:
        """A picture of a past run from another window; ``anew``: what another model says there."""
        self.bring_forward()
        self.open_target(target)
        self._detail.anew = anew

    @Slot(str)
    def open_plot(self, name: str) -> None:
        """Of a past run the picture that stands in the grid, else the newest."""
        player = self._replay.player if self._replay.shown else None
        steps = player.reel.steps if player is not None else ()
        self._detail.anew = {each.shown.picture_hash: each.shown for each in steps}
        if player is not None or self._past.frozen:
            self._detail.open_past(name)
        else:
            self._detail.open(name)

    @Slot(str)
    def open_card(self, name: str) -> None:
        """A bad plot as it is now."""
        self._show_now()
        self.open_plot(name)

    def _show_now(self) -> None:
        """What is asked for is live: no replay and no past run stands before it."""
        self._replay.stand_aside()
        if self._past.frozen:
            self._past.follow()

    @Slot(str)
    def to_detail(self, _name: str) -> None:
        """The detail page; *Back* leads where it was opened."""
        if self._window.page != "detail":
            self._came_from = self._window.page
        self._window.show_page("detail")

    @Slot()
    def back(self) -> None:
        """Back to where the picture was found."""
        if self._came_from in ("log", "history"):
            self._window.show_page(self._came_from)
        else:
            self.to_run()

    def open_link(self, text: str) -> None:
        """Open the picture that a hydra:// link leads to, now or when the server has told of it."""
        try:
            self._target = read_link(text)
        except LinkError as error:
            self._window.banner.show_trouble(str(error))
            return
        self.follow()

    def open_target(self, target: Target) -> bool:
        """A picture of the log or the history, on the detail page; False for a plot that is no more."""
        self._target = target
        self.follow()
        known, self._target = self._target is None, None
        return known

    @Slot()
    def follow(self) -> None:
        """Open what waits, if its plot is known by now."""
        if self._target is None:
            return
        self._replay.stand_aside()
        self._detail.anew = {}  # of a replay only
        if self._detail.open_at(self._target):
            self._target = None
