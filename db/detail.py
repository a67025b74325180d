"""What the detail view and the frozen run page ask: verdicts around a moment, a reference, runs."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.inferences import joined, read
from db.tables.judging import EpisodeRow, InferenceRow
from db.tables.models import ThresholdRow
from db.tables.people import CurrentLabelRow
from db.tables.plots import PictureRow, PlotTypeRow, RunPeriodRow, RunRow
from db.values import Inference, Run, Streak, Threshold


def around(
    session: Session, plot_type_id: int, at: datetime | None, before: int, after: int
) -> list[Inference]:
    """The ``before`` newest verdicts up to ``at`` (None: now) and the ``after`` next ones, oldest first."""
    query = joined().where(InferenceRow.plot_type_id == plot_type_id)
    newest_first = (InferenceRow.judged_at.desc(), InferenceRow.id.desc())
    earlier = query if at is None else query.where(InferenceRow.judged_at <= at)
    found = read(session, earlier.order_by(*newest_first).limit(before))[::-1] if before else []
    if at is not None and after:
        later = query.where(InferenceRow.judged_at > at)
        found += read(session, later.order_by(InferenceRow.judged_at, InferenceRow.id).limit(after))
    return found


def strips(session: Session, length: int) -> dict[int, list[tuple[datetime, str, bool, bool]]]:
    """By plot type, oldest first: when, severity, confirmed, whether a model judged.

    One small look into an index for each plot type: quicker than ranking a table of a year.
    """
    found = {}
    for number in session.scalars(select(PlotTypeRow.id).where(~PlotTypeRow.ignored)):
        rows = session.execute(
            select(
                InferenceRow.judged_at,
                InferenceRow.severity,
                InferenceRow.confirmed,
                InferenceRow.model_id,
            )
            .where(InferenceRow.plot_type_id == number)
            .order_by(InferenceRow.judged_at.desc(), InferenceRow.id.desc())
            .limit(length)
        ).all()
        found[number] = [(at, how, sure, model is not None) for at, how, sure, model in rows][::-1]
    return found


def reference(session: Session, plot_type_id: int, before: datetime | None) -> Inference | None:
    """The last confirmed Good verdict whose picture is kept; None: there was none yet.

    What was judged with a mask counts not: the known problem is still in its picture.
    """
    query = joined().where(
        InferenceRow.plot_type_id == plot_type_id,
        InferenceRow.severity == "good",
        InferenceRow.confirmed,
        InferenceRow.masked.is_(None),
        PictureRow.stored,
    )
    if before is not None:
        query = query.where(InferenceRow.judged_at < before)
    order = (InferenceRow.judged_at.desc(), InferenceRow.id.desc())
    return next(iter(read(session, query.order_by(*order).limit(1))), None)


def of_picture(session: Session, plot_type_id: int, picture_hash: str) -> Inference | None:
    """The live verdict on a picture; None: it has none."""
    query = joined().where(
        InferenceRow.plot_type_id == plot_type_id, PictureRow.picture_hash == picture_hash
    )
    return next(iter(read(session, query.order_by(InferenceRow.id.desc()).limit(1))), None)


def of_run(session: Session, run: int, run_period: str) -> list[Inference]:
    """The last verdict of each plot type in one run."""
    last = (
        select(func.max(InferenceRow.id))
        .join(PictureRow, PictureRow.id == InferenceRow.picture_id)
        .join(RunPeriodRow, RunPeriodRow.id == PictureRow.run_period_id)
        .where(InferenceRow.run == run, RunPeriodRow.name == run_period)
        .group_by(InferenceRow.plot_type_id)
    )
    ids = session.scalars(last).all()
    return read(
        session, joined().where(InferenceRow.id.in_(ids)).order_by(InferenceRow.plot_type_id)
    )


def runs(session: Session, limit: int, up_to: int | None = None) -> list[Run]:
    """The runs seen last, newest first; or those with numbers up to ``up_to``, highest first."""
    query = select(RunRow, RunPeriodRow.name).join(
        RunPeriodRow, RunPeriodRow.id == RunRow.run_period_id
    )
    if up_to is None:
        query = query.order_by(RunRow.last_seen.desc(), RunRow.id.desc()).limit(limit)
    else:
        below = query.where(RunRow.number <= up_to)
        query = below.order_by(RunRow.number.desc(), RunRow.id.desc()).limit(limit)
    return [
        Run(
            number=row.number, run_period=period, first_seen=row.first_seen, last_seen=row.last_seen
        )
        for row, period in session.execute(query)
    ]


def thresholds(session: Session, model_id: int) -> list[Threshold]:
    """The thresholds in force, with who set them and when."""
    newest = (
        select(func.max(ThresholdRow.id))
        .where(ThresholdRow.model_id == model_id)
        .group_by(ThresholdRow.class_name)
    )
    rows = session.scalars(
        select(ThresholdRow).where(ThresholdRow.id.in_(newest)).order_by(ThresholdRow.class_name)
    )
    return [
        Threshold(
            class_name=row.class_name,
            value=row.threshold,
            method=row.method,
            who=row.who,
            at=row.at,
        )
        for row in rows
    ]


def label_of(session: Session, picture_id: int) -> tuple[str, str]:
    """The label that counts and who gave it; two empty words for none, "Disputed" where people differ."""
    row = session.get(CurrentLabelRow, picture_id)
    return ("", "") if row is None else (row.class_name or "Disputed", row.who)


def streak(session: Session, verdict: Inference) -> Streak | None:
    """The streak of noteworthy verdicts that a verdict is in; None: it stands in none."""
    row = session.scalars(
        select(EpisodeRow)
        .where(
            EpisodeRow.plot_type_id == verdict.plot_type_id,
            EpisodeRow.first_inference_id <= verdict.id,
            EpisodeRow.last_inference_id >= verdict.id,
            EpisodeRow.label == verdict.label,
            EpisodeRow.confirmed == verdict.confirmed,
        )
        .limit(1)
    ).first()
    return None if row is None else Streak(length=row.length, since=row.first_at)


def bad_since(session: Session, plot_type_id: int, now: datetime, days: int = 7) -> int:
    """How many streaks of confirmed Bad there were in the last ``days``."""
    return (
        session.scalar(
            select(func.count(EpisodeRow.id)).where(
                EpisodeRow.plot_type_id == plot_type_id,
                EpisodeRow.last_at >= now - timedelta(days=days),
                EpisodeRow.severity == "bad",
                EpisodeRow.confirmed,
            )
        )
        or 0
    )
