"""Acknowledge and shelve on the detail page: what stands of the plot that is open."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QPushButton

from hydra_desktop.calling import calls
from hydra_desktop.models.alarms import CONDITION_WORDS
from hydra_desktop.rooms.acts_room import ActsRoom
from hydra_desktop.rooms.alarm_room import AlarmRoom
from inference_server.protocol.alarms import (
    AlarmCondition,
    AlarmLine,
    AlarmSeverity,
    AlarmState,
)
from ui.detail_page import DetailPage


class DetailAlarms(QObject):
    """Two buttons that follow the alarms of one plot type."""

    def __init__(self, page: DetailPage, room: AlarmRoom, acts: ActsRoom) -> None:
        super().__init__(page)
        self._room, self._acts, self._plot = room, acts, ""
        self.acknowledge, self.shelve = QPushButton("Acknowledge"), QPushButton("Shelve")
        self.acknowledge.setProperty("kind", "primary")
        self.acknowledge.clicked.connect(self._acknowledge)
        self.shelve.clicked.connect(self._shelve)
        page.head_actions.addWidget(self.acknowledge)
        page.do_row.insertWidget(max(0, page.do_row.count() - 1), self.shelve)
        room.changed.connect(self._show)
        self._show()

    @Slot(str)
    def open(self, plot: str) -> None:
        """The page shows ``plot``."""
        self._plot = plot
        self._show()

    @property
    def standing(self) -> list[AlarmState]:
        """Both lines of the plot, where they are not normal."""
        return [alarm for alarm in self._room.alarms if alarm.plot_type == self._plot]

    def _show(self) -> None:
        waiting = [alarm for alarm in self.standing if calls(alarm)]
        self.acknowledge.setVisible(bool(waiting))
        held = [alarm for alarm in self.standing if alarm.condition is AlarmCondition.SHELVED]
        self.shelve.setText(CONDITION_WORDS[AlarmCondition.SHELVED] if held else "Shelve")
        self.shelve.setEnabled(not held)

    def _acknowledge(self) -> None:
        self._acts.acknowledge(self.standing)

    def _shelve(self) -> None:
        """A plot that is well can be shelved too: before work on its detector begins."""
        known = self._room.guide.get(self._plot)
        if known is None:
            return
        verdicts = [alarm for alarm in self.standing if alarm.line is AlarmLine.VERDICT]
        well = AlarmState(
            plot_type=known.name,
            chunked=known.chunked,
            line=AlarmLine.VERDICT,
            serial=0,
            condition=AlarmCondition.NORMAL,
            severity=AlarmSeverity.NONE,
            active=True,
            plot_type_id=known.id,
        )
        self._acts.shelve(verdicts or [well])
