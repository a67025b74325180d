"""Training reports: a model's mistakes on validation pictures, as questions to the expert."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.tables.models import TrainingReportElementRow, TrainingReportRow
from db.values import Mistake


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
