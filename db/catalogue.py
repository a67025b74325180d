"""Plot types and classes: what there is to judge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit, inserts, library, masks, models
from db.tables.plots import ClassRow, GroupRow, PlotTypeClassRow, PlotTypeRow
from db.values import Catalogue, PlotClass, PlotType

EDITABLE = frozenset(
    {"description", "guidance", "contact", "collect_fraction", "ignored", "stale_after_s", "group"}
)


def load(session: Session) -> Catalogue:
    """Everything at once: a few hundred rows.

    Each statement sees what was committed until then, so what refers is read before what it refers to:
    a class that is added meanwhile is there when it is looked up.
    """
    links = list(
        session.scalars(
            select(PlotTypeClassRow).order_by(PlotTypeClassRow.position, PlotTypeClassRow.id)
        )
    )
    rows = list(session.scalars(select(PlotTypeRow).order_by(PlotTypeRow.id)))
    classes = {row.id: row for row in session.scalars(select(ClassRow))}
    groups = dict(session.execute(select(GroupRow.id, GroupRow.name)).all())
    of_plot: dict[int, list[PlotClass]] = defaultdict(list)
    for link in links:
        of_plot[link.plot_type_id].append(_class(classes[link.class_id], link))
    shadows = library.shadows(session)
    plot_types = tuple(
        _plot_type(row, groups.get(row.group_id or 0, ""), tuple(of_plot[row.id]), shadows)
        for row in rows
    )
    judging = {number for each in plot_types for number in (each.model_id, each.shadow_id)}
    return Catalogue(
        plot_types=plot_types,
        models=models.load(session, [number for number in judging if number is not None]),
        classes=tuple(_class(row) for row in classes.values()),
        masks=masks.current(session, datetime.now(UTC)),
    )


def register(
    session: Session,
    name: str,
    chunked: bool,
    *,
    group: str = "",
    collect_fraction: float = 0.02,
    classes: Sequence[str] = (),
    who: str = "server",
) -> int:
    """Id of a plot type; it is made where it is unknown, also when another process does the same."""
    wanted = select(PlotTypeRow.id).where(PlotTypeRow.name == name, PlotTypeRow.chunked == chunked)
    if (known := session.scalar(wanted)) is not None:
        return known
    new = {
        "name": name,
        "chunked": chunked,
        "group_id": _group(session, group),
        "collect_fraction": collect_fraction,
        "description": "",
        "guidance": "",
        "created_at": datetime.now(UTC),
    }
    inserts.missing(session, PlotTypeRow, [new])
    plot_type_id = session.scalars(wanted).one()
    audit.write(
        session, who=who, what="plot type", subject=name, before={},
        after={"chunked": chunked, "group": group, "collect_fraction": collect_fraction},
    )  # fmt: skip
    if classes:
        set_classes(session, plot_type_id, classes, who=who)
    return plot_type_id


def ensure_class(
    session: Session,
    name: str,
    severity: str,
    colour: str = "",
    *,
    description: str = "",
    teaches: bool = True,
    who: str = "server",
) -> int:
    """Id of a class of the vocabulary; made where it is unknown, never changed here."""
    wanted = select(ClassRow.id).where(ClassRow.name == name)
    if (known := session.scalar(wanted)) is not None:
        return known
    about = {
        "severity": severity,
        "colour": colour,
        "description": description,
        "teaches": teaches,
    }
    inserts.missing(session, ClassRow, [{"name": name, **about}])
    audit.write(session, who=who, what="class", subject=name, before={}, after=about)
    return session.scalars(wanted).one()


def set_classes(
    session: Session, plot_type_id: int, names: Sequence[str], *, who: str = "server"
) -> None:
    """Give a plot type these classes, in this order.

    Raises KeyError: no such plot type, or a class that is not in the vocabulary.
    """
    plot_type = _find(session, plot_type_id)
    known = dict(session.execute(select(ClassRow.name, ClassRow.id)).all())
    if unknown := [name for name in names if name not in known]:
        raise KeyError(f"there is no class {', '.join(unknown)}")
    wanted = {known[name]: position for position, name in enumerate(dict.fromkeys(names))}
    links = session.scalars(
        select(PlotTypeClassRow)
        .where(PlotTypeClassRow.plot_type_id == plot_type_id)
        .order_by(PlotTypeClassRow.position, PlotTypeClassRow.id)
    ).all()
    names_by_id = {number: name for name, number in known.items()}
    before = [names_by_id[link.class_id] for link in links]
    if before == list(dict.fromkeys(names)):
        return
    for link in links:
        if (position := wanted.pop(link.class_id, None)) is None:
            session.delete(link)
        else:
            link.position = position
    session.flush()
    common = {"plot_type_id": plot_type_id, "description": ""}
    new = [{**common, "class_id": number, "position": at} for number, at in wanted.items()]
    inserts.missing(session, PlotTypeClassRow, new)
    audit.write(
        session, who=who, what="classes", subject=plot_type.name,
        before={"classes": before}, after={"classes": list(dict.fromkeys(names))},
    )  # fmt: skip


def update(session: Session, plot_type_id: int, *, who: str, **fields: Any) -> None:
    """Change properties of a plot type, with an audit entry. Raises KeyError: no such one or property."""
    if unknown := set(fields) - EDITABLE:
        raise KeyError(f"a plot type has no property {', '.join(sorted(unknown))}")
    row = _find(session, plot_type_id)
    before = {name: getattr(row, name) for name in fields if name != "group"}
    if "group" in fields:
        before["group"] = _group_name(session, row.group_id)
        row.group_id = _group(session, fields["group"])
    for name in before.keys() - {"group"}:
        setattr(row, name, fields[name])
    session.flush()
    if before != fields:
        audit.write(
            session, who=who, what="plot type", subject=row.name, before=before, after=fields
        )


def _find(session: Session, plot_type_id: int) -> PlotTypeRow:
    row = session.get(PlotTypeRow, plot_type_id)
    if row is None:
        raise KeyError(f"there is no plot type {plot_type_id}")
    return row


def _group(session: Session, name: str) -> int | None:
    if not name:
        return None
    wanted = select(GroupRow.id).where(GroupRow.name == name)
    if (known := session.scalar(wanted)) is not None:
        return known
    above = _group(session, name.rpartition("/")[0].strip())  # "Tracking/CDC" lies in "Tracking"
    inserts.missing(session, GroupRow, [{"name": name, "parent_id": above}])
    return session.scalars(wanted).one()


def _group_name(session: Session, group_id: int | None) -> str:
    row = None if group_id is None else session.get(GroupRow, group_id)
    return "" if row is None else row.name


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


def _plot_type(
    row: PlotTypeRow, group: str, classes: tuple[PlotClass, ...], shadows: Mapping[int, int]
) -> PlotType:
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
        shadow_id=shadows.get(row.id),
    )
