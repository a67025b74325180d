"""The trail of changes that people make."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from db.tables.people import AuditRow


def write(
    session: Session,
    *,
    who: str,
    what: str,
    subject: str,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    """Add one entry, in the transaction of the change itself."""
    session.add(
        AuditRow(
            at=datetime.now(UTC), who=who, what=what, subject=subject, before=before, after=after
        )
    )
