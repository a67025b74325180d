"""Verdicts summed up in hours and days, as they come, in the transaction that stores them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, tuple_, update
from sqlalchemy.orm import Session

from db import inserts
from db.episodes import noteworthy
from db.tables.records import HistoryRow
from db.values import NewInference

HOUR, DAY = "hour", "day"

Key = tuple[int, str, datetime]  # plot type, span, start


@dataclass(slots=True)
class Summary:
    """Some verdicts of one plot type, summed up."""

    first_run: int
    last_run: int
    pictures: int = 0
    noteworthy: int = 0
    classes: dict[str, Any] = field(default_factory=dict)  # name: [count, least, greatest, sum]
    labels: dict[str, Any] = field(default_factory=dict)
    thresholds: dict[str, float] = field(default_factory=dict)
    model_id: int | None = None

    def take(self, verdict: NewInference) -> None:
        """One verdict more; verdicts come in the order of judging."""
        self.first_run = min(self.first_run, verdict.run)
        self.last_run = max(self.last_run, verdict.run)
        self.pictures += 1
        self.noteworthy += noteworthy(verdict)
        self.labels[verdict.label] = self.labels.get(verdict.label, 0) + 1
        self.thresholds, self.model_id = verdict.thresholds, verdict.model_id
        for name, sure in verdict.scores.items():
            count, low, high, total = self.classes.get(name, (0, 1.0, 0.0, 0.0))
            self.classes[name] = [count + 1, min(low, sure), max(high, sure), total + sure]


def add(session: Session, verdicts: Sequence[NewInference]) -> None:
    """Take fresh verdicts into their hours and days, in the transaction that stores them."""
    wanted: dict[Key, list[NewInference]] = {}
    for verdict in verdicts:
        for key in _keys(verdict):
            wanted.setdefault(key, []).append(verdict)
    rows = _locked(session, list(wanted))
    if missing := [key for key in wanted if key not in rows]:
        inserts.missing(
            session, HistoryRow, [_new(key, wanted[key][0].run) for key in sorted(missing)]
        )
        rows |= _locked(session, missing)
    changed = []
    for key, each in wanted.items():
        number, summary = rows[key]
        for verdict in each:
            summary.take(verdict)
        changed.append({"number": number, **_values(summary)})
    if changed:
        table = cast(Table, HistoryRow.__table__)
        session.execute(update(table).where(table.c.id == bindparam("number")), changed)


def _keys(verdict: NewInference) -> Iterable[Key]:
    hour = verdict.judged_at.replace(minute=0, second=0, microsecond=0)
    yield (verdict.plot_type_id, HOUR, hour)
    yield (verdict.plot_type_id, DAY, hour.replace(hour=0))


def _new(key: Key, run: int) -> dict[str, Any]:
    plot_type_id, span, start = key
    about = {"plot_type_id": plot_type_id, "span": span, "start": start}
    return about | _values(Summary(run, run))


def _values(summary: Summary) -> dict[str, Any]:
    return {name: getattr(summary, name) for name in Summary.__slots__}


def _locked(session: Session, keys: Sequence[Key]) -> dict[Key, tuple[int, Summary]]:
    found: dict[Key, tuple[int, Summary]] = {}
    columns = tuple_(HistoryRow.plot_type_id, HistoryRow.span, HistoryRow.start)
    for begin in range(0, len(keys), 300):
        query = select(HistoryRow).where(columns.in_(keys[begin : begin + 300])).with_for_update()
        for row in session.scalars(query.execution_options(populate_existing=True)):
            key = (row.plot_type_id, row.span, row.start)
            held = Summary(row.first_run, row.last_run, row.pictures, row.noteworthy,
                           dict(row.classes), dict(row.labels), row.thresholds, row.model_id)  # fmt: skip
            found[key] = (row.id, held)
    return found
