"""Trainings that were asked for: a queue that survives a restart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from db import audit
from db.tables.models import TrainingJobRow
from db.tables.plots import PlotTypeRow
from db.values import TrainingJob


def queue(session: Session, plot_type_id: int, *, who: str, settings: dict[str, Any]) -> int:
    """Ask for a training, with an audit entry. Raises KeyError: no such plot type."""
    if (kind := session.get(PlotTypeRow, plot_type_id)) is None:
        raise KeyError(f"there is no plot type {plot_type_id}")
    now = datetime.now(UTC)
    row = TrainingJobRow(
        plot_type_id=plot_type_id, who=who, settings=settings, state="waiting",
        sentence="Waits for its turn.", fraction=0.0, asked_at=now, moved_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.write(
        session, who=who, what="training", subject=kind.name, before={},
        after={"training": row.id, **settings},
    )  # fmt: skip
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
    """Trainings that a killed trainer left running wait again. Returns how many.

    One that was to be stopped meanwhile is stopped now.
    """
    rows = session.scalars(select(TrainingJobRow).where(TrainingJobRow.state == "running")).all()
    for row in rows:
        if row.wish:
            _stop(row, "Stopped while the trainer was away.")
        else:
            row.state, row.sentence = "waiting", "Goes on soon: the trainer was interrupted."
    session.flush()
    return len(rows)


def wish(session: Session, job_id: int, what: str, who: str) -> TrainingJob:
    """Ask a training to "stop", or to "keep" the best model so far and stop, with an audit entry; how it stands then.

    One that still waits is stopped at once. Raises KeyError: no such training; ValueError: it has
    ended, or there is no such wish.
    """
    if what not in {"stop", "keep"}:
        raise ValueError(f"a training can be asked to stop or to keep, not to {what}")
    row = session.get(TrainingJobRow, job_id, with_for_update=True)
    if row is None:
        raise KeyError(f"there is no training {job_id}")
    if row.state not in {"waiting", "running"}:
        raise ValueError(f"training {job_id} has ended: {row.state}")
    audit.write(
        session, who=who, what="training",
        subject=session.get_one(PlotTypeRow, row.plot_type_id).name,
        before={"training": job_id, "state": row.state}, after={"wish": what},
    )  # fmt: skip
    row.wish = what
    if row.state == "waiting":
        _stop(row, f"Stopped by {who} before it began.")
    session.flush()
    return _job(session, row)


def wished(session: Session, job_id: int) -> Literal["", "stop", "keep"]:
    """What a person wants of a training."""
    found = session.scalar(select(TrainingJobRow.wish).where(TrainingJobRow.id == job_id))
    return "stop" if found == "stop" else "keep" if found == "keep" else ""


def move(
    session: Session,
    job_id: int,
    *,
    state: str,
    sentence: str,
    fraction: float,
    model_id: int | None = None,
    curve: Sequence[Sequence[float]] = (),
) -> None:
    """Note how a training stands. Raises KeyError: no such training."""
    row = session.get(TrainingJobRow, job_id)
    if row is None:
        raise KeyError(f"there is no training {job_id}")
    row.state, row.sentence, row.fraction = state, sentence, fraction
    row.model_id, row.moved_at = model_id, datetime.now(UTC)
    if curve:
        row.curve = [list(point) for point in curve]
    session.flush()


def _stop(row: TrainingJobRow, sentence: str) -> None:
    row.state, row.sentence, row.moved_at = "stopped", sentence, datetime.now(UTC)


def unfinished(session: Session) -> set[int]:
    """Ids of the trainings that wait or run."""
    states = TrainingJobRow.state.in_(("waiting", "running"))
    return set(session.scalars(select(TrainingJobRow.id).where(states)))


def one(session: Session, job_id: int) -> TrainingJob:
    """One training. Raises KeyError: there is none of this id."""
    row = session.get(TrainingJobRow, job_id)
    if row is None:
        raise KeyError(f"there is no training {job_id}")
    return _job(session, row)


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
        wish=row.wish,
        curve=tuple(tuple(point) for point in row.curve or ()),
    )
