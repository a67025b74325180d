"""The facts behind a verdict, as names and values for the lane and the detail page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from hydra_desktop.words import NO_MODEL, clock, duration, moment, run_chunk
from inference_server.protocol.messages import PlotTypeInfo, Severity, Verdict
from ui.roles import ScoreBar


def score_bars(verdict: Verdict | None, colours: Mapping[str, str]) -> tuple[ScoreBar, ...]:
    """All classes of a verdict, the surest first."""
    if verdict is None:
        return ()
    return tuple(
        ScoreBar(s.name, s.confidence, s.threshold, s.severity.value, colours.get(s.name, ""))
        for s in verdict.scores
    )


def facts(
    kind: PlotTypeInfo, verdict: Verdict | None, since: datetime | None, now: datetime
) -> tuple[tuple[str, str], ...]:
    """Names and values, the two most important first."""
    if verdict is None:
        return (("Picture", "None yet"),)
    calls = verdict.severity is Severity.BAD and verdict.confirmed
    seen = since or verdict.judged_at
    rows = [
        (
            f"{verdict.label} since" if calls else "Judged",
            _since(seen, now) if calls else moment(verdict.judged_at, now),
        ),
        ("Run and chunk" if verdict.chunked else "Run", run_chunk(verdict)),
        ("Picture from", moment(verdict.picture_time, now)),
        ("Run period", verdict.run_period or "Not named"),
        ("Model", _model(kind, verdict)),
        ("Unlike anything Good", _anomaly(verdict.anomaly)),
        ("Seen after", f"{verdict.latency_ms / 1000:.2f} s"),
        ("Drawn at random", "Yes" if verdict.unbiased else "No"),
    ]
    if kind.group:
        rows.append(("Group", kind.group))
    if kind.contact:
        rows.append(("Contact", kind.contact))
    return tuple(rows)


def _since(since: datetime, now: datetime) -> str:
    return f"{clock(since)}, for {duration((now - since).total_seconds())}"


def _model(kind: PlotTypeInfo, verdict: Verdict) -> str:
    if verdict.label == NO_MODEL or verdict.model_id is None:
        return "None yet"
    own = kind.model_id == verdict.model_id
    name = f" ({kind.model_name})" if own and kind.model_name else ""
    return f"{verdict.model_id}{name}"


def _anomaly(anomaly: float | None) -> str:
    return "Not measured" if anomaly is None else f"{anomaly:.1f} times the limit"
