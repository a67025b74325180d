"""Pictures that could not be judged."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from db.tables.operation import QuarantineRow
from db.values import Quarantined

_ALL = select(QuarantineRow.path, QuarantineRow.reason, QuarantineRow.at, QuarantineRow.kept_as)


def add(session: Session, *, path: str, reason: str, at: datetime, kept_as: str) -> None:
    """Note one."""
    session.add(QuarantineRow(path=path, reason=reason, at=at, kept_as=kept_as))


def recent(session: Session, limit: int = 200) -> list[Quarantined]:
    """The newest ones."""
    return _found(session, _ALL, limit)


def taken_out(session: Session, kept_as: str) -> None:
    """The picture that was kept there goes back to where it came from."""
    session.execute(delete(QuarantineRow).where(QuarantineRow.kept_as == kept_as))


def newest(session: Session, kept_as: str) -> Quarantined:
    """What is known of the picture that is kept there. Raises KeyError: nothing."""
    for each in _found(session, _ALL.where(QuarantineRow.kept_as == kept_as), 1):
        return each
    raise KeyError("the server does not know of this picture")


def count(session: Session) -> int:
    """How many there are."""
    return session.scalar(select(func.count(QuarantineRow.id))) or 0


def _found(
    session: Session, rows: Select[str, str, datetime, str], limit: int
) -> list[Quarantined]:
    found = session.execute(rows.order_by(QuarantineRow.id.desc()).limit(limit))
    return [Quarantined(**row) for row in found.mappings()]
