"""Runs, as seen through their pictures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from db import inserts, pictures
from db.tables.plots import RunRow
from db.values import NewInference


def saw(session: Session, batch: Sequence[NewInference]) -> None:
    """Note when each run of the batch was seen first and last."""
    periods = pictures.run_periods(session, {each.run_period for each in batch})
    times: dict[tuple[int, int], list[datetime]] = {}
    for each in batch:
        times.setdefault((periods[each.run_period], each.run), []).append(each.judged_at)
    query = select(RunRow).where(tuple_(RunRow.run_period_id, RunRow.number).in_(list(times)))
    for row in session.scalars(query):
        seen = times.pop((row.run_period_id, row.number))
        row.first_seen, row.last_seen = min(row.first_seen, *seen), max(row.last_seen, *seen)
    session.flush()
    new = [
        {"run_period_id": period, "number": number, "first_seen": min(seen), "last_seen": max(seen)}
        for (period, number), seen in times.items()
    ]
    inserts.missing(session, RunRow, new)
