"""The news banner: every line is kept, the newest counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.tables.people import NewsRow
from db.values import Notice


def current(session: Session, now: datetime) -> Notice | None:
    """The line in force; None: there is none, it was taken away, or its time is over."""
    row = session.scalars(select(NewsRow).order_by(NewsRow.id.desc()).limit(1)).first()
    if row is None or not row.text or (row.until is not None and row.until <= now):
        return None
    return Notice(row.id, row.text, row.who, row.at, row.until)


def post(
    session: Session, text: str, *, who: str, at: datetime, until: datetime | None = None
) -> Notice | None:
    """Put a line in force, with an audit entry; an empty text takes the banner away."""
    before = current(session, at)
    session.add(NewsRow(at=at, who=who, text=text, until=until))
    audit.write(
        session, who=who, what="news", subject="news",
        before={"text": before.text if before else ""}, after={"text": text},
    )  # fmt: skip
    session.flush()
    return current(session, at)
