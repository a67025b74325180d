"""Acknowledge and shelve on the detail page: what stands of the plot that is open."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QPushButton

from hydra_desktop.calling import calls
from hydra_desktop.models.alarms import CONDITION_WORDS, by
from hydra_desktop.rooms.alarm_room import AlarmRoom
from hydra_desktop.rooms.plot_alarms import PlotAlarms
from inference_server.protocol.alarms import AlarmCondition
from ui.detail_page import DetailPage


class DetailAlarms(QObject):
    """Two buttons that follow the alarms of one plot type."""

    def __init__(self, page: DetailPage, room: AlarmRoom, alarms: PlotAlarms) -> None:
        super().__init__(page)
        self._page, self._alarms, self._plot = page, alarms, ""
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

    def _show(self) -> None:
        standing = self._alarms.standing(self._plot)
        self.acknowledge.setVisible(any(calls(alarm) for alarm in standing))
        held = [alarm for alarm in standing if alarm.condition is AlarmCondition.SHELVED]
        self.shelve.setText(CONDITION_WORDS[AlarmCondition.SHELVED] if held else "Shelve")
        self.shelve.setEnabled(not held)
        told = " ".join(filter(None, (by(alarm) for alarm in standing)))
        self._page.seen_by.setText(told)
        self._page.seen_by.setVisible(bool(told))

    def _acknowledge(self) -> None:
        self._alarms.acknowledge(self._plot)

    def _shelve(self) -> None:
        self._alarms.shelve(self._plot)
