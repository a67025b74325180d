"""The state machine of one alarm line. Pure: every act gives a new line and what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from inference_server.alarms.rules import MOST, Rule, level_of, worse
from inference_server.protocol.alarms import (
    SHELF_HOURS,
    AlarmCondition,
    AlarmEventKind,
    AlarmSeverity,
    Held,
)

NONE = AlarmSeverity.NONE
Kinds = tuple[AlarmEventKind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """``raw`` is the cause after its delays; ``level`` the same, but held while it chatters;
    ``shown`` what is announced: the worst that nobody has acknowledged, else ``level``."""

    raw: AlarmSeverity = NONE
    raw_since: datetime | None = None
    level: AlarmSeverity = NONE
    shown: AlarmSeverity = NONE
    seen: bool = True  # nobody has to acknowledge anything
    serial: int = 0  # grows each time the line calls
    since: datetime | None = None
    recent: tuple[AlarmSeverity, ...] = ()  # the newest signals, oldest first
    raises: tuple[datetime, ...] = ()  # the newest raises, for chattering
    chattering: bool = False
    acknowledged: Held | None = None
    shelf: Held | None = None
    maintenance: Held | None = None
    suppressed_by: str = ""

    @property
    def active(self) -> bool:
        """Whether the cause is there."""
        return self.level is not NONE

    @property
    def base(self) -> AlarmCondition:
        """The state below shelves, gates and maintenance."""
        if self.seen:
            return AlarmCondition.ACKNOWLEDGED if self.active else AlarmCondition.NORMAL
        return AlarmCondition.UNACKNOWLEDGED if self.active else AlarmCondition.RETURNED

    @property
    def condition(self) -> AlarmCondition:
        """The state that people see."""
        if self.maintenance is not None:
            return AlarmCondition.OUT_OF_SERVICE
        if self.suppressed_by:
            return AlarmCondition.SUPPRESSED
        return AlarmCondition.SHELVED if self.shelf is not None else self.base

    @property
    def asleep(self) -> bool:
        """Whether signals are left aside: out of service, or suppressed by design."""
        return self.maintenance is not None or bool(self.suppressed_by)


@dataclass(frozen=True, slots=True)
class Moved:
    """A line after an act, and what happened to it, in order."""

    line: Line
    kinds: Kinds = ()


def signalled(line: Line, signal: AlarmSeverity, rule: Rule, at: datetime) -> Moved:
    """A new picture (or its absence) says ``signal``."""
    if line.asleep:
        return Moved(line)
    recent = (*line.recent, signal)[-MOST:]
    raw = level_of(recent, line.raw, rule)
    since = at if raw is not line.raw else line.raw_since
    return _settled(replace(line, recent=recent, raw=raw, raw_since=since), rule, at)


def tick(line: Line, rule: Rule, at: datetime) -> Moved:
    """Time has gone by: shelves and maintenance end, chattering calms down."""
    kinds: Kinds = ()
    if line.shelf is not None and _over(line.shelf, at):
        line, kinds = _off_the_shelf(line, AlarmEventKind.SHELF_ENDED, at)
    if line.maintenance is not None and _over(line.maintenance, at):
        moved = in_service(line)
        line, kinds = moved.line, kinds + moved.kinds
    if line.chattering and not line.asleep:
        moved = _settled(line, rule, at)
        line, kinds = moved.line, kinds + moved.kinds
    return Moved(line, kinds)


# ---------------------------------------------------------------- what people do


def acknowledged(line: Line, serial: int, held: Held) -> Moved:
    """Somebody has seen occurrence ``serial``. Raises ValueError: it is another one by now."""
    if line.seen:
        raise ValueError("there is nothing to acknowledge any more")
    if serial != line.serial:
        raise ValueError("it called again meanwhile, so look at it once more")
    kept = held if line.active else None
    line = replace(line, seen=True, shown=line.level, acknowledged=kept)
    return Moved(line, (AlarmEventKind.ACKNOWLEDGED,))


def shelved(line: Line, held: Held) -> Moved:
    """Nothing sounds until ``held.until``. Raises ValueError: no reason, or another span."""
    if not held.why.strip():
        raise ValueError("a shelf needs a reason")
    spans = [timedelta(hours=hours) for hours in SHELF_HOURS]
    if held.until is None or held.until - held.since not in spans:
        raise ValueError("a shelf lasts 1 h, 6 h, 12 h, 1 d or 7 d")
    return Moved(replace(line, shelf=held), (AlarmEventKind.SHELVED,))


def unshelved(line: Line, at: datetime) -> Moved:
    """End the shelf. Raises ValueError: there is none."""
    if line.shelf is None:
        raise ValueError("it is not shelved")
    return Moved(*_off_the_shelf(line, AlarmEventKind.UNSHELVED, at))


def out_of_service(line: Line, held: Held) -> Moved:
    """Maintenance begins, or goes on with another reason."""
    return Moved(replace(line, maintenance=held), (AlarmEventKind.OUT_OF_SERVICE,))


def in_service(line: Line) -> Moved:
    """Maintenance ends. Raises ValueError: there is none."""
    if line.maintenance is None:
        raise ValueError("it is not out of service")
    line = replace(line, maintenance=None)
    return Moved(line if line.asleep else _awake(line), (AlarmEventKind.IN_SERVICE,))


def suppressed(line: Line, why: str) -> Moved:
    """The gate is closed because of ``why``, or open (empty)."""
    if line.suppressed_by == why:
        return Moved(line)
    was, line = line.suppressed_by, replace(line, suppressed_by=why)
    told = line.base is not AlarmCondition.NORMAL  # a quiet plot has nothing to tell of its gate
    if not line.asleep:
        line = _awake(line)
    if not told or (was and why):
        return Moved(line)
    return Moved(line, (AlarmEventKind.SUPPRESSED if why else AlarmEventKind.UNSUPPRESSED,))


# ---------------------------------------------------------------- parts


def _settled(line: Line, rule: Rule, at: datetime) -> Moved:
    """Bring ``level`` to ``raw``, unless the line chatters."""
    kinds: Kinds = ()
    if line.chattering and not worse(line.raw, line.level):
        if line.raw_since is not None and at - line.raw_since < _calm(rule):
            return Moved(line)
        line = replace(line, chattering=False, raises=())
        kinds = (AlarmEventKind.CALMED,)
    if line.raw is line.level:
        return Moved(line, kinds)
    moved = _risen(line, rule, at) if worse(line.raw, line.level) else _fallen(line, rule)
    return Moved(moved.line, kinds + moved.kinds)


def _risen(line: Line, rule: Rule, at: datetime) -> Moved:
    if line.active:
        calls = line.seen or worse(line.raw, line.shown)
        line = replace(line, level=line.raw)
        return Moved(_call(line, at), (AlarmEventKind.WORSENED,)) if calls else Moved(line)
    line = replace(line, level=line.raw, raises=_lately((*line.raises, at), rule, at))
    line = _call(line, at)
    if len(line.raises) < rule.chatter_raises:
        return Moved(line, (AlarmEventKind.RAISED,))
    return Moved(replace(line, chattering=True), (AlarmEventKind.CHATTERING,))


def _fallen(line: Line, rule: Rule) -> Moved:
    line = replace(line, level=line.raw)
    if not rule.latch or line.seen:
        over = not line.active
        line = replace(
            line,
            shown=line.level,
            seen=line.seen or over,
            acknowledged=None if over else line.acknowledged,
        )
    return Moved(line, (AlarmEventKind.EASED if line.active else AlarmEventKind.RETURNED,))


def _call(line: Line, at: datetime) -> Line:
    shown = line.level if line.seen or worse(line.level, line.shown) else line.shown
    since = at if line.seen or line.since is None else line.since
    return replace(
        line, shown=shown, seen=False, since=since, serial=line.serial + 1, acknowledged=None
    )


def _off_the_shelf(line: Line, kind: AlarmEventKind, at: datetime) -> tuple[Line, Kinds]:
    """What is still wrong when a shelf ends calls again, so that no shelf hides it for ever."""
    line = replace(line, shelf=None)
    if line.active:
        return _call(line, at), (kind, AlarmEventKind.RAISED)
    return line, (kind,)


def _awake(line: Line) -> Line:
    """Judge anew from here on. What nobody has acknowledged stays; what was, may call again."""
    line = replace(line, recent=())
    if not line.seen:
        return line
    return replace(line, raw=NONE, level=NONE, shown=NONE, acknowledged=None, chattering=False)


def _lately(raises: Sequence[datetime], rule: Rule, at: datetime) -> tuple[datetime, ...]:
    span = timedelta(seconds=rule.chatter_s)
    return tuple(raised for raised in raises if at - raised < span)[-rule.chatter_raises :]


def _calm(rule: Rule) -> timedelta:
    return timedelta(seconds=rule.chatter_s / 3)


def _over(held: Held, at: datetime) -> bool:
    return held.until is not None and held.until <= at
