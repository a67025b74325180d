"""Verdicts over time, read at whatever zoom a person looks with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.summaries import DAY, HOUR
from db.tables.judging import InferenceRow
from db.tables.models import ActivationRow
from db.tables.plots import ClassRow, PictureRow, PlotTypeClassRow, PlotTypeRow, RunRow
from db.tables.records import HistoryRow, SummedUp

POINTS = 1000  # so many verdicts are shown one by one, more are summed up
Verdicts: TypeAlias = Select[*tuple[Any, ...]]
HOURS = timedelta(days=32)  # a longer time is shown in days


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One place on the axis: a verdict (``picture_hash``), an hour, a day or a run."""

    at: datetime
    run: int
    chunk: int = 0
    picture_hash: str = ""
    inference_id: int | None = None
    pictures: int = 1
    noteworthy: int = 0
    label: str  # the verdict; of several the most frequent
    confirmed: bool = True
    model_id: int | None
    confidences: dict[str, tuple[float, float, float]]  # least, mean, greatest of each class
    thresholds: dict[str, float]
    place: float | None = None  # by run (``db.run_axis``)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChange:
    """Another model became the live one."""

    at: datetime
    model_id: int | None  # None: no model
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Day:
    """The pictures of one day (UTC)."""

    start: datetime
    pictures: int
    noteworthy: int


def series(
    session: Session, plot_type_id: int, since: datetime, until: datetime, most: int = POINTS
) -> tuple[str, list[Step]]:
    """How closely it is told ("point", "hour", "day"), and the steps of ``since`` to ``until`` in order.

    At most ``most`` verdicts are told one by one.
    """
    coarse = HOUR if until - since <= HOURS else DAY
    if _pictures(session, plot_type_id, coarse, since, until) <= most:
        query = verdicts(plot_type_id).where(InferenceRow.judged_at.between(since, until))
        return "point", [step for _, step in read_points(session, query.limit(2 * most))]
    return coarse, spans(session, plot_type_id, coarse, since, until)


def classes_of(session: Session, plot_type_id: int) -> list[tuple[str, str]]:
    """Names and severities of a plot type's classes, in order. Raises KeyError: no such plot type."""
    if session.get(PlotTypeRow, plot_type_id) is None:
        raise KeyError(f"there is no plot type {plot_type_id}")
    query = (
        select(ClassRow.name, ClassRow.severity)
        .join(PlotTypeClassRow, PlotTypeClassRow.class_id == ClassRow.id)
        .where(PlotTypeClassRow.plot_type_id == plot_type_id)
        .order_by(PlotTypeClassRow.position, PlotTypeClassRow.id)
    )
    return [(name, severity) for name, severity in session.execute(query)]


def runs_span(session: Session, first: int, last: int) -> tuple[datetime, datetime] | None:
    """From when to when the runs ``first`` to ``last`` were seen; None: there are no such runs."""
    query = select(func.min(RunRow.first_seen), func.max(RunRow.last_seen)).where(
        RunRow.number.between(first, last)
    )
    begin, end = session.execute(query).one()
    return None if begin is None or end is None else (begin, end)


def model_changes(
    session: Session, plot_type_id: int, since: datetime, until: datetime
) -> list[ModelChange]:
    """When another model became the live one, in order."""
    query = (
        select(ActivationRow.at, ActivationRow.model_id, ActivationRow.who, ActivationRow.reason)
        .where(ActivationRow.plot_type_id == plot_type_id)
        .where(ActivationRow.at.between(since, until))
        .order_by(ActivationRow.at, ActivationRow.id)
    )
    return [
        ModelChange(at=at, model_id=model_id, who=who, reason=reason)
        for at, model_id, who, reason in session.execute(query)
    ]


def model_before(session: Session, plot_type_id: int, at: datetime) -> int | None:
    """The model that was live at ``at``; None: there was none."""
    query = (
        select(ActivationRow.model_id)
        .where(ActivationRow.plot_type_id == plot_type_id, ActivationRow.at < at)
        .order_by(ActivationRow.at.desc(), ActivationRow.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def newest(session: Session, plot_type_id: int) -> datetime | None:
    """When the newest verdict of a plot type was given."""
    query = select(func.max(InferenceRow.judged_at)).where(
        InferenceRow.plot_type_id == plot_type_id
    )
    return session.scalar(query)


def calendar(session: Session, since: datetime) -> list[Day]:
    """The pictures of each day since ``since``, all plot types together; days without are left out."""
    query = (
        select(HistoryRow.start, func.sum(HistoryRow.pictures), func.sum(HistoryRow.noteworthy))
        .where(HistoryRow.span == DAY, HistoryRow.start >= since)
        .group_by(HistoryRow.start)
        .order_by(HistoryRow.start)
    )
    return [Day(start, int(all_), int(bad)) for start, all_, bad in session.execute(query)]


def _pictures(
    session: Session, plot_type_id: int, span: str, since: datetime, until: datetime
) -> int:
    length = timedelta(hours=1) if span == HOUR else timedelta(days=1)
    query = select(func.sum(HistoryRow.pictures)).where(
        HistoryRow.plot_type_id == plot_type_id,
        HistoryRow.span == span,
        HistoryRow.start > since - length,
        HistoryRow.start <= until,
    )
    return int(session.scalar(query) or 0)


def spans(
    session: Session, plot_type_id: int, span: str, since: datetime, until: datetime
) -> list[Step]:
    """The hours or days of a plot type that begin from ``since`` to ``until``, in order."""
    query = (
        select(HistoryRow.start, *sums(HistoryRow))
        .where(HistoryRow.plot_type_id == plot_type_id, HistoryRow.span == span)
        .where(HistoryRow.start.between(since, until))
        .order_by(HistoryRow.start)
    )
    return [summed_up(start, values) for start, *values in session.execute(query)]


def sums(kind: type[SummedUp]) -> tuple[InstrumentedAttribute[Any], ...]:
    """The columns that ``summed_up`` reads: whole rows would cost twice as much."""
    return (
        kind.first_run, kind.pictures, kind.noteworthy, kind.classes, kind.labels, kind.thresholds,
        kind.model_id,
    )  # fmt: skip


def summed_up(at: datetime, values: Sequence[Any], place: float | None = None) -> Step:
    """An hour, a day or a run as a step."""
    run, pictures, bad, classes, labels, thresholds, model_id = values
    return Step(
        at=at,
        run=run,
        pictures=pictures,
        noteworthy=bad,
        label=max(labels, key=lambda name: (labels[name], name), default=""),
        model_id=model_id,
        confidences={
            name: (low, total / count, high) for name, (count, low, high, total) in classes.items()
        },
        thresholds=thresholds,
        place=place,
    )


def verdicts(plot_type_id: int) -> Verdicts:
    """The verdicts of a plot type in the order of judging; ``read_points`` reads them."""
    row = InferenceRow
    return (
        select(
            row.judged_at, row.run, row.chunk, PictureRow.picture_hash, row.id, row.noteworthy,
            row.label, row.confirmed, row.model_id, row.scores, row.thresholds,
            PictureRow.run_period_id,
        )
        .join(PictureRow, PictureRow.id == row.picture_id)
        .where(row.plot_type_id == plot_type_id)
        .order_by(row.judged_at, row.id)
    )  # fmt: skip


def read_points(session: Session, query: Verdicts) -> list[tuple[int, Step]]:
    """Each verdict, and the id of its run period."""
    return [
        (
            period,
            Step(
                at=at,
                run=run,
                chunk=chunk,
                picture_hash=picture,
                inference_id=number,
                noteworthy=int(bad),
                label=label,
                confirmed=confirmed,
                model_id=model_id,
                confidences={name: (sure, sure, sure) for name, sure in scores.items()},
                thresholds=thresholds,
            ),
        )
        for at, run, chunk, picture, number, bad, label, confirmed, model_id, scores, thresholds,
        period in session.execute(query)
    ]  # fmt: skip
