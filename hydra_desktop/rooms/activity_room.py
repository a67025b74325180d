"""Joins the activity part of the status page and the server: asks while somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Slot

from hydra_desktop.link.arrival import Answer, Arrival, Failure
from hydra_desktop.models import steps
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.words import duration
from inference_server.protocol.activity import (
    Activity,
    GetActivity,
    GetStations,
    Station,
    Stations,
    Times,
)
from inference_server.protocol.messages import Component, ComponentsChanged, Snapshot
from ui.activity_panel import ActivityPanel
from ui.station_table import StationRow

EVERY_MS = 10_000


class ActivityRoom(QObject):
    """Every ten seconds, and only while the page is in front."""

    def __init__(self, panel: ActivityPanel, asker: Asker) -> None:
        super().__init__(panel)
        self._panel, self._asker = panel, asker
        self._tickets: set[int] = set()
        self._components: tuple[Component, ...] = ()
        self._kept: tuple[Times, ...] = ()
        self._again = QTimer(self, interval=EVERY_MS)
        self._again.timeout.connect(self.look)

    @Slot()
    def look(self) -> None:
        """Ask, if anybody can see the answer."""
        if not self._panel.isVisible():
            self._again.stop()
            return
        self._tickets = {self._asker.ask(GetActivity()), self._asker.ask(GetStations())}
        self._again.start()

    @Slot(object)
    def restore(self, snapshot: Snapshot) -> None:
        """Start from what a snapshot says."""
        self._components = snapshot.components

    @Slot(list)
    def receive(self, batch: Sequence[Arrival]) -> None:
        """The parts of the server say how long each step took."""
        told = [each.message for each in batch if isinstance(each.message, ComponentsChanged)]
        if told:
            self._components = told[-1].components
            if self._panel.isVisible():
                self._show_times()

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """What was asked for."""
        if ticket not in self._tickets:
            return
        match answer.message:
            case Activity() as activity:
                self._show(activity)
            case Stations() as stations:
                self._show_stations(stations)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why it is not there."""
        if ticket in self._tickets:
            self._panel.note.setText(failure.words)

    def _show(self, activity: Activity) -> None:
        panel = self._panel
        panel.note.setText("")
        panel.throughput.setText(
            f"{activity.last_minute} plots in the last minute, {activity.today} today (UTC)"
        )
        panel.forecast.setText(activity.forecast)
        self._kept = activity.times
        self._show_times()
        days = {each.day.date(): (each.pictures, each.noteworthy) for each in activity.days}
        panel.calendar.show_days(days, datetime.now(UTC).date())

    def _show_times(self) -> None:
        told = steps.steps(self._components, self._kept)
        self._panel.show_times([steps.bins(times) for times in told])

    def _show_stations(self, stations: Stations) -> None:
        now = datetime.now(UTC)
        self._panel.stations.show_stations([_row(each, now) for each in stations.stations])


def _row(station: Station, now: datetime) -> StationRow:
    heard = f"{duration((now - station.heard_at).total_seconds())} ago"
    said = {None: "Has not said", True: "Works", False: "No sound"}[station.sound]
    return StationRow(station.name, station.version, heard, said, station.sound, station.sentence)
