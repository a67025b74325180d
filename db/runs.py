"""Runs, as seen through their pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from db import inserts, pictures
from db.tables.plots import RunRow
from db.values import NewInference

Key = tuple[int, int]  # run period and number


def saw(session: Session, batch: Sequence[NewInference]) -> dict[tuple[str, int], int]:
    """Note when each run of the batch was seen first and last, and how far it came.

    Their ids, by run period and number.
    """
    periods = pictures.run_periods(session, {each.run_period for each in batch})
    seen: dict[Key, list[NewInference]] = {}
    for each in batch:
        seen.setdefault((periods[each.run_period], each.run), []).append(each)
    rows = _known(session, seen)
    for key, row in rows.items():
        times = [each.judged_at for each in seen[key]]
        row.first_seen, row.last_seen = min(row.first_seen, *times), max(row.last_seen, *times)
        row.last_chunk = max(row.last_chunk, *(each.chunk for each in seen[key]))
    session.flush()
    if new := {key: seen[key] for key in seen if key not in rows}:
        inserts.missing(session, RunRow, [_new(key, each) for key, each in new.items()])
        rows |= _known(session, new)
    return {
        (each.run_period, each.run): rows[periods[each.run_period], each.run].id for each in batch
    }


def _known(session: Session, keys: Iterable[Key]) -> dict[Key, RunRow]:
    query = select(RunRow).where(tuple_(RunRow.run_period_id, RunRow.number).in_(list(keys)))
    return {(row.run_period_id, row.number): row for row in session.scalars(query)}


def _new(key: Key, seen: Sequence[NewInference]) -> dict[str, Any]:
    period, number = key
    times = [each.judged_at for each in seen]
    return {
        "run_period_id": period,
        "number": number,
        "first_seen": min(times),
        "last_seen": max(times),
        "last_chunk": max(each.chunk for each in seen),
    }
