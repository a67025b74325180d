"""Shows what calls: the pop-up on the right screen, the tray, the task bar, the count on every page."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QRect, Signal, Slot
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication

from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.models.alarm_stack import Strips, stack, todo
from hydra_desktop.models.alarms import badge_of, title
from hydra_desktop.rooms.alarm_room import AlarmRoom
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.settings import Memory
from inference_server.protocol.alarms import AlarmSeverity, AlarmState
from inference_server.protocol.messages import GetThumbnail
from ui.alarm_popup import AlarmPopup, Stack
from ui.alarm_tray import AlarmTray
from ui.main_window import MainWindow
from ui.states import TileState

MARGIN = 24


class PopupRoom(QObject):
    """One pop-up; its place is remembered for each screen."""

    plot_wanted = Signal(str)

    def __init__(self, window: MainWindow, room: AlarmRoom, asker: Asker, memory: Memory) -> None:
        super().__init__(window)
        self._window, self._room, self._asker, self._memory = window, room, asker, memory
        self.popup = AlarmPopup(window)
        self.tray = AlarmTray(window)
        self._wanted: dict[int, str] = {}
        self._fresh = False
        self.strips: Strips = lambda _plot: ()  # the last verdicts of a plot
        room.called.connect(self._called)
        room.changed.connect(self.show_all)
        self.popup.show_wanted.connect(self.plot_wanted)
        self.popup.moved.connect(self._remember)
        window.wall_wanted.connect(self._wall)
        window.popup_wanted.connect(self.come_forward)

    @Slot()
    def show_all(self) -> None:
        """Everything that shows how many wait."""
        waiting = self._room.waiting
        self._window.status_line.show_waiting(len(waiting))
        self._window.show_alarms(len(waiting))
        worst = badge_of(waiting[0]) if waiting else TileState.EMPTY
        self.tray.show_count(len(waiting), worst)
        fresh, self._fresh = self._fresh, False
        if fresh and not self.popup.isVisible():
            self._place()
        # In the wall mode the lane is the alarm.
        shown = fresh and not self._window.isFullScreen()
        self.popup.show_stack(self._stack(), fresh=shown)
        self._fetch()

    @Slot()
    def come_forward(self) -> None:
        """Give the pop-up the keyboard, also one that was minimised; nothing where nothing waits."""
        if self._room.waiting:
            self.popup.show_stack(self._stack(), fresh=True)
            self.popup.activateWindow()
            self.popup.show_plot.setFocus()

    @Slot()
    def tick(self) -> None:
        """Once a second: how long it lasts."""
        if self.popup.isVisible():
            self.popup.show_stack(self._stack(), fresh=False)

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """A picture for the pop-up."""
        wanted = self._wanted.pop(ticket, None)
        if wanted is not None and answer.image is not None:
            self.popup.show_picture(wanted, answer.image)

    @Slot(int, object)
    def take_failure(self, ticket: int, _failure: Failure) -> None:
        """Without a picture the words remain."""
        self._wanted.pop(ticket, None)

    def close(self) -> None:
        """The program ends."""
        self.popup.hide()
        self.tray.hide()

    def _wall(self, on: bool) -> None:
        """Off when the wall begins; back when it ends and something still waits."""
        if on:
            self.popup.hide()
        else:
            self._fresh = True
            self.show_all()

    def _called(self, alarm: AlarmState) -> None:
        self._fresh = True
        urgent = alarm.severity in (AlarmSeverity.MAJOR, AlarmSeverity.UNDEFINED)
        QApplication.alert(self._window, 0 if urgent else 3000)
        self.tray.notify(title(alarm), todo(alarm, self._room.guide), urgent=urgent)

    def _stack(self) -> Stack:
        room = self._room
        return stack(room.waiting, room.guide, room.now(), self.strips)

    def _fetch(self) -> None:
        for picture in self.popup.pictures():
            if picture not in self._wanted.values():
                self._wanted[self._asker.ask(GetThumbnail(picture_hash=picture))] = picture

    def _place(self) -> None:
        screen = self._window.screen()
        kept = self._memory.text(f"popup/{screen.name() or 'screen'}")
        place = _parsed(kept)
        area = screen.availableGeometry()
        if place is None or not area.contains(QRect(area.topLeft() + place, self.popup.size())):
            # On the left, below the status line: the lane with the bad plots is on the right.
            corner = self._window.mapToGlobal(QPoint(76 + MARGIN, 130))
            place = _inside(area, corner, self.popup.sizeHint().height()) - area.topLeft()
        self.popup.move(area.topLeft() + place)

    def _remember(self, place: QPoint) -> None:
        screen: QScreen | None = QGuiApplication.screenAt(place) or self._window.screen()
        if screen is not None:
            relative = place - screen.availableGeometry().topLeft()
            name = f"popup/{screen.name() or 'screen'}"
            self._memory.remember(name, f"{relative.x()} {relative.y()}")


def _parsed(words: str) -> QPoint | None:
    try:
        across, down = (int(word) for word in words.split())
    except ValueError:
        return None
    return QPoint(across, down)


def _inside(area: QRect, corner: QPoint, height: int) -> QPoint:
    across = max(area.left(), min(corner.x(), area.right() - 600))
    down = max(area.top(), min(corner.y(), area.bottom() - height))
    return QPoint(across, down)
