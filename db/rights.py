"""Roles of people, for all plot types or for one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables.people import RightRow, UserRow

LADDER = ("viewer", "shifter", "labeller", "expert", "maintainer", "admin")


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may do. Each role of the ladder includes those before it."""

    who: str
    everywhere: str
    by_plot_type: dict[int, str]
    open_house: bool  # nobody is an admin yet: everybody may do everything

    def may(self, role: str, plot_type_id: int | None = None) -> bool:
        """Whether ``role`` is held, everywhere or for this plot type. Raises ValueError: no such role."""
        if role not in LADDER:
            raise ValueError(f"there is no role {role}; the roles are {', '.join(LADDER)}")
        held = [self.everywhere]
        if plot_type_id is not None:
            held.append(self.by_plot_type.get(plot_type_id, "viewer"))
        return any(LADDER.index(each) >= LADDER.index(role) for each in held)


def of(session: Session, who: str) -> Rights:
    """The rights of ``who``, the owner of a key; somebody without any is a viewer.

    As long as the site has named no admin everybody is one, so that a fresh installation can be used.
    """
    some_admin = select(RightRow.id).where(
        RightRow.role == "admin", RightRow.plot_type_id.is_(None)
    )
    if session.scalar(some_admin.limit(1)) is None:
        return Rights(who, "admin", {}, open_house=True)
    rows = session.execute(
        select(RightRow.plot_type_id, RightRow.role)
        .join(UserRow, UserRow.id == RightRow.user_id)
        .where(UserRow.name == who)
    ).all()
    everywhere = _highest([role for plot_type, role in rows if plot_type is None])
    kinds = {plot_type for plot_type, _ in rows if plot_type is not None}
    return Rights(
        who,
        everywhere,
        {kind: _highest([role for plot_type, role in rows if plot_type == kind]) for kind in kinds},
        open_house=False,
    )


def _highest(roles: list[str]) -> str:
    return max(roles, key=LADDER.index, default="viewer")
