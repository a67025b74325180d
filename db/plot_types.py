"""Plot types as a person makes and changes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit, catalogue
from db.tables.plots import PictureRow, PlotTypeRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a plot type shall be; ``fields`` are those that ``catalogue.update`` takes."""

    name: str
    chunked: bool
    fields: dict[str, Any]
    classes: Sequence[tuple[str, str]]  # name, and severity where the site has no such class yet


def save(session: Session, plot_type_id: int | None, wanted: Wanted, *, who: str) -> int:
    """Make (None) or change a plot type; its id.

    Raises KeyError: no such one; ValueError: no name, a name that is taken, a fraction outside 0..1.
    """
    _check(session, plot_type_id, wanted)
    for name, severity in wanted.classes:
        catalogue.ensure_class(session, name, severity, who=who)
    if plot_type_id is None:
        plot_type_id = catalogue.register(session, wanted.name, wanted.chunked, who=who)
    _rename(session, plot_type_id, wanted, who)
    catalogue.update(session, plot_type_id, who=who, **wanted.fields)
    catalogue.set_classes(session, plot_type_id, [name for name, _ in wanted.classes], who=who)
    return plot_type_id


def _check(session: Session, plot_type_id: int | None, wanted: Wanted) -> None:
    if not wanted.name.strip():
        raise ValueError("a plot type needs a name, as it stands in the names of its files")
    if not 0 <= wanted.fields.get("collect_fraction", 0) <= 1:
        raise ValueError("the collect fraction lies between 0 and 1")
    taken = session.scalar(
        select(PlotTypeRow.id).where(
            PlotTypeRow.name == wanted.name, PlotTypeRow.chunked == wanted.chunked
        )
    )
    if taken is not None and taken != plot_type_id:
        raise ValueError(f"there is a plot type {wanted.name} already")


def _rename(session: Session, plot_type_id: int, wanted: Wanted, who: str) -> None:
    row = session.get(PlotTypeRow, plot_type_id)
    if row is None:
        raise KeyError(f"there is no plot type {plot_type_id}")
    if row.chunked != wanted.chunked:
        raise ValueError(
            f"{row.name} has pictures by {'chunk' if row.chunked else 'run'}. Make a second plot type"
            " of this name for the others"
        )
    if row.name != wanted.name:
        audit.write(
            session, who=who, what="plot type", subject=wanted.name,
            before={"name": row.name}, after={"name": wanted.name},
        )  # fmt: skip
        row.name = wanted.name
        session.flush()


def newest_files(session: Session, name: str, chunked: bool, limit: int) -> list[PictureRow]:
    """The newest pictures that came under this name."""
    query = (
        select(PictureRow)
        .join(PlotTypeRow, PlotTypeRow.id == PictureRow.plot_type_id)
        .where(PlotTypeRow.name == name, PlotTypeRow.chunked == chunked)
        .order_by(PictureRow.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query))
