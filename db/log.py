"""The log: streaks of Bad and Unconfirmed verdicts, newest first, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from db import history
from db.tables.judging import EpisodeRow, InferenceRow
from db.tables.plots import ClassRow, GroupRow, PictureRow, PlotTypeRow, RunPeriodRow, RunRow
from db.tables.records import EpisodeCommentRow

BACK = 1000  # streaks that "when did this begin" looks back over
PICTURES = 400  # of one streak, shown one by one

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """One row of the log."""

    id: int
    plot_type_id: int
    plot_type: str
    chunked: bool
    group: str
    contact: str
    run_period: str
    run: int
    first_chunk: int
    last_chunk: int
    first_at: datetime
    last_at: datetime
    length: int
    open: bool
    label: str
    severity: str
    confirmed: bool
    confidence: float  # of its first verdict
    first_hash: str
    last_hash: str
    comments: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreakPicture:
    """One picture of a streak."""

    inference_id: int
    picture_hash: str
    chunk: int
    judged_at: datetime
    confidence: float
    masked: int = 0  # areas that were left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What a person said of a streak."""

    who: str
    text: str
    at: datetime


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
    return _streaks(session, [number for _, number in newest])


def every(session: Session, wanted: Filter) -> Iterator[Streak]:
    """All of them, page by page."""
    after: Place | None = None
    while found := page(session, wanted, after=after, limit=500):
        yield from found
        after = (found[-1].last_at, found[-1].id)


def streak(session: Session, number: int) -> Streak:
    """One of them. Raises KeyError: there is no such streak."""
    found = _streaks(session, [number])
    if not found:
        raise KeyError(f"there is no streak {number} in the log")
    return found[0]


def pictures(session: Session, number: int) -> list[StreakPicture]:
    """The pictures of a streak from its first on, at most ``PICTURES``. Raises KeyError."""
    episode = _episode(session, number)
    query = (
        select(
            InferenceRow.id, PictureRow.picture_hash, InferenceRow.chunk, InferenceRow.judged_at,
            InferenceRow.confidence, InferenceRow.masked,
        )
        .join(PictureRow, PictureRow.id == InferenceRow.picture_id)
        .where(
            InferenceRow.plot_type_id == episode.plot_type_id,
            InferenceRow.judged_at.between(episode.first_at, episode.last_at),
            InferenceRow.run == episode.run,
            InferenceRow.label == episode.label,
            InferenceRow.confirmed == episode.confirmed,
        )
        .order_by(InferenceRow.judged_at, InferenceRow.id)
        .limit(PICTURES)
    )  # fmt: skip
    return [
        StreakPicture(
            inference_id=number,
            picture_hash=picture,
            chunk=chunk,
            judged_at=at,
            confidence=sure,
            masked=len(masked or ()),
        )
        for number, picture, chunk, at, sure, masked in session.execute(query)
    ]


def beginning(session: Session, number: int) -> int:
    """The first of the streaks of trouble that lead to this one without a calm verdict between.

    Streaks end with the run and with the class; trouble does not. Raises KeyError.
    """
    current = _episode(session, number)
    for _ in range(BACK):
        earlier = session.scalars(
            select(EpisodeRow)
            .where(EpisodeRow.plot_type_id == current.plot_type_id)
            .where(EpisodeRow.last_at <= current.first_at, EpisodeRow.id < current.id)
            .order_by(EpisodeRow.last_at.desc(), EpisodeRow.id.desc())
            .limit(1)
        ).first()
        if earlier is None or _calm_between(session, earlier, current):
            break
        current = earlier
    return current.id


def comment(session: Session, number: int, *, who: str, text: str, at: datetime) -> int:
    """Add a comment to a streak; its id. Raises KeyError, ValueError: nothing is said."""
    if not text.strip():
        raise ValueError("the comment is empty")
    episode = _episode(session, number)
    row = EpisodeCommentRow(episode_id=episode.id, who=who, text=text.strip(), at=at)
    session.add(row)
    session.flush()
    return row.id


def comments(session: Session, number: int) -> list[Comment]:
    """What people said of a streak, in order."""
    query = (
        select(EpisodeCommentRow)
        .where(EpisodeCommentRow.episode_id == number)
        .order_by(EpisodeCommentRow.id)
    )
    return [Comment(who=row.who, text=row.text, at=row.at) for row in session.scalars(query)]


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


# ---------------------------------------------------------------- rows


def _episode(session: Session, number: int) -> EpisodeRow:
    row = session.get(EpisodeRow, number)
    if row is None:
        raise KeyError(f"there is no streak {number} in the log")
    return row


def _calm_between(session: Session, earlier: EpisodeRow, later: EpisodeRow) -> bool:
    query = (
        select(InferenceRow.id)
        .where(InferenceRow.plot_type_id == later.plot_type_id)
        .where(InferenceRow.judged_at.between(earlier.last_at, later.first_at))
        .where(InferenceRow.noteworthy.is_(False))
        .limit(1)
    )
    return session.scalar(query) is not None


def _streaks(session: Session, numbers: Sequence[int]) -> list[Streak]:
    """In the order of ``numbers``."""
    first, last = aliased(InferenceRow), aliased(InferenceRow)
    first_picture, last_picture = aliased(PictureRow), aliased(PictureRow)
    query = (
        select(
            EpisodeRow, PlotTypeRow.name, PlotTypeRow.chunked, GroupRow.name, PlotTypeRow.contact,
            RunPeriodRow.name, first.confidence, first_picture.picture_hash, last_picture.picture_hash,
        )
        .join(PlotTypeRow, PlotTypeRow.id == EpisodeRow.plot_type_id)
        .outerjoin(GroupRow, GroupRow.id == PlotTypeRow.group_id)
        .join(first, first.id == EpisodeRow.first_inference_id)
        .join(first_picture, first_picture.id == first.picture_id)
        .join(last, last.id == EpisodeRow.last_inference_id)
        .join(last_picture, last_picture.id == last.picture_id)
        .join(RunPeriodRow, RunPeriodRow.id == first_picture.run_period_id)
        .where(EpisodeRow.id.in_(numbers))
    )  # fmt: skip
    said = dict(
        session.execute(
            select(EpisodeCommentRow.episode_id, func.count(EpisodeCommentRow.id))
            .where(EpisodeCommentRow.episode_id.in_(numbers))
            .group_by(EpisodeCommentRow.episode_id)
        ).all()
    )
    found = {
        row.id: Streak(
            id=row.id,
            plot_type_id=row.plot_type_id,
            plot_type=plot_type,
            chunked=chunked,
            group=group or "",
            contact=contact,
            run_period=period,
            run=row.run,
            first_chunk=row.first_chunk,
            last_chunk=row.last_chunk,
            first_at=row.first_at,
            last_at=row.last_at,
            length=row.length,
            open=row.open,
            label=row.label,
            severity=row.severity,
            confirmed=row.confirmed,
            confidence=confidence,
            first_hash=first_hash,
            last_hash=last_hash,
            comments=said.get(row.id, 0),
        )
        for row, plot_type, chunked, group, contact, period, confidence, first_hash, last_hash
        in session.execute(query)
    }  # fmt: skip
    return [found[number] for number in numbers if number in found]
