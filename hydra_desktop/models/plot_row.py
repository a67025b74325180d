"""One plot as it stands: its newest verdict, what was done about its alarm, and how both are said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtGui import QImage

from hydra_desktop.models.masks import reasons
from hydra_desktop.words import clock, duration, run_chunk, state_of, verdict_words
from inference_server.protocol.messages import PlotTypeInfo, Verdict
from ui.alarm_marks import WORDS as MARK_WORDS
from ui.alarm_marks import AlarmSign, told
from ui.states import WORDS, TileState

Stroke = tuple[datetime, TileState]


@dataclass(frozen=True, slots=True)
class PlotRow:
    """One plot type as it stands at ``now``."""

    kind: PlotTypeInfo
    now: datetime
    verdict: Verdict | None = None
    image: QImage | None = None
    since: datetime | None = None  # when the label became what it is, as far as we saw
    strip: tuple[Stroke, ...] = ()  # the last verdicts, oldest first
    heat: QImage | None = None
    alarm: AlarmSign | None = None  # how its alarm stands: seen, shelved ...

    @property
    def age_s(self) -> float:
        """Seconds since the picture was judged."""
        return (self.now - self.verdict.judged_at).total_seconds() if self.verdict else 0.0

    @property
    def state(self) -> TileState:
        """How the tile looks."""
        if self.kind.ignored:
            return TileState.IGNORED
        return state_of(self.verdict, self.age_s, self.kind.stale_after_s)

    @property
    def said(self) -> str:
        """The verdict in words."""
        words = verdict_words(self.verdict, self.state, self.age_s)
        return words if self.alarm is None else told(words, self.state, self.alarm)

    @property
    def age(self) -> str:
        """The age in words."""
        return duration(self.age_s) if self.verdict else ""


def spoken(row: PlotRow) -> str:
    """What a screen reader says of a tile."""
    run = f", run {row.verdict.run}" if row.verdict else ""
    strange = f", {strangeness(row.verdict)}" if is_strange(row.verdict) else ""
    alarm = f", alarm {MARK_WORDS[row.alarm.mark]}" if row.alarm else ""
    return f"{row.kind.name}, {WORDS[row.state]}, {row.said}{alarm}{strange}{run}, {row.age}"


def tip(row: PlotRow) -> str:
    """What the marks of a tile mean, in sentences."""
    lines = [f"{row.kind.name}: {row.said}"]
    if row.verdict:
        at = clock(row.verdict.picture_time)
        lines.append(f"Run and chunk {run_chunk(row.verdict)}, picture from {at}, {row.age} ago.")
    if row.alarm:
        lines.append(row.alarm.by or f"Alarm: {MARK_WORDS[row.alarm.mark]}.")
    if row.state is TileState.STALE and row.verdict:
        due = row.verdict.judged_at + timedelta(seconds=row.kind.stale_after_s)
        lines.append(f"A new one was due at {clock(due)}.")
    if row.state is TileState.INVALID:
        lines.append("No model for this plot yet. It needs about 20 labels per class.")
    if is_strange(row.verdict):
        lines.append(f"≠ means: {strangeness(row.verdict)}.")
    lines += [f"Masked: {words}" for words in reasons(row.kind, row.verdict, row.now)]
    return "\n".join(lines)


def strangeness(verdict: Verdict | None) -> str:
    """How far a picture is from anything Good, in words."""
    times = verdict.anomaly if verdict and verdict.anomaly is not None else 0.0
    return f"unlike anything Good, {times:.1f} times as far from it as the limit"


def is_strange(verdict: Verdict | None) -> bool:
    """Whether a picture is farther from Good than nearly all Good ones are from each other."""
    return verdict is not None and verdict.anomaly is not None and verdict.anomaly >= 1
