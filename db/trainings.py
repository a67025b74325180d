"""Trainings that were asked for: a queue that survives a restart."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from db.tables.models import TrainingJobRow
from db.tables.plots import PlotTypeRow
from db.values import TrainingJob


def queue(session: Session, plot_type_id: int, *, who: str, settings: dict[str, Any]) -> int:
    """Ask for a training. Raises KeyError: no such plot type."""
    if session.get(PlotTypeRow, plot_type_id) is None:
        raise KeyError(f"there is no plot type {plot_type_id}")
    now = datetime.now(UTC)
    row = TrainingJobRow(
        plot_type_id=plot_type_id, who=who, settings=settings, state="waiting",
        sentence="Waits for its turn.", fraction=0.0, asked_at=now, moved_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def take(session: Session) -> TrainingJob | None:
    """The oldest one that waits, now running; None where there is none. No two callers get the same."""
    waiting = select(TrainingJobRow.id).where(TrainingJobRow.state == "waiting")
    while (oldest := session.scalar(waiting.order_by(TrainingJobRow.id).limit(1))) is not None:
        claim = (
            update(TrainingJobRow)
            .where(TrainingJobRow.id == oldest, TrainingJobRow.state == "waiting")
            .values(state="running", moved_at=datetime.now(UTC))
        )
        if cast(CursorResult[Any], session.execute(claim)).rowcount:
            return _job(session, session.get_one(TrainingJobRow, oldest))
    return None


def put_back(session: Session) -> int:
    """Trainings that a killed trainer left running wait again. Returns how many."""
    rows = session.scalars(select(TrainingJobRow).where(TrainingJobRow.state == "running")).all()
    for row in rows:
        row.state, row.sentence = "waiting", "Starts again: the trainer was interrupted."
    session.flush()
    return len(rows)


def move(
    session: Session,
    job_id: int,
    *,
    state: str,
    sentence: str,
    fraction: float,
    model_id: int | None = None,
) -> None:
    """Note how a training stands. Raises KeyError: no such training."""
    row = session.get(TrainingJobRow, job_id)
    if row is None:
        raise KeyError(f"there is no training {job_id}")
    row.state, row.sentence, row.fraction = state, sentence, fraction
    row.model_id, row.moved_at = model_id, datetime.now(UTC)
    session.flush()


def recent(session: Session, limit: int = 50) -> list[TrainingJob]:
    """The newest trainings."""
    rows = session.scalars(select(TrainingJobRow).order_by(TrainingJobRow.id.desc()).limit(limit))
    return [_job(session, row) for row in rows]


def _job(session: Session, row: TrainingJobRow) -> TrainingJob:
    plot_type = session.get_one(PlotTypeRow, row.plot_type_id)
    return TrainingJob(
        id=row.id,
        plot_type_id=row.plot_type_id,
        plot_type=plot_type.name,
        who=row.who,
        settings=dict(row.settings),
        state=row.state,
        sentence=row.sentence,
        fraction=row.fraction,
        model_id=row.model_id,
        asked_at=row.asked_at,
    )
