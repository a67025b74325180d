"""Run pages in further windows, one for each screen that wants one; each is arranged by itself."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from hydra_desktop.link.link import Link
from hydra_desktop.rooms.alarm_room import AlarmRoom
from hydra_desktop.rooms.face import Face
from hydra_desktop.rooms.plot_alarms import PlotAlarms
from hydra_desktop.settings import Memory

MOST = 4


class SecondRoom(QObject):
    """Makes the windows, and opens as many again at the next start as were open at the end."""

    opened = Signal(str)  # a plot, for the first window's detail page
    past_opened = Signal(object, object)  # as ``Face`` says
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
        face.opened.connect(self.opened)
        face.past_opened.connect(self.past_opened)
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

    def follow(self) -> None:
        """Live again in all windows."""
        for face in self.faces.values():
            face.follow()

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
        face = self.faces.pop(number)
        face.wall.show(False)
        face.follow()
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
