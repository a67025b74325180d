"""What a person looks at in the history: a stretch of time, or runs side by side. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from inference_server.protocol.records import GetTimeline, Timeline

HALF_HOUR = 1800.0
LENGTHS = {"hour": 3600.0, "day": 86_400.0}


@dataclass(frozen=True, slots=True)
class Look:
    """A stretch of time, runs, or places (``Timeline.places``); nothing of it: the newest day."""

    by_run: bool = False
    since: datetime | None = None
    until: datetime | None = None
    runs: tuple[int | None, int | None] = (None, None)
    places: tuple[float, float] | None = None

    def request(self, plot_type_id: int) -> GetTimeline:
        """The question to the server."""
        first, last = self.places or (None, None)
        return GetTimeline(
            plot_type_id=plot_type_id,
            since=self.since,
            until=self.until,
            first_run=self.runs[0],
            last_run=self.runs[1],
            by_run=self.by_run,
            first_place=first,
            last_place=last,
        )

    def newest(self, days: float, now: datetime) -> Look:
        """The newest days: up to the newest verdict for one day, up to now for more."""
        if days == 1.0:
            return Look(self.by_run)
        return Look(self.by_run, now - timedelta(days=days), now)

    def of_runs(self, first: int | None, last: int | None) -> Look:
        """Some runs."""
        return Look(self.by_run, runs=(first, last))

    def at(self, begin: float, end: float) -> Look:
        """What came into view."""
        if self.by_run:
            return Look(by_run=True, places=(begin, end))
        earliest = max(0.0, begin)
        return Look(
            since=datetime.fromtimestamp(earliest, UTC),
            until=datetime.fromtimestamp(max(earliest, end), UTC),
        )

    def turned(self, *, by_run: bool, seen: Timeline | None) -> Look:
        """The same on the other axis; ``seen``: what of it is shown now."""
        if seen is None or not (self.places or self.since):
            return replace(self, by_run=by_run, places=None)
        return Look(by_run, seen.since, seen.until)


def stretch_of(timeline: Timeline) -> tuple[float, float]:
    """What comes into view with it: from and to."""
    if timeline.by_run:
        return timeline.first_place, timeline.last_place
    since, until = timeline.since.timestamp(), timeline.until.timestamp()
    return (since - HALF_HOUR, until + HALF_HOUR) if until - since < 1.0 else (since, until)


def closer(timeline: Timeline, step: int) -> tuple[float, float]:
    """The stretch that an hour, a day or a run opens."""
    if not timeline.by_run:
        length, at = LENGTHS[timeline.step], timeline.times[step]
        return at - length / 2, at + 1.5 * length
    begin = timeline.places[step]
    if timeline.step == "run":
        return float(math.floor(begin)), math.floor(begin) + 1.0
    following = timeline.places[step + 1 :]
    end = next((place for place in following if place > begin), timeline.last_place)
    if timeline.step == "day":
        return float(math.floor(begin)), max(math.floor(begin) + 1.0, float(math.ceil(end)))
    return begin, max(end, begin + 0.02)
