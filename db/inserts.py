"""Inserts that leave alone what is there, also when another process is as quick as this one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.orm import Session

from db.base import Base


def missing(session: Session, kind: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert ``rows`` in one statement; those that a unique constraint turns away are left out.

    Any other broken constraint is an error as always (MySQL's ``INSERT IGNORE`` would hide it).
    """
    if not rows:
        return
    table = cast(Table, kind.__table__)
    if session.get_bind().dialect.name == "sqlite":
        session.execute(sqlite.insert(table).on_conflict_do_nothing(), rows)
        return
    same = next(iter(table.primary_key))
    session.execute(mysql.insert(table).on_duplicate_key_update({same.name: same}), rows)


def add_up(session: Session, kind: type[Base], rows: Sequence[dict[str, Any]], column: str) -> None:
    """Insert ``rows``; where the key is there already, add ``column`` to what it holds."""
    if not rows:
        return
    table = cast(Table, kind.__table__)
    if session.get_bind().dialect.name == "sqlite":
        new = sqlite.insert(table)
        more = {column: table.c[column] + new.excluded[column]}
        session.execute(
            new.on_conflict_do_update(index_elements=table.primary_key, set_=more), rows
        )
        return
    added = mysql.insert(table)
    more = {column: table.c[column] + added.inserted[column]}
    session.execute(added.on_duplicate_key_update(more), rows)
