"""The log: which streaks of Bad and Unconfirmed verdicts a question finds, newest first, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from db import history, streaks
from db.streaks import Streak
from db.tables.judging import EpisodeRow, InferenceRow
from db.tables.plots import ClassRow, GroupRow, PictureRow, PlotTypeRow, RunPeriodRow, RunRow
from db.tables.records import EpisodeCommentRow

Place = tuple[datetime, int]  # the streak after which a page begins: its last_at and its id
Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which streaks; what is left empty is not asked. Times are those of a streak's end."""

    bad: bool = True
    unconfirmed: bool = True
    plot_type_ids: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    run_periods: tuple[str, ...] = ()
    first_run: int | None = None
    last_run: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = (
        ""  # in the plot's, group's, contact's or class's name, in a comment; or a run's number
    )


def page(
    session: Session, wanted: Filter, *, after: Place | None = None, limit: int = 100
) -> list[Streak]:
    """The ``limit`` newest streaks (by their end) that come after the place ``after``."""
    bounded = _within_runs(session, wanted)
    if bounded is None:
        return []
    found: set[Place] = set()
    for alternative in _alternatives(session, wanted.text):
        query = (
            select(EpisodeRow.last_at, EpisodeRow.id)
            .where(*_conditions(bounded), *alternative, *_after(after))
            .order_by(EpisodeRow.last_at.desc(), EpisodeRow.id.desc())
            .limit(limit)
        )
        if not (bounded.plot_type_ids or bounded.labels or alternative or bounded.run_periods):
            for dialect in ("mysql", "mariadb"):  # which rather sort a whole small table
                query = query.with_hint(EpisodeRow, "FORCE INDEX (ix_episodes_last_at)", dialect)
        if bounded.run_periods:
            query = _in_periods(query, bounded.run_periods)
        found.update((at, number) for at, number in session.execute(query))
    newest = sorted(found, reverse=True)[:limit]
    return streaks.load(session, [number for _, number in newest])


def every(session: Session, wanted: Filter) -> Iterator[Streak]:
    """All of them, page by page."""
    after: Place | None = None
    while found := page(session, wanted, after=after, limit=500):
        yield from found
        after = (found[-1].last_at, found[-1].id)


def run_periods(session: Session) -> list[str]:
    """Their names, newest first."""
    return list(session.scalars(select(RunPeriodRow.name).order_by(RunPeriodRow.id.desc())))


# ---------------------------------------------------------------- conditions


def _within_runs(session: Session, wanted: Filter) -> Filter | None:
    """Runs and run periods bound the time as well, which the indexes know; None: no such runs."""
    spans = []
    if wanted.first_run is not None or wanted.last_run is not None:
        first = wanted.first_run if wanted.first_run is not None else 0
        last = wanted.last_run if wanted.last_run is not None else 2**31 - 1
        spans.append(history.runs_span(session, first, last))
    if wanted.run_periods:
        spans.append(_periods_span(session, wanted.run_periods))
    for span in spans:
        if span is None:
            return None
        begin, end = span
        since = begin if wanted.since is None else max(begin, wanted.since)
        until = end if wanted.until is None else min(end, wanted.until)
        wanted = replace(wanted, since=since, until=until)
    return wanted


def _periods_span(session: Session, names: Sequence[str]) -> tuple[datetime, datetime] | None:
    query = (
        select(func.min(RunRow.first_seen), func.max(RunRow.last_seen))
        .join(RunPeriodRow, RunPeriodRow.id == RunRow.run_period_id)
        .where(RunPeriodRow.name.in_(names))
    )
    begin, end = session.execute(query).one()
    return None if begin is None or end is None else (begin, end)


def _conditions(wanted: Filter) -> list[Condition]:
    row = EpisodeRow
    kinds: list[Condition] = []
    if wanted.bad:
        kinds.append(and_(row.confirmed == true(), row.severity == "bad"))
    if wanted.unconfirmed:
        kinds.append(row.confirmed == false())
    asked: list[Condition] = [or_(*kinds)] if kinds else [row.id < 0]
    if wanted.plot_type_ids:
        asked.append(row.plot_type_id.in_(wanted.plot_type_ids))
    if wanted.labels:
        asked.append(row.label.in_(wanted.labels))
    if wanted.first_run is not None:
        asked.append(row.run >= wanted.first_run)
    if wanted.last_run is not None:
        asked.append(row.run <= wanted.last_run)
    if wanted.since is not None:
        asked.append(row.last_at >= wanted.since)
    if wanted.until is not None:
        asked.append(row.last_at <= wanted.until)
    return asked


def _after(place: Place | None) -> list[Condition]:
    if place is None:
        return []
    at, number = place
    row = EpisodeRow
    # The first condition says nothing new, but it is the one that an index can use.
    return [row.last_at <= at, or_(row.last_at < at, and_(row.last_at == at, row.id < number))]


def _in_periods(query: Select[datetime, int], names: Sequence[str]) -> Select[datetime, int]:
    return (
        query.join(InferenceRow, InferenceRow.id == EpisodeRow.first_inference_id)
        .join(PictureRow, PictureRow.id == InferenceRow.picture_id)
        .join(RunPeriodRow, RunPeriodRow.id == PictureRow.run_period_id)
        .where(RunPeriodRow.name.in_(names))
    )


def _alternatives(session: Session, text: str) -> list[list[Condition]]:
    """Where the text may stand, one condition each, so that each has its index. [[]]: anywhere."""
    if not (words := text.strip().casefold()):
        return [[]]
    found: list[list[Condition]] = []
    kinds = select(PlotTypeRow.id, PlotTypeRow.name, GroupRow.name, PlotTypeRow.contact).outerjoin(
        GroupRow, GroupRow.id == PlotTypeRow.group_id
    )
    plots = [
        number
        for number, *names in session.execute(kinds)
        if any(words in (name or "").casefold() for name in names)
    ]
    classes = [name for name in session.scalars(select(ClassRow.name)) if words in name.casefold()]
    if plots:
        found.append([EpisodeRow.plot_type_id.in_(plots)])
    if classes:
        found.append([EpisodeRow.label.in_(classes)])
    if words.isdecimal():
        found.append([EpisodeRow.run == int(words)])
    said = select(EpisodeCommentRow.episode_id).where(
        EpisodeCommentRow.text.icontains(words, autoescape=True)
    )
    if spoken := list(session.scalars(said.limit(1000))):
        found.append([EpisodeRow.id.in_(spoken)])
    return found
