"""What people do with alarms: asks who and why, sends it, and says when it was not done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.models.alarms import title
from hydra_desktop.rooms.alarm_room import SERVER, AlarmRoom
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.settings import Memory
from inference_server.protocol.alarms import (
    SHELF_HOURS,
    Acknowledge,
    AlarmState,
    SetMaintenance,
    Shelve,
    Unshelve,
)
from inference_server.protocol.messages import Done, Request
from ui.alarm_dialogs import AcknowledgeDialog, MaintenanceDialog, PersonDialog, ShelveDialog

REMEMBERED = 12  # names
SPANS = tuple((f"{hours} h" if hours < 24 else f"{hours // 24} d", hours) for hours in SHELF_HOURS)


class ActsRoom(QObject):
    """Dialogs are made once and never modal; each stays until the server has confirmed."""

    told = Signal(str)  # what was done

    def __init__(self, window: QWidget, room: AlarmRoom, asker: Asker, memory: Memory) -> None:
        super().__init__(window)
        self._room, self._asker, self._memory = room, asker, memory
        self.acknowledge_dialog = AcknowledgeDialog(window)
        self.shelve_dialog = ShelveDialog(SPANS, window)
        self.maintenance_dialog = MaintenanceDialog(window)
        self.unshelve_dialog = AcknowledgeDialog(window)
        self._rename(self.unshelve_dialog, "Take from the shelf")
        self._about: tuple[AlarmState, ...] = ()
        self._undo: Callable[[str], Sequence[Request]] = lambda _person: ()
        self._asked: dict[int, PersonDialog] = {}
        self.acknowledge_dialog.chosen.connect(self._acknowledge)
        self.shelve_dialog.chosen.connect(self._shelve)
        self.maintenance_dialog.chosen.connect(self._maintain)
        self.unshelve_dialog.chosen.connect(self._take_back)

    # ------------------------------------------------------------ what is asked

    @Slot()
    def acknowledge_all(self) -> None:
        """All that wait at this moment: what calls later is not covered."""
        self.acknowledge(self._room.waiting)

    def acknowledge(self, alarms: Sequence[AlarmState]) -> None:
        """These, if any of them still waits."""
        waiting = [alarm for alarm in self._room.waiting if alarm.ref in {a.ref for a in alarms}]
        if not waiting:
            self.told.emit("Nothing is to be acknowledged.")
            return
        self._about = tuple(waiting)
        self.acknowledge_dialog.ask(_list(waiting), self.names())

    def shelve(self, alarms: Sequence[AlarmState]) -> None:
        """Set these aside for a time."""
        kept = [alarm for alarm in alarms if alarm.plot_type != SERVER]
        if not kept:
            self.told.emit("Choose an alarm that stands, then shelve it.")
            return
        self._about = tuple(kept)
        self.shelve_dialog.ask(_list(kept), self.names())

    def unshelve(self, alarms: Sequence[AlarmState]) -> None:
        """Let these call again."""
        kept = [alarm for alarm in alarms if alarm.shelf is not None]
        if not kept:
            self.told.emit("Choose an alarm that is shelved.")
            return
        self._rename(self.unshelve_dialog, "Take from the shelf")
        self._undo = lambda person: [_unshelve(alarm, person) for alarm in kept]
        self.unshelve_dialog.ask(_list(kept), self.names())

    def back_into_service(self, alarms: Sequence[AlarmState]) -> None:
        """End the maintenance of these."""
        ids = tuple(sorted({alarm.plot_type_id for alarm in alarms if alarm.maintenance}))
        if not ids:
            self.told.emit("Choose a plot that is out of service.")
            return
        self._rename(self.unshelve_dialog, "Back into service")
        self._undo = lambda person: [SetMaintenance(plot_type_ids=ids, on=False, person=person)]
        names = {alarm.plot_type: None for alarm in alarms if alarm.maintenance}
        self.unshelve_dialog.ask(", ".join(names), self.names())

    @Slot()
    def maintain(self) -> None:
        """Take a detector or a plot out of service."""
        groups = sorted({kind.group for kind in self._room.guide.values() if kind.group})
        things = [(f"All of {group}", f"group {group}") for group in groups]
        things += [(name, f"plot {name}") for name in sorted(self._room.guide)]
        self.maintenance_dialog.offer(things)
        self.maintenance_dialog.ask("No alarm comes from it until then.", self.names())

    # ------------------------------------------------------------ what is sent

    def _acknowledge(self, person: str, why: str) -> None:
        self.remember(person)
        if any(alarm.plot_type == SERVER for alarm in self._about):
            self._room.acknowledge_own(person, why)
        refs = tuple(alarm.ref for alarm in self._about if alarm.plot_type != SERVER)
        if refs:
            request = Acknowledge(alarms=refs, person=person, why=why)
            self._send(self.acknowledge_dialog, [request])
        else:
            self.acknowledge_dialog.accept()

    def _shelve(self, person: str, why: str, hours: int) -> None:
        self.remember(person)
        wishes = [
            Shelve(
                plot_type=alarm.plot_type,
                chunked=alarm.chunked,
                line=alarm.line,
                hours=hours,
                person=person,
                why=why,
            )
            for alarm in self._about
        ]
        self._send(self.shelve_dialog, wishes)

    def _take_back(self, person: str, _why: str) -> None:
        self.remember(person)
        self._send(self.unshelve_dialog, self._undo(person))

    def _maintain(self, person: str, why: str, what: str, hours: float) -> None:
        self.remember(person)
        sort, _, name = what.partition(" ")
        ids = tuple(
            kind.id
            for kind in self._room.guide.values()
            if name == (kind.group if sort == "group" else kind.name)
        )
        request = SetMaintenance(
            plot_type_ids=ids, on=True, person=person, why=why, hours=hours or None
        )
        self._send(self.maintenance_dialog, [request])

    def _send(self, dialog: PersonDialog, requests: Sequence[Request]) -> None:
        dialog.show_result("Waits for the server.")
        for request in requests:
            self._asked[self._asker.ask(request)] = dialog

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """It is done and durable."""
        dialog = self._asked.pop(ticket, None)
        if dialog is not None and isinstance(answer.message, Done):
            dialog.accept()
            self.told.emit(answer.message.sentence)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """It was not done: the window stays, with the reason."""
        if (dialog := self._asked.pop(ticket, None)) is not None:
            dialog.show_result(failure.words)

    # ------------------------------------------------------------ names

    def names(self) -> list[str]:
        """Who was here before, the last one first."""
        return [name for name in self._memory.text("people").split("\n") if name]

    def remember(self, person: str) -> None:
        """Somebody gave a name at this station."""
        names = [person, *(name for name in self.names() if name != person)]
        self._memory.remember("people", "\n".join(names[:REMEMBERED]))

    @staticmethod
    def _rename(dialog: PersonDialog, words: str) -> None:
        dialog.setWindowTitle(words)
        dialog.heading.setText(words)
        dialog.go.setText(words)


def _list(alarms: Sequence[AlarmState]) -> str:
    lines = [title(alarm) for alarm in alarms[:8]]
    more = [f"and {len(alarms) - 8} more"] if len(alarms) > 8 else []
    return "\n".join([*lines, *more])


def _unshelve(alarm: AlarmState, person: str) -> Unshelve:
    return Unshelve(
        plot_type=alarm.plot_type, chunked=alarm.chunked, line=alarm.line, person=person
    )
