"""Pictures that could not be judged."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.tables.operation import QuarantineRow
from db.values import Quarantined


def add(session: Session, *, path: str, reason: str, at: datetime, kept_as: str) -> None:
    """Note one."""
    session.add(QuarantineRow(path=path, reason=reason, at=at, kept_as=kept_as))


def recent(session: Session, limit: int = 200) -> list[Quarantined]:
    """The newest ones."""
    rows = session.scalars(select(QuarantineRow).order_by(QuarantineRow.id.desc()).limit(limit))
    return [
        Quarantined(path=row.path, reason=row.reason, at=row.at, kept_as=row.kept_as)
        for row in rows
    ]


def count(session: Session) -> int:
    """How many there ever were."""
    return session.scalar(select(func.count(QuarantineRow.id))) or 0
