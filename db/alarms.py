"""Alarm states, their history, settings and shelves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from db import audit, inserts
from db.tables.alarms import AlarmEventRow, AlarmSettingsRow, AlarmShelfRow, AlarmStateRow
from db.tables.plots import PlotTypeRow

LARGEST_PAGE = 2500


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredState:
    """One line; ``state`` is all of it, as the server wants it back."""

    plot_type: str
    chunked: bool
    line: str
    condition: str
    severity: str
    since: datetime | None
    state: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """One event of the history."""

    uid: str
    at: datetime
    kind: str
    plot_type: str
    chunked: bool
    line: str
    severity: str
    condition: str
    sentence: str = ""
    who: str = ""
    why: str = ""
    run: int = 0
    chunk: int = 0
    picture_hash: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredShelf:
    """A shelf that begins with event ``uid``, or (``ended_at``) ends."""

    uid: str
    plot_type: str
    chunked: bool
    line: str
    who: str
    why: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which events: newest first, ``before`` an id for the next page."""

    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    kinds: tuple[str, ...] = ()
    before: int | None = None
    limit: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSettings:
    """When a plot type alarms."""

    on_count: int
    on_of: int
    off_count: int
    off_of: int
    latch: bool
    beam_minimum: float | None
    run_needed: bool
    watch_supply: bool
    chatter_raises: int
    chatter_s: float


def states(session: Session) -> list[StoredState]:
    """All lines as they were last stored."""
    return [
        StoredState(
            plot_type=row.plot_type,
            chunked=row.chunked,
            line=row.line,
            condition=row.condition,
            severity=row.severity,
            since=row.since,
            state=dict(row.state),
        )
        for row in session.scalars(select(AlarmStateRow).order_by(AlarmStateRow.id))
    ]


def store(
    session: Session,
    moved: Sequence[StoredState],
    events: Sequence[StoredEvent],
    shelves: Sequence[StoredShelf] = (),
) -> None:
    """Keep how lines stand now, and add what happened; the same event twice is one row."""
    rows = {
        (row.plot_type, row.chunked, row.line): row
        for row in session.scalars(select(AlarmStateRow))
    }
    now = datetime.now(UTC)
    for each in moved:
        row = rows.get((each.plot_type, each.chunked, each.line))
        if row is None:
            session.add(AlarmStateRow(**asdict(each), moved_at=now))
            continue
        row.condition, row.severity, row.since = each.condition, each.severity, each.since
        row.state, row.moved_at = each.state, now
    inserts.missing(
        session,
        AlarmEventRow,
        [{k: v for k, v in asdict(event).items() if k != "id"} for event in events],
    )
    begun = [{**asdict(shelf), "ended_at": None, "ended_by": ""} for shelf in shelves]
    inserts.missing(session, AlarmShelfRow, begun)
    for event in events:
        if event.kind in ("unshelved", "shelf-ended"):
            _end_shelf(session, event)
    session.flush()


def history(session: Session, wanted: Search) -> tuple[list[StoredEvent], int | None]:
    """A page of events, and the ``before`` of the next one (None: this was the last)."""
    limit = max(1, min(wanted.limit, LARGEST_PAGE))
    query = select(AlarmEventRow).order_by(AlarmEventRow.id.desc()).limit(limit + 1)
    if wanted.before is not None:
        query = query.where(AlarmEventRow.id < wanted.before)
    if wanted.since is not None:
        query = query.where(AlarmEventRow.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AlarmEventRow.at < wanted.until)
    if wanted.kinds:
        query = query.where(AlarmEventRow.kind.in_(wanted.kinds))
    if text := wanted.text.strip():
        columns = (
            AlarmEventRow.plot_type,
            AlarmEventRow.sentence,
            AlarmEventRow.who,
            AlarmEventRow.why,
        )
        query = query.where(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    rows = list(session.scalars(query))
    page = [_event(row) for row in rows[:limit]]
    return page, page[-1].id if len(rows) > limit else None


def between(session: Session, start: datetime, end: datetime) -> list[StoredEvent]:
    """All events of a stretch of time, oldest first."""
    query = (
        select(AlarmEventRow)
        .where(AlarmEventRow.at >= start, AlarmEventRow.at < end)
        .order_by(AlarmEventRow.at, AlarmEventRow.id)
    )
    return [_event(row) for row in session.scalars(query)]


def settings(session: Session) -> dict[int, StoredSettings]:
    """What was set, by plot type; those that are missing have the defaults."""
    rows = session.scalars(select(AlarmSettingsRow))
    return {row.plot_type_id: _settings(row) for row in rows}


def set_settings(
    session: Session, plot_type_id: int, wanted: StoredSettings, *, who: str, reason: str
) -> None:
    """Change when a plot type alarms, with its audit entry. Raises KeyError: no such plot type."""
    plot_type = session.get(PlotTypeRow, plot_type_id)
    if plot_type is None:
        raise KeyError(f"there is no plot type {plot_type_id}")
    row = session.get(AlarmSettingsRow, plot_type_id)
    before = asdict(_settings(row)) if row is not None else {}
    values = asdict(wanted)
    if row is None:
        row = AlarmSettingsRow(plot_type_id=plot_type_id)
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    row.who, row.at = who, datetime.now(UTC)
    session.flush()
    audit.write(
        session, who=who, what="alarm settings", subject=plot_type.name,
        before=before, after={**values, "reason": reason},
    )  # fmt: skip


def _end_shelf(session: Session, event: StoredEvent) -> None:
    session.execute(
        update(AlarmShelfRow)
        .where(
            AlarmShelfRow.plot_type == event.plot_type,
            AlarmShelfRow.chunked == event.chunked,
            AlarmShelfRow.line == event.line,
            AlarmShelfRow.ended_at.is_(None),
            AlarmShelfRow.since <= event.at,
        )
        .values(ended_at=event.at, ended_by=event.who)
    )


def _event(row: AlarmEventRow) -> StoredEvent:
    return StoredEvent(
        id=row.id, uid=row.uid, at=row.at, kind=row.kind, plot_type=row.plot_type,
        chunked=row.chunked, line=row.line, severity=row.severity, condition=row.condition,
        sentence=row.sentence, who=row.who, why=row.why, run=row.run, chunk=row.chunk,
        picture_hash=row.picture_hash,
    )  # fmt: skip


def _settings(row: AlarmSettingsRow) -> StoredSettings:
    return StoredSettings(
        on_count=row.on_count, on_of=row.on_of, off_count=row.off_count, off_of=row.off_of,
        latch=row.latch, beam_minimum=row.beam_minimum, run_needed=row.run_needed,
        watch_supply=row.watch_supply, chatter_raises=row.chatter_raises, chatter_s=row.chatter_s,
    )  # fmt: skip
