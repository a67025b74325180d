"""The log and the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import numpy as np
from sqlalchemy.orm import Session

from db import audit, conditions, history, log, streaks
from db.history import Step
from db.session import transaction
from inference_server.changes import change_points
from inference_server.gateway.answers import Handlers, Means, Result, must
from inference_server.protocol.base import Severity
from inference_server.protocol.messages import Done
from inference_server.protocol.records import (
    ChangePoint,
    CommentOnStreak,
    Curve,
    GetLogPage,
    GetRunPeriods,
    GetStreak,
    GetTimeline,
    LogFilter,
    LogPage,
    ModelSwitch,
    RunPeriods,
    Streak,
    StreakComment,
    StreakDetails,
    StreakPicture,
    Timeline,
)

LIMIT = 500
A_DAY = timedelta(days=1)
Classes: TypeAlias = Sequence[tuple[str, str]]


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        GetLogPage: lambda request, _who: _page(means, request),
        GetStreak: lambda request, _who: _streak(means, request),
        CommentOnStreak: lambda request, who: _comment(means, request, who),
        GetRunPeriods: lambda _request, _who: _run_periods(means),
        GetTimeline: lambda request, _who: _timeline(means, request),
    }


def _page(means: Means, request: GetLogPage) -> Result:
    limit = max(1, min(request.limit, LIMIT))
    after = None
    if request.after_at is not None and request.after_id is not None:
        after = (request.after_at, request.after_id)
    with transaction(means.sessions) as session:
        found = log.page(session, filter_of(request.wanted), after=after, limit=limit + 1)
    streaks = tuple(told(each) for each in found[:limit])
    return Result(LogPage(streaks=streaks, more=len(found) > limit))


def filter_of(wanted: LogFilter) -> log.Filter:
    """The same question to the database."""
    return log.Filter(**{name: getattr(wanted, name) for name in LogFilter.__struct_fields__})


def told(row: streaks.Streak) -> Streak:
    """A row of the log, for the protocol."""
    return Streak(**{**asdict(row), "severity": Severity(row.severity)})


def _streak(means: Means, request: GetStreak) -> Result:
    with transaction(means.sessions) as session:
        number = request.streak_id
        if request.from_the_beginning:
            number = streaks.beginning(session, number)
        row = streaks.one(session, number)
        pictures = streaks.pictures(session, number)
        comments = streaks.comments(session, number)
    return Result(
        StreakDetails(
            streak=told(row),
            pictures=tuple(StreakPicture(**asdict(each)) for each in pictures),
            comments=tuple(StreakComment(**asdict(each)) for each in comments),
        )
    )


def _comment(means: Means, request: CommentOnStreak, who: str) -> Result:
    person = request.person or who
    with transaction(means.sessions) as session:
        row = streaks.one(session, request.streak_id)
        must(session, who, "shifter", row.plot_type_id)
        now = datetime.now(UTC)
        number = streaks.comment(session, row.id, who=person, text=request.text, at=now)
        audit.write(
            session, who=person, what="comment", subject=row.plot_type,
            before={}, after={"streak": row.id, "text": request.text.strip()},
        )  # fmt: skip
    return Result(Done(sentence="The comment is kept.", id=number))


def _run_periods(means: Means) -> Result:
    with transaction(means.sessions) as session:
        return Result(RunPeriods(names=tuple(log.run_periods(session))))


# ---------------------------------------------------------------- the timeline


def _timeline(means: Means, request: GetTimeline) -> Result:
    with transaction(means.sessions) as session:
        classes = history.classes_of(session, request.plot_type_id)
        since, until = _stretch(session, request)
        told_as, steps = history.series(session, request.plot_type_id, since, until)
        changes = history.model_changes(session, request.plot_type_id, since, until)
        before = history.model_before(session, request.plot_type_id, since)
        off = conditions.beam_off(session, since, until)
    severities = {name: Severity(severity) for name, severity in classes}
    return Result(
        Timeline(
            plot_type_id=request.plot_type_id,
            step=told_as,
            since=since,
            until=until,
            times=tuple(step.at.timestamp() for step in steps),
            runs=tuple(step.run for step in steps),
            chunks=tuple(step.chunk for step in steps),
            hashes=tuple(step.picture_hash for step in steps),
            labels=tuple(step.label for step in steps),
            confirmed=tuple(step.confirmed for step in steps),
            pictures=tuple(step.pictures for step in steps),
            noteworthy=tuple(step.noteworthy for step in steps),
            curves=tuple(
                _curve(name, severities.get(name, Severity.NEUTRAL), steps, told_as == "point")
                for name in _classes(classes, steps)
            ),
            switches=_switches(before, changes),
            changes=_changes(classes, steps),
            beam_off=tuple((begin.timestamp(), end.timestamp()) for begin, end in off),
        )
    )


def _stretch(session: Session, request: GetTimeline) -> tuple[datetime, datetime]:
    if request.first_run is not None or request.last_run is not None:
        first = request.first_run if request.first_run is not None else 0
        last = request.last_run if request.last_run is not None else 2**31 - 1
        span = history.runs_span(session, first, last)
        if span is None:
            raise ValueError(f"there are no runs from {first} to {last}")
        return span
    until = request.until or history.newest(session, request.plot_type_id) or datetime.now(UTC)
    since = request.since or until - A_DAY
    if since > until:
        raise ValueError("the time ends before it begins")
    return since, until


def _classes(classes: Classes, steps: Sequence[Step]) -> list[str]:
    """Those of the plot type in its order, then others that a model of the past knew."""
    seen = dict.fromkeys(name for step in steps for name in step.confidences)
    known = [name for name, _ in classes if name in seen]
    return [*known, *(name for name in seen if name not in known)]


def _curve(name: str, severity: Severity, steps: Sequence[Step], points: bool) -> Curve:
    parts = [step.confidences.get(name) for step in steps]
    return Curve(
        name=name,
        severity=severity,
        mean=tuple(_rounded(part, 1) for part in parts),
        low=() if points else tuple(_rounded(part, 0) for part in parts),
        high=() if points else tuple(_rounded(part, 2) for part in parts),
        threshold=tuple(step.thresholds.get(name) for step in steps),
    )


def _rounded(part: tuple[float, float, float] | None, which: int) -> float | None:
    return None if part is None else round(part[which], 4)


def _switches(before: str, changes: Sequence[history.ModelChange]) -> tuple[ModelSwitch, ...]:
    made = []
    for each in changes:
        made.append(
            ModelSwitch(
                at=each.at, before=before, after=each.model, who=each.who, reason=each.reason
            )
        )
        before = each.model
    return tuple(made)


def _changes(classes: Classes, steps: Sequence[Step]) -> tuple[ChangePoint, ...]:
    """Of the plot type's good class: what people ask is when a plot stopped looking good."""
    good = next((name for name, severity in classes if severity == "good"), None)
    told = [step for step in steps if good in step.confidences]
    if good is None or not told:
        return ()
    values = np.array([step.confidences[good][1] for step in told])
    return tuple(
        ChangePoint(
            at=told[change.index].at,
            label=good,
            before=round(change.before, 3),
            after=round(change.after, 3),
            sentence=f"{good} {'fell' if change.after < change.before else 'rose'} here"
            f" from {change.before:.0%} to {change.after:.0%}.",
        )
        for change in change_points(values)
    )
