"""How values are said on the screen: shares, ages, times and verdicts."""

from __future__ import annotations

from datetime import datetime, timedelta

from inference_server.protocol.alarms import Conditions
from inference_server.protocol.messages import Severity, Verdict
from ui.class_bars import percent
from ui.states import TileState

NO_MODEL = "NoModel"


def state_of(verdict: Verdict | None, age_s: float, stale_after_s: float) -> TileState:
    """How a plot's tile looks. A bad plot stays bad however old it is: nobody must miss it."""
    if verdict is None:
        return TileState.EMPTY
    judged = judged_state(verdict)
    late = stale_after_s > 0 and age_s > stale_after_s
    return TileState.STALE if late and judged is not TileState.MAJOR else judged


def judged_state(verdict: Verdict) -> TileState:
    """How a verdict looks, whatever its age."""
    if verdict.label == NO_MODEL:
        return TileState.INVALID
    state = state_for(verdict.severity, confirmed=verdict.confirmed)
    return TileState.MASKED if verdict.masked and state is TileState.GOOD else state


def state_for(severity: Severity, *, confirmed: bool) -> TileState:
    """How a model's verdict of this severity looks."""
    if not confirmed:
        calm = severity in (Severity.GOOD, Severity.NEUTRAL)
        return TileState.UNCONFIRMED if calm else TileState.MINOR
    return _CONFIRMED[severity]


_CONFIRMED = {
    Severity.GOOD: TileState.GOOD,
    Severity.NEUTRAL: TileState.NEUTRAL,
    Severity.WARNING: TileState.MINOR,
    Severity.BAD: TileState.MAJOR,
}


def verdict_words(verdict: Verdict | None, state: TileState, age_s: float) -> str:
    """ "Good 99 %", "Bad? 58 %", "No model", "Old, 4 min"."""
    if state is TileState.IGNORED:
        return "Ignored"
    if verdict is None:
        return "No plot yet"
    if state is TileState.STALE:
        return f"Old, {duration(age_s)}"
    return judged_words(verdict)


def judged_words(verdict: Verdict) -> str:
    """The verdict, whatever its age; "Good 97 %, masked" where a known problem was left out."""
    if verdict.label == NO_MODEL:
        return "No model"
    doubt = "" if verdict.confirmed else "?"
    left_out = ", masked" if verdict.masked else ""
    return f"{verdict.label}{doubt} {percent(verdict.confidence)}{left_out}"


def duration(seconds: float) -> str:
    """ "14 s", "4 min", "1 h 54 min", "3 d": the two units that matter."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    if hours < 48:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{hours // 24} d"


def clock(at: datetime) -> str:
    """Local time of day, with seconds."""
    return at.astimezone().strftime("%H:%M:%S")


def wall_clock(now: datetime) -> tuple[str, str]:
    """The time of day, and the date with its zone, both local."""
    local = now.astimezone()
    return local.strftime("%H:%M:%S"), f"{local.day} {local.strftime('%b %Y, %Z')}"


def moment(at: datetime, now: datetime) -> str:
    """Local time; with the date unless it was less than 12 hours ago."""
    if abs(now - at) < timedelta(hours=12):
        return clock(at)
    return at.astimezone().strftime("%d %b %Y %H:%M:%S")


def run_chunk(verdict: Verdict) -> str:
    """ "92317.8", or "92317" for a plot of the whole run."""
    return f"{verdict.run}.{verdict.chunk}" if verdict.chunked else str(verdict.run)


def condition_words(told: Conditions) -> tuple[tuple[str, str], ...]:
    """Beam and run as the server knows them; what it does not know is left out."""
    words: list[tuple[str, str]] = []
    if told.beam_current is not None:
        on = f"{told.beam_current:.3g} {told.beam_unit}".strip()
        words.append(("Beam", on if told.beam_current > 0 else "Off"))
    if told.running is not None:
        words.append(("Data taking", "On" if told.running else "Stopped"))
    return tuple(words)
