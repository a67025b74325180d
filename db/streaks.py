"""One streak of the log: where it began, what people said and did, its pictures, how trouble began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from db.tables.alarms import AlarmEventRow
from db.tables.judging import EpisodeRow, InferenceRow
from db.tables.people import CurrentLabelRow
from db.tables.plots import GroupRow, PictureRow, PlotTypeRow, RunPeriodRow
from db.tables.records import EpisodeCommentRow

BACK = 1000  # streaks that "when did this begin" looks back over
PICTURES = 400  # of one streak, shown one by one
LATE = timedelta(days=2)  # an acknowledgement that comes later is nobody's who looks at the log
ACKNOWLEDGED = 5000  # acknowledgements looked through for one page


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
    seen_by: str = ""  # who acknowledged its alarm; empty: nobody, or it called nobody
    seen_at: datetime | None = None
    seen_why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreakPicture:
    """One picture of a streak."""

    inference_id: int
    picture_hash: str
    chunk: int
    judged_at: datetime
    confidence: float
    label: str = ""  # what a person said; empty: nobody did
    masked: int = 0  # areas that were left out of judging


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What a person said of a streak."""

    who: str
    text: str
    at: datetime


def one(session: Session, number: int) -> Streak:
    """One of them. Raises KeyError: there is no such streak."""
    found = load(session, [number])
    if not found:
        raise KeyError(f"there is no streak {number} in the log")
    return found[0]


def pictures(session: Session, number: int) -> list[StreakPicture]:
    """The pictures of a streak from its first on, at most ``PICTURES``. Raises KeyError."""
    episode = _episode(session, number)
    query = (
        select(
            InferenceRow.id, PictureRow.picture_hash, InferenceRow.chunk, InferenceRow.judged_at,
            InferenceRow.confidence, CurrentLabelRow.class_name, InferenceRow.masked,
        )
        .join(PictureRow, PictureRow.id == InferenceRow.picture_id)
        .outerjoin(CurrentLabelRow, CurrentLabelRow.picture_id == PictureRow.id)
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
            label=label or "",
            masked=len(masked or ()),
        )
        for number, picture, chunk, at, sure, label, masked in session.execute(query)
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


# What a row of the log has of its episode, by the same names.
_OF_EPISODE = (
    "id", "plot_type_id", "run", "first_chunk", "last_chunk", "first_at", "last_at", "length", "open",
    "label", "severity", "confirmed",
)  # fmt: skip


def load(session: Session, numbers: Sequence[int]) -> list[Streak]:
    """In the order of ``numbers``."""
    said = _comments_of(session, numbers)
    found = {
        row.id: Streak(
            plot_type=plot_type,
            chunked=chunked,
            group=group or "",
            contact=contact,
            run_period=period,
            confidence=confidence,
            first_hash=first_hash,
            last_hash=last_hash,
            comments=said.get(row.id, 0),
            **{name: getattr(row, name) for name in _OF_EPISODE},
        )
        for row, plot_type, chunked, group, contact, period, confidence, first_hash, last_hash
        in session.execute(_rows(numbers))
    }  # fmt: skip
    known = [found[number] for number in numbers if number in found]
    return _with_acknowledgements(session, known)


def _rows(numbers: Sequence[int]) -> Select[*tuple[Any, ...]]:
    first, last = aliased(InferenceRow), aliased(InferenceRow)
    first_picture, last_picture = aliased(PictureRow), aliased(PictureRow)
    return (
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


def _comments_of(session: Session, numbers: Sequence[int]) -> dict[int, int]:
    query = (
        select(EpisodeCommentRow.episode_id, func.count(EpisodeCommentRow.id))
        .where(EpisodeCommentRow.episode_id.in_(numbers))
        .group_by(EpisodeCommentRow.episode_id)
    )
    return dict(session.execute(query).all())


def _with_acknowledgements(session: Session, rows: Sequence[Streak]) -> list[Streak]:
    """Who has seen each: an acknowledgement names the run and the chunk that called last."""
    if not rows:
        return []
    row = AlarmEventRow
    query = (
        select(row.plot_type, row.chunked, row.run, row.chunk, row.who, row.at, row.why)
        .where(row.plot_type.in_({each.plot_type for each in rows}))
        .where(
            row.at.between(
                min(each.first_at for each in rows), max(each.last_at for each in rows) + LATE
            )
        )
        .where(row.kind == "acknowledged", row.line == "verdict")
        .order_by(row.at, row.id)
        .limit(ACKNOWLEDGED)
    )
    acts: dict[tuple[str, bool, int], list[tuple[int, str, datetime, str]]] = {}
    for plot, chunked, run, chunk, who, at, why in session.execute(query):
        acts.setdefault((plot, chunked, run), []).append((chunk, who, at, why))
    return [_seen(each, acts.get((each.plot_type, each.chunked, each.run), [])) for each in rows]


def _seen(row: Streak, acts: Sequence[tuple[int, str, datetime, str]]) -> Streak:
    for chunk, who, at, why in acts:
        if row.first_chunk <= chunk <= row.last_chunk and at >= row.first_at:
            return replace(row, seen_by=who, seen_at=at, seen_why=why)
    return row
