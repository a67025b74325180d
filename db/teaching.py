"""What people say of pictures as examples: on which side they are, and how much each counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from db import audit
from db.tables.plots import PictureRow, PlotTypeRow

MOST_WEIGHT = 100
NAMED = 20  # so many pictures are named in the trail, the others are counted


def mark(
    session: Session,
    picture_ids: Collection[int],
    *,
    pin: str | None,
    weight: int | None,
    who: str,
) -> None:
    """Pin pictures to a side ("": to none) and weigh them, with an audit entry; None leaves it.

    Raises ValueError: there is no such side or weight.
    """
    if pin not in {None, "", "training", "validation"}:
        raise ValueError(f"there is no side {pin}; a picture is pinned to training or validation")
    if weight is not None and not 0 <= weight <= MOST_WEIGHT:
        raise ValueError(f"a training weight lies between 0 and {MOST_WEIGHT}, not at {weight}")
    values: dict[str, Any] = {} if pin is None else {"pin": pin or None}
    if weight is not None:
        values["training_weight"] = weight
    if values:
        _write_trail(session, picture_ids, values, who)
        session.execute(update(PictureRow).where(PictureRow.id.in_(picture_ids)).values(**values))


def _write_trail(
    session: Session, picture_ids: Collection[int], values: dict[str, Any], who: str
) -> None:
    """An entry for each plot type among them, before they change."""
    columns = [getattr(PictureRow, name) for name in values]
    query = (
        select(PlotTypeRow.name.label("plot_type"), PictureRow.id, *columns)
        .join(PlotTypeRow, PlotTypeRow.id == PictureRow.plot_type_id)
        .where(PictureRow.id.in_(picture_ids))
        .order_by(PictureRow.id)
    )
    marked: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(query):
        marked[row.plot_type].append(row)
    for plot_type, rows in marked.items():
        named: dict[str, Any] = {
            "pictures": len(rows),
            "the first": [row.id for row in rows[:NAMED]],
        }
        before = {name: _counted([getattr(row, name) for row in rows]) for name in values}
        audit.write(
            session, who=who, what="teaching", subject=plot_type, before=before, after=values | named
        )  # fmt: skip


def _counted(values: Sequence[Any]) -> Any:
    """The value they share, else how many have which."""
    counts = Counter(values)
    if len(counts) == 1:
        return values[0]
    return {str(value or "none"): count for value, count in counts.most_common()}
