"""From a verdict, the clock and the conditions to what an alarm line hears."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from inference_server.alarms.rules import Rule
from inference_server.protocol.alarms import AlarmLine, AlarmSeverity, Conditions
from inference_server.protocol.messages import Severity, Verdict


def of_verdict(verdict: Verdict) -> AlarmSeverity:
    """MAJOR for a Confirmed Bad, MINOR for an unconfirmed one and for a Confirmed warning class."""
    if verdict.severity is Severity.BAD:
        return AlarmSeverity.MAJOR if verdict.confirmed else AlarmSeverity.MINOR
    if verdict.severity is Severity.WARNING and verdict.confirmed:
        return AlarmSeverity.MINOR
    return AlarmSeverity.NONE


def words(verdict: Verdict) -> str:
    """What a call for this verdict says, without the plot's name."""
    whole = round(100 * verdict.confidence)
    sure = f"{min(whole, 99) if verdict.confidence < 1 else whole} % sure"  # as tiles say it
    if verdict.confirmed:
        return f"is {verdict.label}, {sure}"
    return f"may be {verdict.label}, {sure}"


def gate(rule: Rule, which: AlarmLine, conditions: Conditions, *, ignored: bool) -> str:
    """Why a plot type may not alarm now; empty where it may. What is not known closes no gate."""
    if ignored:
        return "This plot type is hidden."
    if (rule.run_needed or which is AlarmLine.SUPPLY) and conditions.running is False:
        return "No run goes on."
    beam = conditions.beam_current
    if rule.beam_minimum is not None and beam is not None and beam < rule.beam_minimum:
        return f"Beam {beam:g} {conditions.beam_unit}, below {rule.beam_minimum:g}."
    return ""


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest picture of a plot type: ``at`` as it was judged, and in which run."""

    at: datetime
    run: int
    stale_after_s: float


def late(seen: Seen, newest: datetime, run: int, now: datetime) -> bool:
    """Whether this plot type alone is late.

    When pictures of every kind stop, that is one alarm and not one for each plot type: so no plot
    type can get later than half of its own limit after the newest picture of any kind.
    """
    if seen.stale_after_s <= 0 or seen.run < run - 1:
        return False  # not watched, or no part of this run nor of the one before
    limit = timedelta(seconds=seen.stale_after_s)
    return min(now, newest + limit / 2) - seen.at > limit


def silent(seen: Iterable[Seen], now: datetime) -> bool:
    """Whether pictures of every kind have stopped."""
    watched = [each for each in seen if each.stale_after_s > 0]
    if not watched:
        return False
    newest = max(watched, key=lambda each: each.at)
    limit = min(each.stale_after_s for each in watched if each.run >= newest.run - 1)
    return now - newest.at > timedelta(seconds=limit)
