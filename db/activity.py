"""How much is judged, how long it takes, and how fast the picture store grows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from db.summaries import HOUR
from db.tables.judging import InferenceRow
from db.tables.plots import PictureRow
from db.tables.records import HistoryRow

FEW = 10_000  # verdicts; below that the share of one says nothing
TYPICAL = 1100.0  # bytes: measured on 10 million of them
NEWEST = 1000  # pictures whose times are looked at
GROWTH = timedelta(days=7)  # over which the growth of the store is measured
LEAST_GROWTH = timedelta(hours=1)  # pictures that had piled up at the start tell nothing of a day
SAMPLE = 100  # of the newest pictures, whose thumbnails are weighed


@dataclass(frozen=True, slots=True)
class Growth:
    """How many bytes were stored in the last days, how many days that were, how many verdicts came.

    ``newest``: hashes of the newest pictures, each of which has a thumbnail.
    """

    stored: int
    days: float
    judged: int = 0
    newest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Base:
    """Bytes of the database, and its share of them for one verdict."""

    size: int
    row: float


def since(session: Session, moment: datetime) -> int:
    """How many verdicts were given since ``moment``."""
    query = select(func.count(InferenceRow.id)).where(InferenceRow.judged_at >= moment)
    return session.scalar(query) or 0


def today(session: Session, start: datetime) -> int:
    """How many pictures were judged on the day that starts at ``start`` (UTC)."""
    query = select(func.sum(HistoryRow.pictures)).where(
        HistoryRow.span == "day", HistoryRow.start == start
    )
    return int(session.scalar(query) or 0)


def times(session: Session) -> list[tuple[float, float, float]]:
    """Milliseconds of decoding, of judging and of the whole way, for the newest pictures."""
    row = InferenceRow
    query = select(row.decode_ms, row.forward_ms, row.latency_ms).order_by(row.id.desc())
    return [(a, b, c) for a, b, c in session.execute(query.limit(NEWEST))]


def growth(session: Session, now: datetime) -> Growth:
    """By the pictures judged in the last days, or since the first of all; judged from a sample of their sizes."""
    first = session.scalar(select(func.min(InferenceRow.judged_at)))
    begin = now - GROWTH if first is None else max(now - GROWTH, min(first, now - LEAST_GROWTH))
    whole_hour = begin.replace(minute=0, second=0, microsecond=0)
    counted = select(func.sum(HistoryRow.pictures)).where(
        HistoryRow.span == HOUR, HistoryRow.start >= whole_hour
    )
    pictures = int(session.scalar(counted) or 0)
    newest = session.execute(
        select(PictureRow.picture_hash, PictureRow.size_bytes, PictureRow.stored)
        .order_by(PictureRow.id.desc())
        .limit(NEWEST)
    ).all()
    sizes = [row.size_bytes if row.stored else 0 for row in newest]
    share = sum(sizes) / len(sizes) if sizes else 0.0
    days = (now - begin).total_seconds() / 86_400
    hashes = tuple(row.picture_hash for row in newest[:SAMPLE])
    return Growth(stored=round(pictures * share), days=days, judged=pictures, newest=hashes)


def base(session: Session) -> Base:
    """How large the database is, as it tells itself."""
    if session.get_bind().dialect.name == "sqlite":
        pages = session.scalar(text("PRAGMA page_count")) or 0
        size = int(pages) * int(session.scalar(text("PRAGMA page_size")) or 0)
    else:
        told = text(
            "SELECT SUM(data_length + index_length) FROM information_schema.tables"
            " WHERE table_schema = DATABASE()"
        )
        size = int(session.scalar(told) or 0)
    rows = session.scalar(select(func.max(InferenceRow.id))) or 0
    return Base(size, size / rows if rows > FEW else TYPICAL)
