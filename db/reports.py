"""Training reports: a model's mistakes on validation pictures, as questions to the expert."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from db.tables.models import (
    TrainingReportElementRow,
    TrainingReportResponseRow,
    TrainingReportRow,
)
from db.tables.people import CurrentLabelRow
from db.tables.plots import PictureRow, RunPeriodRow
from db.values import Mistake


@dataclass(frozen=True, slots=True)
class Given:
    """An answer to a question."""

    who: str
    class_name: str
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """A validation picture that the model took for something else, and what people answered."""

    picture_id: int
    picture_hash: str
    run_period: str
    run: int
    chunk: int
    said: str
    confidence: float
    labelled: str  # when the model was trained
    now: str  # its label now; empty: none
    labelled_by: str
    answers: tuple[Given, ...]  # the oldest first


def make(session: Session, model_id: int, mistakes: Sequence[Mistake], at: datetime) -> int:
    """Id of the report on a fresh model; one without mistakes is a report too."""
    row = TrainingReportRow(model_id=model_id, made_at=at)
    session.add(row)
    session.flush()
    if mistakes:
        session.execute(
            insert(TrainingReportElementRow),
            [
                {
                    "report_id": row.id,
                    "picture_id": each.picture_id,
                    "said": each.said,
                    "labelled": each.labelled,
                    "confidence": each.confidence,
                }
                for each in mistakes
            ],
        )
    return row.id


def mistakes(session: Session, model_id: int) -> list[Mistake]:
    """What the report on a model asks, the surest mistakes first; empty without a report."""
    query = (
        select(TrainingReportElementRow)
        .join(TrainingReportRow, TrainingReportRow.id == TrainingReportElementRow.report_id)
        .where(TrainingReportRow.model_id == model_id)
        .order_by(TrainingReportElementRow.confidence.desc(), TrainingReportElementRow.id)
    )
    return [
        Mistake(row.picture_id, row.said, row.labelled, row.confidence)
        for row in session.scalars(query)
    ]


def answer(
    session: Session, picture_id: int, class_name: str, *, who: str, comment: str, at: datetime
) -> int:
    """A person says what a picture shows: that answers every report that asks about it.

    The same answer again changes nothing. Returns how many questions it answered.
    """
    asked = session.scalars(
        select(TrainingReportElementRow.id).where(TrainingReportElementRow.picture_id == picture_id)
    ).all()
    known = select(TrainingReportResponseRow.element_id).where(
        TrainingReportResponseRow.element_id.in_(asked),
        TrainingReportResponseRow.who == who,
        TrainingReportResponseRow.class_name == class_name,
        TrainingReportResponseRow.at == at,
    )
    fresh = set(asked) - set(session.scalars(known)) if asked else set()
    for element in sorted(fresh):
        session.add(
            TrainingReportResponseRow(
                element_id=element, who=who, class_name=class_name, comment=comment, at=at
            )
        )
    session.flush()
    return len(fresh)


def counts(session: Session, model_id: int) -> tuple[int, int]:
    """How many questions the report on a model asks, and how many of them are answered."""
    asked = (
        select(TrainingReportElementRow.id)
        .join(TrainingReportRow, TrainingReportRow.id == TrainingReportElementRow.report_id)
        .where(TrainingReportRow.model_id == model_id)
    )
    answered = select(func.count(func.distinct(TrainingReportResponseRow.element_id))).where(
        TrainingReportResponseRow.element_id.in_(asked)
    )
    total = session.scalar(select(func.count()).select_from(asked.subquery())) or 0
    return total, session.scalar(answered) or 0


def questions(session: Session, model_id: int, *, offset: int, limit: int) -> list[Question]:
    """A page of the report on a model, the surest mistakes first, with all answers."""
    rows = session.execute(
        select(TrainingReportElementRow, PictureRow, RunPeriodRow.name, CurrentLabelRow)
        .join(TrainingReportRow, TrainingReportRow.id == TrainingReportElementRow.report_id)
        .join(PictureRow, PictureRow.id == TrainingReportElementRow.picture_id)
        .join(RunPeriodRow, RunPeriodRow.id == PictureRow.run_period_id)
        .outerjoin(CurrentLabelRow, CurrentLabelRow.picture_id == PictureRow.id)
        .where(TrainingReportRow.model_id == model_id)
        .order_by(TrainingReportElementRow.confidence.desc(), TrainingReportElementRow.id)
        .offset(offset)
        .limit(limit)
    ).all()
    given = _given(session, [element.id for element, *_ in rows])
    return [
        Question(
            picture.id, picture.picture_hash, period, picture.run, picture.chunk,
            element.said, element.confidence, element.labelled,
            (label.class_name or "") if label else "", label.who if label else "",
            tuple(given[element.id]),
        )
        for element, picture, period, label in rows
    ]  # fmt: skip


def _given(session: Session, elements: Sequence[int]) -> dict[int, list[Given]]:
    found: dict[int, list[Given]] = defaultdict(list)
    query = select(TrainingReportResponseRow).where(
        TrainingReportResponseRow.element_id.in_(elements)
    )
    for row in session.scalars(query.order_by(TrainingReportResponseRow.id)):
        found[row.element_id].append(Given(row.who, row.class_name, row.comment, row.at))
    return found
