"""How busy the server is, and who looks at it, for the status page."""

from __future__ import annotations

from datetime import datetime

import msgspec

from inference_server.protocol.base import Message

BOUNDS_MS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0)


class Station(msgspec.Struct, frozen=True, kw_only=True):
    """A desktop that said hello."""

    name: str
    key: str
    version: str
    heard_at: datetime
    sound: bool | None = None  # whether it can be heard; None: it has not said
    sentence: str = ""  # why it cannot be heard


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """How long one step took for each of the newest pictures: counts below each of ``BOUNDS_MS``, and above."""

    name: str  # decode, forward, database, gradcam, whole
    counts: tuple[int, ...]
    median_ms: float
    total: tuple[int, ...] = ()  # the same counts of all pictures since the role started
    sum_ms: float = 0.0  # of all of them


class DayCount(msgspec.Struct, frozen=True, kw_only=True):
    """The pictures of one day (UTC)."""

    day: datetime
    pictures: int
    noteworthy: int


class GetActivity(Message, frozen=True, kw_only=True):
    """Throughput, times and the calendar."""


class Activity(Message, frozen=True, kw_only=True):
    """``forecast``: a sentence on when the disk will be full, or why it will not."""

    last_minute: int
    today: int
    times: tuple[Times, ...] = ()
    days: tuple[DayCount, ...] = ()
    forecast: str = ""


class GetStations(Message, frozen=True, kw_only=True):
    """Who is connected."""


class Stations(Message, frozen=True, kw_only=True):
    """The one that was heard last comes first."""

    stations: tuple[Station, ...] = ()
