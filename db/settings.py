"""Settings of the site that people change from the desktop."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from db import audit
from db.tables.operation import SettingRow


def read(session: Session, key: str) -> dict[str, Any]:
    """The value of a setting; empty where nobody has set it."""
    row = session.get(SettingRow, key)
    return {} if row is None else dict(row.value)


def entry(session: Session, key: str) -> SettingRow | None:
    """The value with who set it and when; None where nobody has."""
    return session.get(SettingRow, key)


def write(
    session: Session,
    key: str,
    value: dict[str, Any],
    *,
    who: str,
    default: dict[str, Any] | None = None,
) -> None:
    """Set it, with an audit entry; ``default``: what held as long as nobody had set it."""
    row = session.get(SettingRow, key)
    before = (default or {}) | ({} if row is None else dict(row.value))
    if row is None:
        row = SettingRow(key=key)
        session.add(row)
    row.value, row.who, row.at = value, who, datetime.now(UTC)
    session.flush()
    audit.write(session, who=who, what="setting", subject=key, before=before, after=value)
