"""Which stored pictures retention may drop, and the note that their files are gone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db import kept
from db.pictures import place
from db.tables.plots import PictureRow
from db.values import PicturePlace


@dataclass(frozen=True, slots=True)
class Droppable:
    """What retention may drop: pictures and their bytes; ``more``: it was not counted to its end."""

    count: int
    size: int
    more: bool


def droppable(
    session: Session, *, before: datetime | None = None, most: int | None = None
) -> Droppable:
    """The stored pictures that may go (of those received before a moment), counted up to ``most``."""
    query = select(PictureRow.id, PictureRow.size_bytes).where(
        PictureRow.stored, kept.may_go(session)
    )
    if before is not None:
        query = query.where(PictureRow.received_at < before)
    if most is not None:
        query = query.order_by(PictureRow.received_at, PictureRow.id).limit(most)
    some = query.subquery()
    count, size = session.execute(select(func.count(), func.sum(some.c.size_bytes))).one()
    return Droppable(int(count), int(size or 0), more=most is not None and count >= most)


def candidates(
    session: Session, *, before: datetime | None = None, collected: bool = False, limit: int = 500
) -> list[PicturePlace]:
    """Stored pictures that retention may drop, oldest first; see ``db.kept`` for those that never may.

    ``before``: only those received earlier. ``collected`` False: only those that nobody needs for
    labelling (not Bad, Unconfirmed or drawn at random).
    """
    query = select(PictureRow).where(PictureRow.stored, kept.may_go(session))
    if before is not None:
        query = query.where(PictureRow.received_at < before)
    if not collected:
        query = query.where(PictureRow.collected.is_(None))
    rows = session.scalars(query.order_by(PictureRow.received_at, PictureRow.id).limit(limit))
    return [place(row) for row in rows]


def mark_dropped(session: Session, ids: Collection[int]) -> set[str]:
    """Note that files are gone. Returns the hashes that no other stored picture needs.

    What somebody or something came to need since it was found to be a candidate stays.
    """
    # First the lock, then the look, or a vote that is just being stored would be overlooked. A change of
    # nothing locks on every database; a reading one does not on SQLite.
    session.execute(
        update(PictureRow)
        .where(PictureRow.id.in_(ids))
        .values(stored=PictureRow.stored)
        .execution_options(synchronize_session=False)
    )
    free = select(PictureRow).where(PictureRow.id.in_(ids), kept.may_go(session))
    rows = session.scalars(free).all()
    for row in rows:
        row.stored = False
    session.flush()
    hashes = {row.picture_hash for row in rows}
    needed = select(PictureRow.picture_hash).where(
        PictureRow.picture_hash.in_(hashes), PictureRow.stored
    )
    return hashes - set(session.scalars(needed))
