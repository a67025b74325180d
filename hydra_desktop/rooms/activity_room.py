"""Joins the activity part of the status page and the server: asks while somebody looks."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Slot

from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.words import duration
from inference_server.protocol.activity import (
    BOUNDS_MS,
    Activity,
    GetActivity,
    GetStations,
    Stations,
    Times,
)
from ui.activity_panel import ActivityPanel, Bins

EVERY_MS = 10_000
_STEPS = {
    "decode": "Reading the picture",
    "forward": "Judging",
    "whole": "From file to verdict",
}


class ActivityRoom(QObject):
    """Every ten seconds, and only while the page is in front."""

    def __init__(self, panel: ActivityPanel, asker: Asker) -> None:
        super().__init__(panel)
        self._panel, self._asker = panel, asker
        self._tickets: set[int] = set()
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
        panel.show_times([_bins(times) for times in activity.times])
        days = {each.day.date(): (each.pictures, each.noteworthy) for each in activity.days}
        panel.calendar.show_days(days, datetime.now(UTC).date())

    def _show_stations(self, stations: Stations) -> None:
        now = datetime.now(UTC)
        self._panel.stations.show_facts(
            [
                (
                    each.name,
                    f"{each.version}, heard {duration((now - each.heard_at).total_seconds())} ago",
                )
                for each in stations.stations
            ]
        )


def _bins(times: Times) -> Bins:
    ticks = (*(f"≤{_short(bound)}" for bound in BOUNDS_MS), f">{_short(BOUNDS_MS[-1])}")
    some = sum(times.counts)
    sentence = f"Half of them within {times.median_ms:g} ms." if some else "No pictures yet."
    return Bins(_STEPS.get(times.name, times.name), times.counts, ticks, sentence)


def _short(milliseconds: float) -> str:
    return f"{milliseconds:g} ms" if milliseconds < 1000 else f"{milliseconds / 1000:g} s"
