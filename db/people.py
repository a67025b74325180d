"""Users and their rights, each change with its audit entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.rights import LADDER
from db.tables.people import AuditRow, RightRow, UserRow
from db.tables.plots import PlotTypeRow


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person or a station. ``rights``: role and plot type (None: everywhere)."""

    name: str
    full_name: str = ""
    email: str = ""
    wants_report: bool = False
    rights: tuple[tuple[str, int | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the audit trail."""

    id: int
    at: datetime
    who: str
    what: str
    subject: str
    before: dict[str, object]
    after: dict[str, object]


def users(session: Session) -> list[User]:
    """All of them, by name."""
    given: dict[int, list[tuple[str, int | None]]] = {}
    for right in session.scalars(select(RightRow).order_by(RightRow.id)):
        given.setdefault(right.user_id, []).append((right.role, right.plot_type_id))
    return [
        User(
            name=row.name,
            full_name=row.full_name,
            email=row.email,
            wants_report=row.wants_report,
            rights=tuple(given.get(row.id, ())),
        )
        for row in session.scalars(select(UserRow).order_by(UserRow.name))
    ]


def report_readers(session: Session) -> list[str]:
    """The addresses of those who want the daily report."""
    query = select(UserRow.email).where(UserRow.wants_report, UserRow.email != "")
    return sorted(session.scalars(query))


def put_user(
    session: Session, *, name: str, full_name: str, email: str, wants_report: bool, who: str
) -> None:
    """Make a user, or change what is known of one. Raises ValueError: no name, or no address."""
    if not name.strip():
        raise ValueError("a user needs a name")
    if wants_report and "@" not in email:
        raise ValueError("the report goes by e-mail, and this is no address")
    row = session.scalars(select(UserRow).where(UserRow.name == name)).first()
    after: dict[str, object] = {
        "full_name": full_name,
        "email": email,
        "wants_report": wants_report,
    }
    before = {} if row is None else {key: getattr(row, key) for key in after}
    if row is None:
        session.add(UserRow(name=name, created_at=datetime.now(UTC), **after))
    else:
        for key, value in after.items():
            setattr(row, key, value)
    session.flush()
    if before != after:
        audit.write(session, who=who, what="user", subject=name, before=before, after=after)


def set_right(
    session: Session, *, name: str, role: str, plot_type_id: int | None, given: bool, who: str
) -> None:
    """Give a role to a user or take it away. Raises KeyError: no such user; ValueError: no such role.

    The last admin stays one: nobody could name another.
    """
    if role not in LADDER:
        raise ValueError(f"there is no role {role}; the roles are {', '.join(LADDER)}")
    user = session.scalars(select(UserRow).where(UserRow.name == name)).first()
    if user is None:
        raise KeyError(f"there is no user {name}")
    if plot_type_id is not None and session.get(PlotTypeRow, plot_type_id) is None:
        raise KeyError(f"there is no plot type {plot_type_id}")
    held = select(RightRow).where(RightRow.user_id == user.id, RightRow.role == role)
    place = RightRow.plot_type_id
    held = held.where(place.is_(None) if plot_type_id is None else place == plot_type_id)
    row = session.scalars(held).first()
    if given == (row is not None):
        return
    if row is None:
        session.add(RightRow(user_id=user.id, role=role, plot_type_id=plot_type_id))
    else:
        if role == "admin" and plot_type_id is None and _admins(session) == 1:
            raise ValueError(f"{name} is the last admin: name another one first")
        session.delete(row)
    session.flush()
    about = {"role": role, "plot_type_id": plot_type_id}
    audit.write(
        session, who=who, what="right", subject=name,
        before={} if given else about, after=about if given else {},
    )  # fmt: skip


def trail(
    session: Session,
    *,
    before_id: int | None = None,
    subject: str = "",
    who: str = "",
    what: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 100,
) -> list[Entry]:
    """The newest entries of the audit trail; ``subject``: of one plot type, user or model only."""
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    for column, wanted in ((AuditRow.subject, subject), (AuditRow.who, who), (AuditRow.what, what)):
        query = query.where(column == wanted) if wanted else query
    if before_id is not None:
        query = query.where(AuditRow.id < before_id)
    if since is not None:
        query = query.where(AuditRow.at >= since)
    if until is not None:
        query = query.where(AuditRow.at < until)
    return [
        Entry(
            id=row.id, at=row.at, who=row.who, what=row.what, subject=row.subject,
            before=row.before, after=row.after,
        )
        for row in session.scalars(query)
    ]  # fmt: skip


def kinds_of_change(session: Session) -> list[str]:
    """Every ``what`` of the trail."""
    return sorted(session.scalars(select(AuditRow.what).distinct()))


def _admins(session: Session) -> int:
    query = select(RightRow.id).where(RightRow.role == "admin", RightRow.plot_type_id.is_(None))
    return len(session.scalars(query).all())
