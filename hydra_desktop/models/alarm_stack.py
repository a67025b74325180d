"""What the pop-up shows: the newest of the worst on top, and many at once as one row for each group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from hydra_desktop.calling import calls
from hydra_desktop.models.alarms import (
    BEGINNING,
    SEVERITY_WORDS,
    Guide,
    badge_of,
    by_need,
    facts,
    title,
)
from inference_server.protocol.alarms import ALL_PLOTS, AlarmLine, AlarmSeverity, AlarmState
from ui.alarm_popup import Stack, StackRow
from ui.states import TileState

AT_ONCE = 3  # more than so many in BURST become one row for each group
BURST = timedelta(seconds=10)
MOST_ROWS = 4
Strips = Callable[[str], tuple[TileState, ...]]


def stack(
    alarms: Iterable[AlarmState], guide: Guide, now: datetime, strips: Strips = lambda _plot: ()
) -> Stack:
    """What the pop-up shows of all that wait for somebody; ``strips``: the last verdicts of a plot."""
    waiting = by_need(alarm for alarm in alarms if calls(alarm))
    heading = f"{len(waiting)} not acknowledged"
    if _is_burst(waiting):
        rows = _groups(waiting, guide, now)
        groups = f"Many at once: {len(waiting)} alarms in {len(rows)} groups"
        return Stack(heading, tuple(rows[:MOST_ROWS]), _more(len(rows) - MOST_ROWS), groups)
    rows = [_row(alarm, guide, now, strips) for alarm in waiting]
    return Stack(heading, tuple(rows[:MOST_ROWS]), _more(len(rows) - MOST_ROWS), "")


def _is_burst(waiting: Sequence[AlarmState]) -> bool:
    newest = max((alarm.since or BEGINNING for alarm in waiting), default=BEGINNING)
    return sum(newest - (alarm.since or BEGINNING) < BURST for alarm in waiting) > AT_ONCE


def _groups(waiting: Sequence[AlarmState], guide: Guide, now: datetime) -> list[StackRow]:
    members: dict[str, list[AlarmState]] = {}
    for alarm in waiting:  # the worst group comes first, as its worst alarm does
        known = guide.get(alarm.plot_type)
        members.setdefault(known.group if known and known.group else "Other plots", []).append(
            alarm
        )
    return [_group(name, inside, now) for name, inside in members.items()]


def _group(name: str, inside: Sequence[AlarmState], now: datetime) -> StackRow:
    counts = Counter(SEVERITY_WORDS[alarm.severity].lower() for alarm in inside)
    words = ", ".join(f"{number} {word}" for word, number in counts.items())
    names = ", ".join(alarm.plot_type for alarm in inside[:3])
    rest = f" and {len(inside) - 3} more" if len(inside) > 3 else ""
    return StackRow(
        badge=badge_of(inside[0]),
        title=f"{name}: {words}",
        todo=f"{names}{rest}",
        facts=facts(inside[0], now),
        plot=inside[0].plot_type,
        picture=inside[0].picture_hash,
    )


def _row(alarm: AlarmState, guide: Guide, now: datetime, strips: Strips) -> StackRow:
    return StackRow(
        badge=badge_of(alarm),
        title=title(alarm),
        todo=todo(alarm, guide),
        facts=facts(alarm, now),
        plot=alarm.plot_type,
        picture=alarm.picture_hash,
        strip=strips(alarm.plot_type) if alarm.chattering else (),
    )


def todo(alarm: AlarmState, guide: Guide) -> str:
    """What to do, as the expert wrote it."""
    if alarm.severity is AlarmSeverity.UNDEFINED:
        return "Check the network, then the server; what you see may be old."
    if alarm.plot_type == ALL_PLOTS:
        return "Check that the run goes on and that the program that makes the plots runs."
    known = guide.get(alarm.plot_type)
    if alarm.line is AlarmLine.SUPPLY:
        contact = f" Contact: {known.contact}." if known and known.contact else ""
        return f"Check the program that makes this plot.{contact}"
    if known is None or not known.guidance:
        return "No action is set for this plot."
    return known.guidance


def _more(number: int) -> str:
    return f"and {number} more" if number > 0 else ""
