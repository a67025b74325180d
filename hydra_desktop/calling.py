"""When which sound is heard: pure, told the time. A call is heard once, MAJOR until acknowledged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from inference_server.protocol.alarms import AlarmCondition, AlarmSeverity, AlarmState

REPEAT_S = 6.0  # from the start of one MAJOR sound to the next
NAG_S = 15 * 60.0  # what stays unacknowledged is heard again, quietly
NAG_LOUDNESS = 0.4
MUTES_MIN = (5, 15, 60)
SOUNDS: Mapping[AlarmSeverity, str] = {
    AlarmSeverity.MAJOR: "major",
    AlarmSeverity.MINOR: "minor",
    AlarmSeverity.INVALID: "invalid",
    AlarmSeverity.UNDEFINED: "link",
}
RANK: Mapping[AlarmSeverity, int] = {
    AlarmSeverity.NONE: 0,
    AlarmSeverity.MINOR: 1,
    AlarmSeverity.INVALID: 2,
    AlarmSeverity.UNDEFINED: 3,
    AlarmSeverity.MAJOR: 4,
}
_CALLS = (AlarmCondition.UNACKNOWLEDGED, AlarmCondition.RETURNED)


def calls(alarm: AlarmState) -> bool:
    """Whether somebody has to acknowledge it. Shelved and suppressed ones never call."""
    return alarm.condition in _CALLS


@dataclass(frozen=True, slots=True)
class Ring:
    """One sound to be played now; ``loudness`` 0..1 on top of the volume."""

    severity: AlarmSeverity
    loudness: float = 1.0


@dataclass(slots=True)
class Calling:
    """Remembers what was heard. Times are monotonic seconds."""

    muted_until: float | None = None
    _muted_rank: int = 0
    _heard: dict[tuple[str, bool, str, int], float] = field(default_factory=dict)

    def mute(self, minutes: int, alarms: Iterable[AlarmState], now: float) -> None:
        """Be silent, until something worse than all that stands calls."""
        self.muted_until = now + 60 * minutes
        self._muted_rank = max((RANK[each.severity] for each in alarms if calls(each)), default=0)

    def unmute(self) -> None:
        """Be heard again."""
        self.muted_until = None

    def muted_s(self, now: float) -> float:
        """Seconds that the mute still lasts; 0 where there is none."""
        return max(0.0, (self.muted_until or now) - now)

    def ring(self, alarms: Iterable[AlarmState], now: float) -> Ring | None:
        """The sound for this moment: of all that wait, the worst."""
        waiting = {_key(alarm): alarm for alarm in alarms if calls(alarm)}
        self._heard = {key: at for key, at in self._heard.items() if key in waiting}
        fresh = [alarm for key, alarm in waiting.items() if key not in self._heard]
        if self._silent(fresh, now):
            return None
        due = [alarm for key, alarm in waiting.items() if self._due(key, alarm, now)]
        if not due:
            return None
        worst = max((each.severity for each in due), key=RANK.__getitem__)
        anew = worst is AlarmSeverity.MAJOR or any(each.severity is worst for each in fresh)
        for alarm in due:
            self._heard[_key(alarm)] = now
        return Ring(worst, 1.0 if anew else NAG_LOUDNESS)

    def _silent(self, fresh: Iterable[AlarmState], now: float) -> bool:
        if self.muted_until is None:
            return False
        worse = any(RANK[alarm.severity] > self._muted_rank for alarm in fresh)
        if worse or now >= self.muted_until:
            self.muted_until = None
            return False
        return True

    def _due(self, key: tuple[str, bool, str, int], alarm: AlarmState, now: float) -> bool:
        heard = self._heard.get(key)
        span = REPEAT_S if _repeats(alarm) else NAG_S
        return heard is None or now - heard >= span


def _repeats(alarm: AlarmState) -> bool:
    """A MAJOR whose cause is gone waits without shouting."""
    return alarm.severity is AlarmSeverity.MAJOR and alarm.active


def _key(alarm: AlarmState) -> tuple[str, bool, str, int]:
    return (alarm.plot_type, alarm.chunked, alarm.line.value, alarm.serial)
