"""Classes of plot types: added, changed, renamed; always with an audit entry."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db import audit, catalogue, tallies
from db.tables.people import CurrentLabelRow, LabelRow
from db.tables.plots import ClassRow, PlotTypeClassRow
from db.values import PlotType


def change(
    session: Session, plot_type_id: int, name: str, *, severity: str, colour: str, key: str,
    description: str, who: str, teaches: bool = True,
) -> None:  # fmt: skip
    """Give a plot type the class ``name`` with these properties; made where unknown.

    Severity, colour and whether it teaches hold for the whole site, key and description for the plot type. Raises
    KeyError: no such plot type; ValueError: no name, or the key is another class's.
    """
    if not name.strip():
        raise ValueError("a class needs a name")
    row = session.scalars(select(ClassRow).where(ClassRow.name == name)).first()
    before = {} if row is None else _facts(row)
    if row is None:
        catalogue.ensure_class(session, name, severity)
        row = session.scalars(select(ClassRow).where(ClassRow.name == name)).one()
    row.severity, row.colour, row.teaches = severity, colour, teaches
    session.flush()
    names = [each.name for each in _plot_type(session, plot_type_id).classes]
    if name not in names:
        catalogue.set_classes(session, plot_type_id, [*names, name], who=who)
    _set_key(session, plot_type_id, row, key, description)
    audit.write(
        session, who=who, what="class", subject=name, before=before,
        after=_facts(row) | {"key": key, "description": description},
    )  # fmt: skip


def rename(session: Session, name: str, to: str, *, who: str) -> None:
    """Rename a class for the whole site: in the vocabulary and in every label.

    What models were trained on stays as it was: they go on saying the old name until trained anew.
    Raises KeyError: no such class; ValueError: no new name, or it is taken.
    """
    row = session.scalars(select(ClassRow).where(ClassRow.name == name)).first()
    if row is None:
        raise KeyError(f"there is no class {name}")
    if not to.strip():
        raise ValueError("a class needs a name")
    if session.scalar(select(ClassRow.id).where(ClassRow.name == to)) is not None:
        raise ValueError(f"there is a class {to} already; merge the two instead")
    row.name = to
    for table in (LabelRow, CurrentLabelRow):
        session.execute(update(table).where(table.class_name == name).values(class_name=to))
    tallies.rename(session, name, to)
    session.execute(
        update(CurrentLabelRow).where(CurrentLabelRow.suspected == name).values(suspected=to)
    )
    session.flush()
    audit.write(
        session,
        who=who,
        what="class renamed",
        subject=to,
        before={"name": name},
        after={"name": to},
    )


def _facts(row: ClassRow) -> dict[str, Any]:
    return {"severity": row.severity, "colour": row.colour, "teaches": row.teaches}


def _plot_type(session: Session, plot_type_id: int) -> PlotType:
    for each in catalogue.load(session).plot_types:
        if each.id == plot_type_id:
            return each
    raise KeyError(f"there is no plot type {plot_type_id}")


def _set_key(
    session: Session, plot_type_id: int, row: ClassRow, key: str, description: str
) -> None:
    links = session.scalars(
        select(PlotTypeClassRow).where(PlotTypeClassRow.plot_type_id == plot_type_id)
    ).all()
    taken = [link for link in links if key and link.shortcut == key and link.class_id != row.id]
    if taken:
        other = session.get_one(ClassRow, taken[0].class_id)
        raise ValueError(f"the key {key} is that of {other.name} already")
    for link in links:
        if link.class_id == row.id:
            link.shortcut, link.description = key, description
    session.flush()
