"""The alarms of the server as a desktop shows them: their words and their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from hydra_desktop.calling import RANK, calls
from hydra_desktop.words import clock, duration
from inference_server.protocol.alarms import (
    AlarmCondition,
    AlarmEventKind,
    AlarmLine,
    AlarmSeverity,
    AlarmState,
    Held,
)
from inference_server.protocol.messages import PlotTypeInfo
from ui.states import TileState

Key = tuple[str, bool, str]
BEGINNING = datetime.fromtimestamp(0, UTC)  # where nothing says since when
BADGES: Mapping[AlarmSeverity, TileState] = {
    AlarmSeverity.NONE: TileState.GOOD,
    AlarmSeverity.MINOR: TileState.MINOR,
    AlarmSeverity.MAJOR: TileState.MAJOR,
    AlarmSeverity.INVALID: TileState.INVALID,
    AlarmSeverity.UNDEFINED: TileState.STALE,
}
SEVERITY_WORDS: Mapping[AlarmSeverity, str] = {
    AlarmSeverity.NONE: "None",
    AlarmSeverity.MINOR: "To look at",
    AlarmSeverity.MAJOR: "Bad",
    AlarmSeverity.INVALID: "No picture",
    AlarmSeverity.UNDEFINED: "Link lost",
}
CONDITION_WORDS: Mapping[AlarmCondition, str] = {
    AlarmCondition.NORMAL: "Normal",
    AlarmCondition.UNACKNOWLEDGED: "Not acknowledged",
    AlarmCondition.ACKNOWLEDGED: "Acknowledged",
    AlarmCondition.RETURNED: "Good again, not acknowledged",
    AlarmCondition.SHELVED: "Shelved",
    AlarmCondition.SUPPRESSED: "Suppressed by design",
    AlarmCondition.OUT_OF_SERVICE: "Out of service",
}
KIND_WORDS: Mapping[AlarmEventKind, str] = {
    AlarmEventKind.RAISED: "Called",
    AlarmEventKind.WORSENED: "Got worse",
    AlarmEventKind.EASED: "Eased",
    AlarmEventKind.RETURNED: "Good again",
    AlarmEventKind.ACKNOWLEDGED: "Acknowledged",
    AlarmEventKind.SHELVED: "Shelved",
    AlarmEventKind.UNSHELVED: "Taken from the shelf",
    AlarmEventKind.SHELF_ENDED: "Shelf ended",
    AlarmEventKind.SUPPRESSED: "Suppressed",
    AlarmEventKind.UNSUPPRESSED: "No longer suppressed",
    AlarmEventKind.OUT_OF_SERVICE: "Out of service",
    AlarmEventKind.IN_SERVICE: "Back in service",
    AlarmEventKind.CHATTERING: "Chatters",
    AlarmEventKind.CALMED: "Calmed down",
    AlarmEventKind.STATION: "Station",
}
LINE_WORDS: Mapping[AlarmLine, str] = {AlarmLine.VERDICT: "verdict", AlarmLine.SUPPLY: "supply"}
Guide = Mapping[str, PlotTypeInfo]


def key_of(alarm: AlarmState) -> Key:
    """What makes it the same alarm."""
    return (alarm.plot_type, alarm.chunked, alarm.line.value)


def badge_of(alarm: AlarmState) -> TileState:
    """Its shape."""
    return BADGES[alarm.severity]


def title(alarm: AlarmState) -> str:
    """Plot name first, then what, then how sure."""
    if alarm.condition is AlarmCondition.NORMAL:
        return alarm.plot_type
    if alarm.chattering:
        return f"{alarm.plot_type} chatters: it goes to and fro"
    if alarm.active or alarm.line is AlarmLine.SUPPLY:
        return f"{alarm.plot_type} {alarm.sentence}"
    was = alarm.sentence.replace("is ", "was ", 1).replace("may be ", "may have been ", 1)
    return f"{alarm.plot_type} {was.split(',')[0]}, good again"


def facts(alarm: AlarmState, now: datetime) -> str:
    """Run, chunks and since when."""
    parts = []
    if alarm.run and alarm.line is AlarmLine.VERDICT:
        chunks = (
            f"chunk {alarm.first_chunk}"
            if alarm.first_chunk == alarm.last_chunk
            else f"chunks {alarm.first_chunk} to {alarm.last_chunk}"
        )
        parts.append(f"Run {alarm.run}, {chunks}" if alarm.chunked else f"Run {alarm.run}")
    if alarm.since is not None:
        parts.append(
            f"since {clock(alarm.since)}, for {duration((now - alarm.since).total_seconds())}"
        )
    return ", ".join(parts)


def by(alarm: AlarmState) -> str:
    """Who did what about it, when and why: "Acknowledged by ann at 04:12:36: HV trip."."""
    match alarm.condition:
        case AlarmCondition.ACKNOWLEDGED if alarm.acknowledged:
            return _done("Acknowledged", alarm.acknowledged, "at", alarm.acknowledged.since)
        case AlarmCondition.SHELVED if alarm.shelf:
            return _done("Shelved", alarm.shelf, "until", alarm.shelf.until)
        case AlarmCondition.OUT_OF_SERVICE if alarm.maintenance:
            return _done("Out of service", alarm.maintenance, "until", alarm.maintenance.until)
        case AlarmCondition.SUPPRESSED if alarm.suppressed_by:
            return f"Suppressed by design: {alarm.suppressed_by}."
    return ""


def _done(what: str, held: Held, when: str, at: datetime | None) -> str:
    time = f" {when} {at.astimezone():%H:%M}" if at is not None else ""
    return f"{what} by {held.who}{time}" + (f": {held.why.rstrip('.')}." if held.why else ".")


def by_need(alarms: Iterable[AlarmState]) -> list[AlarmState]:
    """The newest of the worst first; what goes on before what is over, what waits before what is seen."""
    return sorted(
        alarms,
        key=lambda a: (calls(a), RANK[a.severity], a.active, a.since or BEGINNING),
        reverse=True,
    )
