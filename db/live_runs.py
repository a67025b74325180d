"""A model's live verdicts in its last runs."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from db.tables.judging import InferenceRow
from db.tables.models import ModelRow

Live: TypeAlias = tuple[int, datetime, str, float]  # run, time, class, confidence


def live_of_last_runs(session: Session, model_id: int, runs: int) -> list[Live]:
    """Run, time, class and confidence of the model's live verdicts in its last ``runs`` runs."""
    plot_type_id = session.scalar(select(ModelRow.plot_type_id).where(ModelRow.id == model_id))
    mine = and_(InferenceRow.plot_type_id == plot_type_id, InferenceRow.model_id == model_id)
    numbers: list[int] = []
    # One by one from the newest, each by index: grouping would read all that the model ever judged.
    newest = select(InferenceRow.run).where(mine).order_by(InferenceRow.judged_at.desc()).limit(1)
    while len(numbers) < runs:
        number = session.scalar(newest.where(InferenceRow.run.not_in(numbers)))
        if number is None:
            break
        numbers.append(number)
    query = (
        select(
            InferenceRow.run, InferenceRow.judged_at, InferenceRow.label, InferenceRow.confidence
        )
        .where(mine, InferenceRow.run.in_(numbers))
        .order_by(InferenceRow.judged_at, InferenceRow.id)
    )
    return [(run, at, label, sure) for run, at, label, sure in session.execute(query)]
