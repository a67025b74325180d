"""Run pages in further windows, one for each screen that wants one; each is arranged by itself."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QObject, QRect, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from hydra_desktop.link.link import Link
from hydra_desktop.models.alarm_signs import signs
from hydra_desktop.rooms.alarm_room import AlarmRoom
from hydra_desktop.rooms.arrange_room import ArrangeRoom
from hydra_desktop.rooms.plot_alarms import PlotAlarms
from hydra_desktop.rooms.run_room import RunRoom
from hydra_desktop.rooms.wall_room import WallRoom
from hydra_desktop.settings import Memory
from hydra_desktop.words import wall_clock
from ui.legend import Legend
from ui.second_window import SecondWindow
from ui.tile_metrics import NARROWEST, WIDEST, is_size

MOST = 4


class SecondRoom(QObject):
    """Makes the windows, and opens as many again at the next start as were open at the end."""

    opened = Signal(str)  # a plot, for the first window's detail page
    alarms_wanted = Signal()
    acknowledge_wanted = Signal()

    def __init__(
        self, first: QWidget, link: Link, alarms: AlarmRoom, acts: PlotAlarms, memory: Memory
    ) -> None:
        super().__init__(first)
        self._first, self._link, self._memory = first, link, memory
        self._alarms, self._acts = alarms, acts
        self.faces: dict[int, Face] = {}
        self._ending = False

    @Slot()
    def open(self) -> None:
        """One more window, on a screen that has none of ours if there is one."""
        number = next((n for n in range(2, MOST + 2) if n not in self.faces), 0)
        if not number:
            return
        face = self.faces[number] = Face(number, self._link, self._alarms, self._acts, self._memory)
        window = face.window
        window.closed.connect(lambda: self._closed(number))
        face.run.opened.connect(self.opened)
        window.status_line.waiting_clicked.connect(self.alarms_wanted)
        window.acknowledge_wanted.connect(self.acknowledge_wanted)
        window.setGeometry(self._place(number))
        window.show()
        self._remember()
        self._link.refresh()

    def recall(self) -> None:
        """As many as were open."""
        kept = self._memory.text("windows", "0")
        for _ in range(min(MOST, int(kept)) if kept.isdigit() else 0):
            self.open()

    def tick(self) -> None:
        """Once a second."""
        for face in self.faces.values():
            face.tick()

    def set_link_lost(self, lost: bool) -> None:
        """In all windows."""
        for face in self.faces.values():
            face.window.set_link_lost(lost)

    def close(self) -> None:
        """The program ends: how many there were stays remembered."""
        self._ending = True
        for face in list(self.faces.values()):
            face.window.close()

    def _closed(self, number: int) -> None:
        self.faces.pop(number).wall.show(False)
        self._remember()

    def _remember(self) -> None:
        if not self._ending:
            self._memory.remember("windows", str(len(self.faces)))

    def _place(self, number: int) -> QRect:
        here = self._first.screen()
        taken = {
            here,
            *(face.window.screen() for face in self.faces.values() if face.window.isVisible()),
        }
        free = [screen for screen in QGuiApplication.screens() if screen not in taken]
        if free:
            return free[0].availableGeometry()
        step = 40 * (number - 1)
        area = here.availableGeometry()
        return QRect(area.left() + step, area.top() + step, 1200, 800).intersected(area)


class Face(QObject):
    """One window with the rooms that fill it; ends with its window."""

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
        self.wall = WallRoom(self.window, page)
        self.arrange.offers = acts.offers
        link.restored.connect(self.run.restore)
        link.arrived.connect(self.run.receive)
        link.answered.connect(self.run.take_answer)
        link.failed.connect(self.run.take_failure)
        alarms.changed.connect(self._show_alarms)
        self.run.catalogue_moved.connect(self._catalogue_moved)
        self.arrange.changed.connect(self.run.show_figures)
        page.lane.acknowledge_wanted.connect(acts.acknowledge)
        page.head.size_changed.connect(self._set_size)
        page.grid.zoomed.connect(self._zoom)
        line.bad_clicked.connect(page.lane.reveal)
        line.look_clicked.connect(self._look)
        line.legend.clicked.connect(self._legend)
        size = memory.text(self._key, "fit")
        page.choose_size(size if is_size(size) else "fit")

    def tick(self) -> None:
        """Once a second."""
        self.run.tick()
        self.window.status_line.show_clock(*wall_clock(datetime.now(UTC)))

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
        self.arrange.unfold_what_needs_a_look()
        self.run.show_next_to_look_at()

    def _legend(self) -> None:
        line = self.window.status_line
        Legend(self.run.classes, self.window).open_below(line.legend)
