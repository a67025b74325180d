"""Runs, as seen through their pictures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import pictures
from db.tables.plots import RunRow
from db.values import NewInference


def saw(session: Session, batch: Sequence[NewInference]) -> None:
    """Note when each run of the batch was seen first and last."""
    times: dict[tuple[str, int], list[datetime]] = {}
    for each in batch:
        times.setdefault((each.run_period, each.run), []).append(each.judged_at)
    periods = pictures.run_periods(session, {period for period, _ in times})
    for (period, number), seen in times.items():
        row = session.scalars(
            select(RunRow).where(RunRow.run_period_id == periods[period], RunRow.number == number)
        ).first()
        if row is None:
            row = RunRow(
                run_period_id=periods[period],
                number=number,
                first_seen=min(seen),
                last_seen=max(seen),
            )
            session.add(row)
        row.first_seen = min(row.first_seen, *seen)
        row.last_seen = max(row.last_seen, *seen)
    session.flush()
