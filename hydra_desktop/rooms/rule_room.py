"""When a plot type calls: reads the settings in force, shows them, and sends what a person changed."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.rooms.alarm_room import AlarmRoom
from hydra_desktop.rooms.run_room import Asker
from inference_server.protocol.alarms import (
    AlarmSettings,
    AlarmSettingsReply,
    GetAlarmSettings,
    SetAlarmSettings,
)
from inference_server.protocol.messages import Done
from ui.alarm_rule_dialog import AlarmRuleDialog, RuleValues


class RuleRoom(QObject):
    """The dialog stays until the server has confirmed."""

    told = Signal(str)

    def __init__(self, window: QWidget, room: AlarmRoom, asker: Asker) -> None:
        super().__init__(window)
        self._room, self._asker = room, asker
        self.dialog = AlarmRuleDialog(window)
        self._known = AlarmSettings()
        self._read = self._sent = 0
        self.dialog.plot_chosen.connect(self._ask)
        self.dialog.chosen.connect(self._set)

    def open(self, plot: str, names: list[str]) -> None:
        """Show the settings of ``plot`` (or of the first plot type)."""
        plots = sorted(self._room.guide)
        if not plots:
            self.told.emit("There is no plot type yet.")
            return
        first = plot if plot in self._room.guide else plots[0]
        self.dialog.offer(plots, first)
        self.dialog.ask("It takes effect with the next picture.", names)
        self._ask(first)

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """The settings in force, or that the new ones are."""
        match answer.message:
            case AlarmSettingsReply(settings=settings) if ticket == self._read:
                self._known = settings
                self.dialog.show_values(_values(settings))
                self.dialog.go.setVisible(True)
            case Done(sentence=sentence) if ticket == self._sent:
                self.dialog.accept()
                self.told.emit(sentence)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why not; the window stays."""
        if ticket in (self._read, self._sent):
            self.dialog.show_result(failure.words)

    def _ask(self, plot: str) -> None:
        if (known := self._room.guide.get(plot)) is not None:
            self.dialog.go.setVisible(False)  # nothing is set over what nobody has seen
            self._read = self._asker.ask(GetAlarmSettings(plot_type_id=known.id))

    def _set(self, person: str, why: str, plot: str, values: RuleValues) -> None:
        known = self._room.guide.get(plot)
        if known is None:
            return
        self.dialog.show_result("Waits for the server.")
        request = SetAlarmSettings(
            plot_type_id=known.id,
            settings=_settings(values, self._known),
            person=person,
            why=why,
        )
        self._sent = self._asker.ask(request)


def _values(settings: AlarmSettings) -> RuleValues:
    names = RuleValues.__dataclass_fields__
    return RuleValues(**{name: getattr(settings, name) for name in names})


def _settings(values: RuleValues, known: AlarmSettings) -> AlarmSettings:
    """What the dialog does not show stays as it is."""
    names = RuleValues.__dataclass_fields__
    return msgspec.structs.replace(known, **{name: getattr(values, name) for name in names})
