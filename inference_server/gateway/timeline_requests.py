"""The timeline: confidences of a plot type by time, or run by run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import numpy as np
from sqlalchemy.orm import Session

from db import conditions, history, run_axis
from db.history import Step
from db.run_axis import View
from db.session import transaction
from inference_server import run_places
from inference_server.changes import change_points
from inference_server.gateway.answers import Handlers, Means, Result
from inference_server.protocol.base import Severity
from inference_server.protocol.records import (
    ChangePoint,
    Curve,
    GetTimeline,
    ModelSwitch,
    RunMark,
    Timeline,
)

A_DAY = timedelta(days=1)
FARTHEST = 1e9  # places: more runs than anybody takes
Classes: TypeAlias = Sequence[tuple[str, str]]


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {GetTimeline: lambda request, _who: _timeline(means, request)}


@dataclass(frozen=True, slots=True)
class _Look:
    """What is looked at, and how closely it is told; ``shown``: by run."""

    since: datetime
    until: datetime
    told_as: str
    steps: list[Step]
    shown: View | None = None


def _timeline(means: Means, request: GetTimeline) -> Result:
    plot_type = request.plot_type_id
    with transaction(means.sessions) as session:
        classes = history.classes_of(session, plot_type)
        look = _by_run(session, request) if request.by_run else _by_time(session, request)
        changes = history.model_changes(session, plot_type, look.since, look.until)
        before = history.model_before(session, plot_type, look.since)
        off = conditions.beam_off(session, look.since, look.until)
    steps = look.steps
    severities = {name: Severity(severity) for name, severity in classes}
    return Result(
        Timeline(
            plot_type_id=plot_type,
            step=look.told_as,
            since=look.since,
            until=look.until,
            times=tuple(step.at.timestamp() for step in steps),
            runs=tuple(step.run for step in steps),
            chunks=tuple(step.chunk for step in steps),
            hashes=tuple(step.picture_hash for step in steps),
            labels=tuple(step.label for step in steps),
            confirmed=tuple(step.confirmed for step in steps),
            pictures=tuple(step.pictures for step in steps),
            noteworthy=tuple(step.noteworthy for step in steps),
            curves=tuple(
                _curve(name, severities.get(name, Severity.NEUTRAL), steps, look.told_as == "point")
                for name in _classes(classes, steps)
            ),
            switches=_switches(before, changes, look),
            changes=_changes(classes, steps),
            beam_off=tuple((begin.timestamp(), end.timestamp()) for begin, end in off),
            **_places(look, off),
        )
    )


def _by_time(session: Session, request: GetTimeline) -> _Look:
    since, until = _stretch(session, request)
    told_as, steps = history.series(session, request.plot_type_id, since, until)
    return _Look(since, until, told_as, steps)


def _by_run(session: Session, request: GetTimeline) -> _Look:
    first, last = request.first_place, request.last_place
    if first is None or last is None:
        first, last = run_axis.places_of(session, *_stretch(session, request))
    if not first < last:
        raise ValueError("the runs end before they begin")
    shown = run_axis.view(session, max(first, -FARTHEST), min(last, FARTHEST))
    told_as, steps = run_axis.series(session, request.plot_type_id, shown)
    now = datetime.now(UTC)
    since, until = shown.span or (now, now)
    return _Look(since, until, told_as, steps, shown)


def _places(look: _Look, off: Sequence[conditions.Stretch]) -> dict[str, Any]:
    """Where all of it stands, by run; nothing of it by time."""
    if (shown := look.shown) is None:
        return {}
    return {
        "by_run": True,
        "places": tuple(round(step.place or 0.0, 4) for step in look.steps),
        "first_place": shown.first,
        "last_place": shown.last,
        "run_marks": tuple(RunMark(place=each.place, run=each.run) for each in shown.marks),
        "off_places": tuple(run_places.stretches(shown, look.steps, off)),
    }


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


def _switches(
    before: int | None, changes: Sequence[history.ModelChange], look: _Look
) -> tuple[ModelSwitch, ...]:
    places: Sequence[float | None] = [None] * len(changes)
    if look.shown is not None:
        places = run_places.places(look.shown, look.steps, [each.at for each in changes])
    made = []
    for each, place in zip(changes, places, strict=True):
        made.append(
            ModelSwitch(
                at=each.at, before=_number(before), after=_number(each.model_id), who=each.who,
                reason=each.reason, place=place,
            )
        )  # fmt: skip
        before = each.model_id
    return tuple(made)


def _number(model_id: int | None) -> str:
    return "" if model_id is None else str(model_id)


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
            place=told[change.index].place,
            label=good,
            before=round(change.before, 3),
            after=round(change.after, 3),
            sentence=f"{good} {'fell' if change.after < change.before else 'rose'} here"
            f" from {round(100 * change.before)} % to {round(100 * change.after)} %.",
        )
        for change in change_points(values)
    )
