"""How a candidate in the shadow stands beside the live models, on the pictures that both judged."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from db.base import UtcDateTime
from db.tables.judging import EvaluationRow, InferenceRow
from db.tables.people import CurrentLabelRow
from db.tables.plots import ClassRow, PictureRow, RunPeriodRow


@dataclass(frozen=True, slots=True)
class Pair:
    """How often the live model said one thing while the candidate said the other."""

    live: str
    said: str
    count: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all pictures that both judged; ``calls`` are confirmed verdicts of a bad class."""

    since: datetime | None
    judged: int
    calls: int
    shadow_calls: int


@dataclass(frozen=True, slots=True)
class Labelled:
    """Of these pictures a person labelled ``count``; how many each got right."""

    count: int
    live_right: int
    shadow_right: int


@dataclass(frozen=True, slots=True)
class Differing:
    """A picture of which they say different things."""

    picture_id: int
    picture_hash: str
    run_period: str
    run: int
    chunk: int
    live: str
    live_confidence: float
    said: str
    confidence: float
    judged_at: datetime


def totals(
    session: Session, model_id: int, thresholds: Mapping[str, float], bad: Collection[str]
) -> Totals:
    """``thresholds``: of the candidate; ``bad``: the classes that call the shift."""
    live = case((and_(InferenceRow.severity == "bad", InferenceRow.confirmed), 1), else_=0)
    row = _both(
        model_id,
        func.min(InferenceRow.judged_at, type_=UtcDateTime()),
        func.count(),
        func.sum(live),
        func.sum(_would_call(thresholds, bad)),
    )
    since, judged, calls, shadow_calls = session.execute(row).one()
    return Totals(since, judged, int(calls or 0), int(shadow_calls or 0))


def _would_call(thresholds: Mapping[str, float], bad: Collection[str]) -> ColumnElement[int]:
    calling = [
        and_(EvaluationRow.label == name, EvaluationRow.confidence >= thresholds[name])
        for name in sorted(bad)
        if name in thresholds
    ]
    return case(*((each, 1) for each in calling), else_=0) if calling else func.abs(0)


def pairs(session: Session, model_id: int) -> list[Pair]:
    """What both said, the most frequent first."""
    query = _both(model_id, InferenceRow.label, EvaluationRow.label, func.count())
    query = query.group_by(InferenceRow.label, EvaluationRow.label).order_by(func.count().desc())
    return [Pair(live, said, count) for live, said, count in session.execute(query)]


def labelled(session: Session, model_id: int) -> Labelled:
    """Who was right, where a person said it later."""
    right = [
        func.sum(case((each == CurrentLabelRow.class_name, 1), else_=0))
        for each in (InferenceRow.label, EvaluationRow.label)
    ]
    query = (
        _both(model_id, func.count(), *right)
        .join(CurrentLabelRow, CurrentLabelRow.picture_id == EvaluationRow.picture_id)
        .join(ClassRow, and_(ClassRow.name == CurrentLabelRow.class_name, ClassRow.teaches))
    )
    count, live, shadow = session.execute(query).one()
    return Labelled(count, int(live or 0), int(shadow or 0))


def differing(session: Session, model_id: int, limit: int) -> list[Differing]:
    """The newest pictures on which they differ."""
    query = (
        _both(model_id, InferenceRow, EvaluationRow, PictureRow, RunPeriodRow.name)
        .join(PictureRow, PictureRow.id == EvaluationRow.picture_id)
        .join(RunPeriodRow, RunPeriodRow.id == PictureRow.run_period_id)
        .where(InferenceRow.label != EvaluationRow.label)
        .order_by(InferenceRow.judged_at.desc(), InferenceRow.id.desc())
        .limit(limit)
    )
    return [
        Differing(
            picture.id, picture.picture_hash, period, picture.run, picture.chunk,
            live.label, live.confidence, shadow.label, shadow.confidence, live.judged_at,
        )
        for live, shadow, picture, period in session.execute(query)
    ]  # fmt: skip


def _both(model_id: int, *columns: Any) -> Select[Any]:
    """Pictures that the candidate judged in the shadow and another model live."""
    return (
        select(*columns)
        .select_from(EvaluationRow)
        .join(InferenceRow, InferenceRow.picture_id == EvaluationRow.picture_id)
        .where(
            EvaluationRow.model_id == model_id,
            EvaluationRow.purpose == "shadow",
            InferenceRow.model_id.is_not(None),
            InferenceRow.model_id != model_id,
        )
    )
