"""What a tile and a card of the lane show of the alarms of their plot: a mark, and words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hydra_desktop.calling import calls
from hydra_desktop.models.alarms import badge_of, by
from inference_server.protocol.alarms import (
    AlarmCondition,
    AlarmLine,
    AlarmSeverity,
    AlarmState,
)
from ui.alarm_marks import AlarmMark, AlarmSign

MARKS: Mapping[AlarmCondition, AlarmMark] = {
    AlarmCondition.UNACKNOWLEDGED: AlarmMark.CALLS,
    AlarmCondition.ACKNOWLEDGED: AlarmMark.SEEN,
    AlarmCondition.RETURNED: AlarmMark.RETURNED,
    AlarmCondition.SHELVED: AlarmMark.SHELVED,
    AlarmCondition.SUPPRESSED: AlarmMark.SUPPRESSED,
    AlarmCondition.OUT_OF_SERVICE: AlarmMark.OUT_OF_SERVICE,
}
_WAS: Mapping[AlarmSeverity, str] = {
    AlarmSeverity.MAJOR: "was bad",
    AlarmSeverity.MINOR: "was unsure",
    AlarmSeverity.INVALID: "was missing",
}


def signs(alarms: Iterable[AlarmState]) -> dict[int, AlarmSign]:
    """By plot type id. Of the two lines of a plot the one that calls is shown, else the verdict's."""
    chosen: dict[int, AlarmState] = {}
    for alarm in alarms:
        held = chosen.get(alarm.plot_type_id)
        if alarm.condition in MARKS and (held is None or _goes_first(alarm, held)):
            chosen[alarm.plot_type_id] = alarm
    return {number: sign(alarm) for number, alarm in chosen.items() if number}


def sign(alarm: AlarmState) -> AlarmSign:
    """One line that is not normal."""
    return AlarmSign(MARKS[alarm.condition], badge_of(alarm), _words(alarm), by(alarm))


def _goes_first(alarm: AlarmState, held: AlarmState) -> bool:
    if calls(alarm) != calls(held):
        return calls(alarm)
    return alarm.line is AlarmLine.VERDICT


def _words(alarm: AlarmState) -> str:
    match alarm.condition:
        case AlarmCondition.UNACKNOWLEDGED:
            return "chatters" if alarm.chattering else ""
        case AlarmCondition.ACKNOWLEDGED:
            return "seen"
        case AlarmCondition.RETURNED:
            return _WAS.get(alarm.severity, "called")
        case AlarmCondition.SHELVED:
            until = alarm.shelf.until if alarm.shelf else None
            return f"shelved to {until.astimezone():%H:%M}" if until else "shelved"
        case AlarmCondition.SUPPRESSED:
            return "suppressed"
        case _:
            return "out of service"
