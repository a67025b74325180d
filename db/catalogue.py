"""Plot types and classes: what there is to judge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db import audit, models
from db.tables.plots import ClassRow, GroupRow, PlotTypeClassRow, PlotTypeRow
from db.values import Catalogue, PlotClass, PlotType

EDITABLE = frozenset(
    {"description", "guidance", "contact", "collect_fraction", "ignored", "stale_after_s", "group"}
)


def load(session: Session) -> Catalogue:
    """Everything at once: a few hundred rows."""
    classes = {row.id: row for row in session.scalars(select(ClassRow))}
    groups = dict(session.execute(select(GroupRow.id, GroupRow.name)).all())
    of_plot: dict[int, list[PlotClass]] = defaultdict(list)
    links = select(PlotTypeClassRow).order_by(PlotTypeClassRow.position, PlotTypeClassRow.id)
    for link in session.scalars(links):
        of_plot[link.plot_type_id].append(_class(classes[link.class_id], link))
    rows = list(session.scalars(select(PlotTypeRow).order_by(PlotTypeRow.id)))
    active = [row.active_model_id for row in rows if row.active_model_id is not None]
    return Catalogue(
        plot_types=tuple(
            _plot_type(row, groups.get(row.group_id or 0, ""), tuple(of_plot[row.id]))
            for row in rows
        ),
        models=models.load(session, active),
        classes=tuple(_class(row) for row in classes.values()),
    )


def register(
    session: Session,
    name: str,
    chunked: bool,
    *,
    group: str = "",
    collect_fraction: float = 0.02,
    classes: Sequence[str] = (),
) -> int:
    """Id of a plot type; it is made where it is unknown, also when another process does the same."""
    wanted = select(PlotTypeRow.id).where(PlotTypeRow.name == name, PlotTypeRow.chunked == chunked)
    if (known := session.scalar(wanted)) is not None:
        return known
    row = PlotTypeRow(
        name=name,
        chunked=chunked,
        group_id=_group(session, group),
        collect_fraction=collect_fraction,
        description="",
        guidance="",
        created_at=datetime.now(UTC),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # somebody was quicker
        return session.scalars(wanted).one()
    if classes:
        set_classes(session, row.id, classes)
    return row.id


def ensure_class(
    session: Session,
    name: str,
    severity: str,
    colour: str = "",
    *,
    description: str = "",
    teaches: bool = True,
) -> int:
    """Id of a class of the vocabulary; made where it is unknown, never changed here."""
    if (known := session.scalar(select(ClassRow.id).where(ClassRow.name == name))) is not None:
        return known
    row = ClassRow(
        name=name, severity=severity, colour=colour, description=description, teaches=teaches
    )
    session.add(row)
    session.flush()
    return row.id


def set_classes(session: Session, plot_type_id: int, names: Sequence[str]) -> None:
    """Give a plot type these classes, in this order. Raises KeyError: a class is not in the vocabulary."""
    known = dict(session.execute(select(ClassRow.name, ClassRow.id)).all())
    links = {
        link.class_id: link
        for link in session.scalars(
            select(PlotTypeClassRow).where(PlotTypeClassRow.plot_type_id == plot_type_id)
        )
    }
    for position, name in enumerate(names):
        link = links.pop(known[name], None)
        if link is None:
            session.add(
                PlotTypeClassRow(
                    plot_type_id=plot_type_id,
                    class_id=known[name],
                    position=position,
                    description="",
                )
            )
        else:
            link.position = position
    for unwanted in links.values():
        session.delete(unwanted)
    session.flush()


def update(session: Session, plot_type_id: int, *, who: str, **fields: Any) -> None:
    """Change properties of a plot type, with an audit entry. Raises KeyError: no such one or property."""
    if unknown := set(fields) - EDITABLE:
        raise KeyError(f"a plot type has no property {', '.join(sorted(unknown))}")
    row = session.get(PlotTypeRow, plot_type_id)
    if row is None:
        raise KeyError(f"there is no plot type {plot_type_id}")
    after = dict(fields)
    if "group" in fields:
        fields["group_id"] = _group(session, fields.pop("group"))
    before = {name: getattr(row, name) for name in fields}
    for name, value in fields.items():
        setattr(row, name, value)
    session.flush()
    audit.write(session, who=who, what="plot type", subject=row.name, before=before, after=after)


def _group(session: Session, name: str) -> int | None:
    if not name:
        return None
    if (known := session.scalar(select(GroupRow.id).where(GroupRow.name == name))) is not None:
        return known
    row = GroupRow(name=name)
    session.add(row)
    session.flush()
    return row.id


def _class(row: ClassRow, link: PlotTypeClassRow | None = None) -> PlotClass:
    return PlotClass(
        id=row.id,
        name=row.name,
        severity=row.severity,
        colour=row.colour,
        key=link.shortcut if link else "",
        position=link.position if link else 0,
        description=(link.description if link else "") or row.description,
        teaches=row.teaches,
    )


def _plot_type(row: PlotTypeRow, group: str, classes: tuple[PlotClass, ...]) -> PlotType:
    return PlotType(
        id=row.id,
        name=row.name,
        chunked=row.chunked,
        group=group,
        contact=row.contact,
        guidance=row.guidance,
        description=row.description,
        collect_fraction=row.collect_fraction,
        ignored=row.ignored,
        stale_after_s=row.stale_after_s,
        model_id=row.active_model_id,
        classes=classes,
    )
