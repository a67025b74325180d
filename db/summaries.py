"""Verdicts summed up in hours, days and runs, as they come, in the transaction that stores them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from sqlalchemy import Table, bindparam, select, tuple_, update
from sqlalchemy.orm import Session

from db import inserts
from db.episodes import noteworthy
from db.tables.records import HistoryRow, RunHistoryRow
from db.values import NewInference

HOUR, DAY = "hour", "day"

Key = tuple[Any, ...]  # plot type, span, start; or plot type, run
Kind: TypeAlias = type[HistoryRow] | type[RunHistoryRow]
Wanted: TypeAlias = dict[Key, list[NewInference]]


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


def add(
    session: Session, verdicts: Sequence[NewInference], runs: Mapping[tuple[str, int], int]
) -> None:
    """Take fresh verdicts into their hours, days and runs, in the transaction that stores them.

    ``runs``: the ids of their runs, by run period and number.
    """
    spans: Wanted = {}
    of_runs: Wanted = {}
    for verdict in verdicts:
        for key in _spans(verdict):
            spans.setdefault(key, []).append(verdict)
        run = runs[verdict.run_period, verdict.run]
        of_runs.setdefault((verdict.plot_type_id, run), []).append(verdict)
    _add(session, HistoryRow, ("plot_type_id", "span", "start"), spans)
    _add(session, RunHistoryRow, ("plot_type_id", "run_id"), of_runs)


def _spans(verdict: NewInference) -> Iterable[Key]:
    hour = verdict.judged_at.replace(minute=0, second=0, microsecond=0)
    yield (verdict.plot_type_id, HOUR, hour)
    yield (verdict.plot_type_id, DAY, hour.replace(hour=0))


def _add(session: Session, kind: Kind, columns: Sequence[str], wanted: Wanted) -> None:
    """The rows of ``kind`` that ``columns`` name."""
    rows = _locked(session, kind, columns, list(wanted))
    if missing := sorted(key for key in wanted if key not in rows):
        new = [
            dict(zip(columns, key, strict=True)) | _values(Summary(first.run, first.run))
            for key, first in ((key, wanted[key][0]) for key in missing)
        ]
        inserts.missing(session, kind, new)
        rows |= _locked(session, kind, columns, missing)
    changed = []
    for key, each in wanted.items():
        number, summary = rows[key]
        for verdict in each:
            summary.take(verdict)
        changed.append({"number": number, **_values(summary)})
    if changed:
        table = cast(Table, kind.__table__)
        session.execute(update(table).where(table.c.id == bindparam("number")), changed)


def _values(summary: Summary) -> dict[str, Any]:
    return {name: getattr(summary, name) for name in Summary.__slots__}


def _locked(
    session: Session, kind: Kind, columns: Sequence[str], keys: Sequence[Key]
) -> dict[Key, tuple[int, Summary]]:
    found: dict[Key, tuple[int, Summary]] = {}
    named = tuple_(*(getattr(kind, name) for name in columns))
    for begin in range(0, len(keys), 300):
        query = select(kind).where(named.in_(keys[begin : begin + 300])).with_for_update()
        rows: Iterable[HistoryRow | RunHistoryRow] = session.scalars(
            query.execution_options(populate_existing=True)
        )
        for row in rows:
            key = tuple(getattr(row, name) for name in columns)
            held = Summary(row.first_run, row.last_run, row.pictures, row.noteworthy,
                           dict(row.classes), dict(row.labels), row.thresholds, row.model_id)  # fmt: skip
            found[key] = (row.id, held)
    return found
