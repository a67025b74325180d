"""When a plot type alarms: N of M pictures, latch, gates, chattering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inference_server.protocol.alarms import AlarmSettings, AlarmSeverity

MOST = 20  # verdicts that a line remembers
_NEED = {
    AlarmSeverity.NONE: 0,
    AlarmSeverity.MINOR: 1,
    AlarmSeverity.INVALID: 2,
    AlarmSeverity.UNDEFINED: 3,
    AlarmSeverity.MAJOR: 4,
}


def worse(one: AlarmSeverity, other: AlarmSeverity) -> bool:
    """Whether ``one`` needs a person sooner than ``other``."""
    return _NEED[one] > _NEED[other]


@dataclass(frozen=True, slots=True)
class Share:
    """ "N of M": at least ``count`` of the newest ``of`` pictures."""

    count: int = 1
    of: int = 1

    def check(self, name: str) -> None:
        """Raises ValueError where this cannot be."""
        if not 1 <= self.count <= self.of <= MOST:
            raise ValueError(
                f"{name} of {self.count} in {self.of} pictures is not possible: the first number"
                f" must be at least 1 and at most the second, the second at most {MOST}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How one plot type alarms. The defaults call at the first picture and wait for a person."""

    on: Share = Share()
    off: Share = Share()
    latch: bool = True  # False: an alarm whose cause is gone needs nobody
    beam_minimum: float | None = None  # no alarm below this beam current; unknown counts as enough
    run_needed: bool = False  # no alarm while no run goes on; unknown counts as going on
    watch_supply: bool = True  # whether missing pictures are an alarm
    chatter_raises: int = 5  # so many raises ...
    chatter_s: float = (
        1800.0  # ... within this time are one chattering alarm; it ends after a third of it
    )

    @classmethod
    def of(cls, settings: AlarmSettings) -> Rule:
        """Settings as they travel. Raises ValueError (a sentence without its full stop): nonsense."""
        made = cls(
            on=Share(settings.on_count, settings.on_of),
            off=Share(settings.off_count, settings.off_of),
            latch=settings.latch,
            beam_minimum=settings.beam_minimum,
            run_needed=settings.run_needed,
            watch_supply=settings.watch_supply,
            chatter_raises=settings.chatter_raises,
            chatter_s=settings.chatter_s,
        )
        made.check()
        return made

    def check(self) -> None:
        """Raises ValueError with a sentence without its full stop."""
        self.on.check("an alarm")
        self.off.check("a return")
        if self.chatter_raises < 2 or self.chatter_s < 1:
            raise ValueError("chattering needs at least 2 alarms within at least 1 s")


def level_of(recent: Sequence[AlarmSeverity], level: AlarmSeverity, rule: Rule) -> AlarmSeverity:
    """What the newest ``recent`` signals (oldest first) make of ``level``.

    It rises only with a signal that is worse, and falls only with one that is less bad, so that
    overlapping shares can not swing it back and forth on one signal.
    """
    if not recent:
        return level
    newest = recent[-1]
    if worse(newest, level):
        above = [s for s in recent[-rule.on.of :] if worse(s, level)]
        for candidate in sorted(set(above), key=_NEED.__getitem__, reverse=True):
            if sum(not worse(candidate, s) for s in above) >= rule.on.count:
                return candidate
        return level
    if worse(level, newest):
        below = [s for s in recent[-rule.off.of :] if worse(level, s)]
        if len(below) >= rule.off.count:
            return max(below, key=_NEED.__getitem__)
    return level
