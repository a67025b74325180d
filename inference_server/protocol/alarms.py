"""Alarms on the wire: how each line stands, what happened to it, and what people may ask for."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import msgspec

from inference_server.protocol.base import Message

SHELF_HOURS = (1, 6, 12, 24, 168)
ALL_PLOTS = "All plots"  # the plot type of the alarm that no plot of any kind comes


class AlarmLine(StrEnum):
    """The two alarms of a plot type; acknowledging one never touches the other."""

    VERDICT = "verdict"  # what the picture shows
    SUPPLY = "supply"  # that there is a picture


class AlarmSeverity(StrEnum):
    """EPICS severities 0 to 3, and what only a desktop can know."""

    NONE = "none"
    MINOR = "minor"  # Bad but not Confirmed, or a Confirmed warning class
    MAJOR = "major"  # Bad, Confirmed
    INVALID = "invalid"  # no picture in time, or one that cannot be read
    UNDEFINED = "undefined"  # a desktop has lost the server; never sent by one


class AlarmCondition(StrEnum):
    """States after ISA-18.2."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned"  # the cause is gone, nobody has acknowledged
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"  # by design: no beam, no run, an ignored plot type
    OUT_OF_SERVICE = "out-of-service"  # maintenance


class AlarmEventKind(StrEnum):
    """What can happen to an alarm."""

    RAISED = "raised"
    WORSENED = "worsened"
    EASED = "eased"
    RETURNED = "returned"
    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    SHELF_ENDED = "shelf-ended"
    SUPPRESSED = "suppressed"
    UNSUPPRESSED = "unsuppressed"
    OUT_OF_SERVICE = "out-of-service"
    IN_SERVICE = "in-service"
    CHATTERING = "chattering"
    CALMED = "calmed"
    STATION = "station"  # a station reported that it has no sound, or has it again


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A shelf, a maintenance or an acknowledgement: who, why, since and until when."""

    who: str
    why: str
    since: datetime
    until: datetime | None = None


class AlarmRef(msgspec.Struct, frozen=True, kw_only=True):
    """One occurrence of an alarm, as the person who acknowledges it has seen it."""

    plot_type: str
    chunked: bool
    line: AlarmLine
    serial: int


class AlarmState(msgspec.Struct, frozen=True, kw_only=True):
    """How one line of one plot type stands."""

    plot_type: str
    chunked: bool
    line: AlarmLine
    serial: int  # grows each time it calls anew
    condition: AlarmCondition
    severity: AlarmSeverity  # the worst that nobody has acknowledged, else the present one
    active: bool  # whether the cause is there now
    chattering: bool = False
    sentence: str = ""
    since: datetime | None = None
    plot_type_id: int = 0
    run: int = 0
    first_chunk: int = 0
    last_chunk: int = 0
    picture_hash: str = ""
    acknowledged: Held | None = None
    shelf: Held | None = None
    maintenance: Held | None = None
    suppressed_by: str = ""

    @property
    def ref(self) -> AlarmRef:
        return AlarmRef(
            plot_type=self.plot_type, chunked=self.chunked, line=self.line, serial=self.serial
        )


class AlarmEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to an alarm, as the history keeps it."""

    uid: str
    at: datetime
    kind: AlarmEventKind
    plot_type: str
    chunked: bool
    line: AlarmLine
    severity: AlarmSeverity
    condition: AlarmCondition  # after it
    sentence: str = ""
    who: str = ""
    why: str = ""
    run: int = 0
    chunk: int = 0
    picture_hash: str = ""


class AlarmSettings(msgspec.Struct, frozen=True, kw_only=True):
    """When one plot type alarms; the guide explains each."""

    on_count: int = 1
    on_of: int = 1
    off_count: int = 1
    off_of: int = 1
    latch: bool = True
    beam_minimum: float | None = None
    run_needed: bool = False
    watch_supply: bool = True
    chatter_raises: int = 5
    chatter_s: float = 1800.0


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of beam and run; None: not known."""

    beam_current: float | None = None
    beam_unit: str = "nA"
    running: bool | None = None
    run: int | None = None
    source: str = ""  # "desktop", a file, "EPICS"
    at: datetime | None = None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Alarm figures after EEMUA 191 for a stretch of time."""

    start: datetime
    end: datetime
    raised: int
    per_10_min: float
    worst_10_min: int
    floods: int  # stretches of 10 min with 10 or more
    by_severity: dict[str, int]
    worst: tuple[tuple[str, int], ...]  # plot type and how often it called, ten at most
    chattering: tuple[str, ...]
    stale: tuple[str, ...]  # standing for more than 24 h
    acknowledge_s: float | None = None  # median time until somebody acknowledged


# ---------------------------------------------------------------- the feed


class AlarmChanged(Message, frozen=True, kw_only=True):
    """A line moved; ``event`` says how (None: a fact about it changed, e.g. its last chunk)."""

    alarm: AlarmState
    event: AlarmEvent | None = None


class ConditionsChanged(Message, frozen=True, kw_only=True):
    """Beam or run changed."""

    conditions: Conditions


class AlarmSettingsChanged(Message, frozen=True, kw_only=True):
    """Somebody changed when a plot type alarms."""

    plot_type_id: int
    settings: AlarmSettings


class StationSound(Message, frozen=True, kw_only=True):
    """A station lost its sound, or has it again."""

    station: str
    works: bool
    sentence: str = ""


# ---------------------------------------------------------------- requests


class Acknowledge(Message, frozen=True, kw_only=True):
    """Somebody has seen these occurrences. One that called anew meanwhile stays as it is."""

    alarms: tuple[AlarmRef, ...]
    person: str
    why: str = ""


class Shelve(Message, frozen=True, kw_only=True):
    """No call from this line for so many hours (one of SHELF_HOURS)."""

    plot_type: str
    chunked: bool
    line: AlarmLine
    hours: int
    person: str
    why: str


class Unshelve(Message, frozen=True, kw_only=True):
    """End a shelf before its time."""

    plot_type: str
    chunked: bool
    line: AlarmLine
    person: str


class SetMaintenance(Message, frozen=True, kw_only=True):
    """Take plot types (a detector) out of service, or back into it."""

    plot_type_ids: tuple[int, ...]
    on: bool
    person: str
    why: str = ""
    hours: float | None = None  # None: until somebody ends it


class SetAlarmSettings(Message, frozen=True, kw_only=True):
    """Change when a plot type alarms."""

    plot_type_id: int
    settings: AlarmSettings
    person: str = ""
    why: str


class GetAlarmSettings(Message, frozen=True, kw_only=True):
    """When a plot type alarms."""

    plot_type_id: int


class GetAlarmHistory(Message, frozen=True, kw_only=True):
    """Events, newest first. ``search``: in plot type, sentence, who and why."""

    search: str = ""
    since: datetime | None = None
    until: datetime | None = None
    kinds: tuple[AlarmEventKind, ...] = ()
    before: int | None = None  # the ``next`` of the page before
    limit: int = 200


class GetAlarmFigures(Message, frozen=True, kw_only=True):
    """The figures of a shift."""

    since: datetime
    until: datetime


class SetConditions(Message, frozen=True, kw_only=True):
    """Tell the server about beam and run."""

    conditions: Conditions


class StationReport(Message, frozen=True, kw_only=True):
    """Whether a station can be heard."""

    station: str
    sound_works: bool
    sentence: str = ""


# ---------------------------------------------------------------- replies


class AlarmHistory(Message, frozen=True, kw_only=True):
    """A page of events, newest first; ``next`` None: this is the last one."""

    events: tuple[AlarmEvent, ...]
    next: int | None = None


class AlarmFigures(Message, frozen=True, kw_only=True):
    """The figures that were asked for."""

    figures: Figures


class AlarmSettingsReply(Message, frozen=True, kw_only=True):
    """The settings that were asked for."""

    plot_type_id: int
    settings: AlarmSettings


AlarmNews: TypeAlias = AlarmChanged | ConditionsChanged | AlarmSettingsChanged | StationSound
AlarmRequest: TypeAlias = (
    Acknowledge
    | Shelve
    | Unshelve
    | SetMaintenance
    | SetAlarmSettings
    | GetAlarmSettings
    | GetAlarmHistory
    | GetAlarmFigures
    | SetConditions
    | StationReport
)
AlarmReply: TypeAlias = AlarmHistory | AlarmFigures | AlarmSettingsReply
