"""A past run being played: which verdicts are due, what would have called, how it compares. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from inference_server.protocol.alarms import AlarmSeverity
from inference_server.protocol.base import Severity
from inference_server.protocol.replay import ReplayCall
from inference_server.protocol.verdicts import Verdict

FASTEST = math.inf  # as fast as possible
SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, FASTEST)
AT_ONCE = 40  # verdicts in one beat at the fastest: so many a person still sees go by


@dataclass(frozen=True, slots=True)
class Step:
    """One picture of the run: what was said then, what is shown, and what a person said."""

    then: Verdict
    shown: Verdict
    label: str = ""


@dataclass(frozen=True, slots=True)
class Reel:
    """A run, ready to be played: ``steps`` and ``calls`` in order of time, as far as they are here."""

    run: int
    run_period: str
    steps: tuple[Step, ...] = ()
    calls: tuple[ReplayCall, ...] = ()
    by: str = ""  # who judges: empty for the verdicts as they were
    note: str = ""
    total: int = 0  # pictures of the run
    complete: bool = True  # whether no more come


@dataclass(frozen=True, slots=True)
class Player:
    """Where a reel stands: ``place`` is the next step, ``now`` the time in the run."""

    reel: Reel
    now: datetime
    place: int = 0
    speed: float = 1.0
    playing: bool = False

    @classmethod
    def at_start(cls, reel: Reel, speed: float) -> Player:
        """Before the first picture. ``reel`` has steps."""
        return cls(reel, reel.steps[0].then.judged_at, 0, speed, playing=True)

    @property
    def ended(self) -> bool:
        """Whether every picture was shown."""
        return self.reel.complete and self.place >= len(self.reel.steps)

    @property
    def waiting(self) -> bool:
        """Whether what comes next is not here yet."""
        return not self.reel.complete and self.place >= len(self.reel.steps)

    def advanced(self, seconds: float) -> Player:
        """After ``seconds`` of the wall clock."""
        if not self.playing or self.ended or self.waiting:
            return self
        if math.isinf(self.speed):
            return self._to(min(self.place + AT_ONCE, len(self.reel.steps)))
        now = self.now + timedelta(seconds=seconds * self.speed)
        place = self.place
        while place < len(self.reel.steps) and self.reel.steps[place].then.judged_at <= now:
            place += 1
        if place == len(self.reel.steps) and not self.reel.complete:
            return self._to(place)  # the clock stands until more comes
        return replace(self, now=now, place=place, playing=place < len(self.reel.steps))

    def stepped(self) -> Player:
        """One picture on, and standing still."""
        if self.ended or self.waiting:
            return self
        return replace(self._to(self.place + 1), playing=False)

    def with_more(self, reel: Reel) -> Player:
        """The same place in a reel that goes on."""
        going = self.playing and (not reel.complete or self.place < len(reel.steps))
        return replace(self, reel=reel, playing=going)

    def _to(self, place: int) -> Player:
        now = self.reel.steps[place - 1].then.judged_at
        going = self.playing and (not self.reel.complete or place < len(self.reel.steps))
        return replace(self, now=max(self.now, now), place=place, playing=going)

    def calls_until_now(self) -> tuple[ReplayCall, ...]:
        """What would have called so far."""
        return tuple(call for call in self.reel.calls if self.place and call.at <= self.now)


@dataclass(slots=True)
class Line:
    """What came of one plot type, or of the whole run."""

    plot_type: str
    pictures: int = 0
    bad_then: int = 0  # confirmed Bad, as it was judged in the run
    bad: int = 0  # confirmed Bad in the replay
    changed: int = 0  # pictures whose verdict is another one in the replay
    labelled: int = 0
    right_then: int = 0
    right: int = 0
    calls: int = 0

    def take(self, step: Step) -> None:
        """One picture more."""
        then, shown = step.then, step.shown
        self.pictures += 1
        self.bad_then += is_bad(then)
        self.bad += is_bad(shown)
        self.changed += (then.label, then.confirmed) != (shown.label, shown.confirmed)
        if step.label:
            self.labelled += 1
            self.right_then += then.label == step.label
            self.right += shown.label == step.label


@dataclass(frozen=True, slots=True)
class Summary:
    """The run as a whole, and plot type by plot type, the most Bad first."""

    whole: Line
    lines: tuple[Line, ...] = field(default=())


def summary(steps: Sequence[Step], calls: Sequence[ReplayCall]) -> Summary:
    """What the pictures that were played come to."""
    whole = Line("All plots")
    lines: dict[str, Line] = {}
    counted: dict[str, int] = defaultdict(int)
    for call in calls:
        counted[call.plot_type] += 1
        whole.calls += 1
    for step in steps:
        name = step.then.plot_type
        for line in (whole, lines.setdefault(name, Line(name))):
            line.take(step)
    for name, line in lines.items():
        line.calls = counted[name]
    order = sorted(lines.values(), key=lambda line: (-line.bad, -line.bad_then, line.plot_type))
    return Summary(whole, tuple(order))


def is_bad(verdict: Verdict) -> bool:
    """Confirmed Bad: what calls."""
    return verdict.severity is Severity.BAD and verdict.confirmed


def speed_words(speed: float) -> str:
    """ "0.5x", "as fast as possible"."""
    return "As fast as possible" if math.isinf(speed) else f"{speed:g}×"


def call_words(call: ReplayCall) -> str:
    """ "04:12:36  CDC_occupancy is Bad, 97 % sure"; never more than words."""
    at = call.at.astimezone().strftime("%H:%M:%S")
    loud = "loudly" if call.severity is AlarmSeverity.MAJOR else "softly"
    return f"{at}  {call.plot_type} {call.sentence}: would have called {loud}"
