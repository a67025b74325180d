"""One further window with the rooms that fill it."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal

from hydra_desktop.link.link import Link
from hydra_desktop.links import Target
from hydra_desktop.models.alarm_signs import signs
from hydra_desktop.rooms.alarm_room import AlarmRoom
from hydra_desktop.rooms.arrange_room import ArrangeRoom
from hydra_desktop.rooms.past_room import PastRoom
from hydra_desktop.rooms.plot_alarms import PlotAlarms
from hydra_desktop.rooms.replay_room import ReplayRoom
from hydra_desktop.rooms.run_room import RunRoom
from hydra_desktop.rooms.wall_room import WallRoom
from hydra_desktop.settings import Memory
from hydra_desktop.words import wall_clock
from ui.legend import Legend
from ui.second_window import SecondWindow
from ui.tile_metrics import NARROWEST, WIDEST, is_size


class Face(QObject):
    """Follows, or shows a past run, by itself; ends with its window."""

    opened = Signal(str)  # a plot as it is now, for the first window's detail page
    past_opened = Signal(object, object)  # Target of a past run; what another model says of it

    def __init__(
        self, number: int, link: Link, alarms: AlarmRoom, acts: PlotAlarms, memory: Memory
    ) -> None:
        self.window = SecondWindow(number)
        super().__init__(self.window)
        page, line = self.window.page, self.window.status_line
        self._alarms, self._memory, self._key = alarms, memory, f"size {number}"
        self.run = RunRoom(page, line, link)
        self.arrange = ArrangeRoom(
            page, self.run.model, self.run.arranged, memory, f"layout {number}"
        )
        self.past = PastRoom(self.window, page, self.run.model, self.run.arranged, link)
        self.replay = ReplayRoom(self.window, self.run, link)
        self.wall = WallRoom(self.window, page)
        self.arrange.offers = acts.offers
        self._join_link(link)
        self._join_past()
        page.lane.acknowledge_wanted.connect(acts.acknowledge)
        self._join_page()
        size = memory.text(self._key, "fit")
        page.choose_size(size if is_size(size) else "fit")

    def tick(self) -> None:
        """Once a second."""
        self.run.tick()
        self.window.status_line.show_clock(*wall_clock(datetime.now(UTC)))

    def follow(self) -> None:
        """Live again, whatever was shown."""
        self.replay.end()
        self.past.follow()

    def _join_link(self, link: Link) -> None:
        link.restored.connect(self.run.restore)
        link.arrived.connect(self.run.receive)
        for room in (self.run, self.past, self.replay):
            link.answered.connect(room.take_answer)
            link.failed.connect(room.take_failure)
        self._alarms.changed.connect(self._show_alarms)
        self._alarms.called.connect(self.replay.break_in)

    def _join_past(self) -> None:
        self.window.follow_wanted.connect(self.follow)
        self.window.past_wanted.connect(self.replay.end)
        self.replay.began.connect(self.past.follow)

    def _join_page(self) -> None:
        page, line = self.window.page, self.window.status_line
        self.run.opened.connect(self._open)
        self.run.card_opened.connect(self.opened)
        self.run.catalogue_moved.connect(self._catalogue_moved)
        self.arrange.changed.connect(self.run.show_figures)
        page.head.size_changed.connect(self._set_size)
        page.grid.zoomed.connect(self._zoom)
        line.bad_clicked.connect(self._to_bad)
        line.look_clicked.connect(self._look)
        line.legend.clicked.connect(self._legend)

    def _open(self, name: str) -> None:
        """Of a past run the picture that stands here, else the newest."""
        player = self.replay.player if self.replay.shown else None
        if player is None and not self.past.frozen:
            self.opened.emit(name)
            return
        steps = player.reel.steps if player is not None else ()
        anew = {each.shown.picture_hash: each.shown for each in steps}
        for row in self.run.arranged.every:
            if row.kind.name == name and (seen := row.verdict) is not None:
                target = Target(name, row.kind.chunked, seen.picture_hash, seen.judged_at)
                self.past_opened.emit(target, anew)

    def _to_bad(self) -> None:
        self.replay.stand_aside()
        self.window.page.lane.reveal()

    def _show_alarms(self) -> None:
        self.run.show_alarms(signs(self._alarms.alarms))
        self.window.status_line.show_waiting(len(self._alarms.waiting))

    def _catalogue_moved(self) -> None:
        self.arrange.catalogue_moved()
        self._show_alarms()

    def _set_size(self, size: str) -> None:
        self.window.page.choose_size(size)
        self._memory.remember(self._key, size)

    def _zoom(self, by: int) -> None:
        self._set_size(str(min(WIDEST, max(NARROWEST, self.window.page.grid.tile_width + by))))

    def _look(self) -> None:
        self.replay.stand_aside()
        self.past.follow()
        self.arrange.unfold_what_needs_a_look()
        self.run.show_next_to_look_at()

    def _legend(self) -> None:
        line = self.window.status_line
        Legend(self.run.classes, self.window).open_below(line.legend)
