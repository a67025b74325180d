"""Queues of pictures that want a label: paged by key, so that a page costs the same at any depth."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, func, or_, select
from sqlalchemy.orm import Session

from db.label_filter import Narrowing, narrowed
from db.label_words import open_remarks
from db.queued import Key, Queued, queued
from db.tables.judging import InferenceRow
from db.tables.people import CurrentLabelRow
from db.tables.plots import PictureRow, PlotTypeRow, RunPeriodRow

COUNTED = 3_000  # a longer queue is not counted to its end


def page(
    session: Session,
    queue: str,
    plot_type_ids: Sequence[int],
    narrowing: Narrowing,
    *,
    after: tuple[float, ...] = (),
    limit: int = 100,
) -> list[Queued]:
    """The next ``limit`` pictures of a queue. Raises KeyError: no such queue."""
    order = _order(queue)
    ids = [
        number
        for _, number in _found(session, order, queue, plot_type_ids, narrowing, after, limit)
    ]
    rows = {row[0].id: row for row in session.execute(_rows([PictureRow.id.in_(ids)]))}
    return [_queued(rows[number], order) for number in ids if number in rows]


def newest(
    session: Session,
    queue: str,
    plot_type_ids: Sequence[int],
    narrowing: Narrowing,
    after: tuple[float, ...],
    limit: int,
) -> list[tuple[Key, int]]:
    """Keys (run, chunk, id) and ids of the next pictures of a queue, the newest first whatever its order.

    Raises KeyError: no such queue; ValueError: ``after`` is no such key.
    """
    return _found(session, _by_run(queue), queue, plot_type_ids, narrowing, after, limit)


def _found(
    session: Session,
    order: Order,
    queue: str,
    plot_type_ids: Sequence[int],
    narrowing: Narrowing,
    after: Key,
    limit: int,
) -> list[tuple[Key, int]]:
    found: list[tuple[Key, int]] = []
    for kind in plot_type_ids:  # one by one: only within one plot type has an index the order
        found += _first(session, order, _wanted(queue, [kind], narrowing), after, limit)
    found.sort(key=lambda each: _place(order, each[0]))
    return found[:limit]


def _first(
    session: Session,
    order: Order,
    wanted: Sequence[SQLColumnExpression[bool]],
    after: Key,
    limit: int,
) -> list[tuple[Key, int]]:
    """Keys and picture ids only: joins to names would make the database sort everything first."""
    columns = [(_column(table, name), falls) for table, name, falls in order]
    query = _joined(select(PictureRow.id, *(each for each, _ in columns))).where(*wanted)
    if after:
        query = query.where(_beyond(order, after))
    if order is _CLOSEST:
        for dialect in ("mysql", "mariadb"):  # which rather sort all pictures of the plot type
            query = query.with_hint(InferenceRow, "FORCE INDEX (ix_inferences_uncertain)", dialect)
    query = query.order_by(*(each.desc() if falls else each.asc() for each, falls in columns))
    return [
        (tuple(float(value) for value in key), number)
        for number, *key in session.execute(query.limit(limit))
    ]


def _place(order: Order, key: tuple[float, ...]) -> tuple[float, ...]:
    """Where a key stands in the queue: the least comes first."""
    signs = (-1.0 if falls else 1.0 for _, _, falls in order)
    return tuple(sign * value for sign, value in zip(signs, key, strict=True))


def count(session: Session, queue: str, plot_type_ids: Sequence[int], narrowing: Narrowing) -> int:
    """How many pictures a queue holds, counted up to ``COUNTED``."""
    total = 0
    for kind in plot_type_ids:
        some = (
            _joined(select(PictureRow.id))
            .where(*_wanted(queue, [kind], narrowing))
            .limit(COUNTED - total)
            .subquery()
        )
        total += session.scalar(select(func.count()).select_from(some)) or 0
        if total >= COUNTED:
            break
    return total


def sizes(
    session: Session,
    queue: str,
    plot_type_ids: Sequence[int],
    narrowing: Narrowing,
    runs: Collection[int],
) -> dict[int, int]:
    """How many pictures of each of these runs a queue holds."""
    found: dict[int, int] = {}
    for kind in plot_type_ids:
        wanted = _wanted(queue, [kind], narrowing)
        columns: Any = select(PictureRow.run, func.count())
        query = _joined(columns).where(*wanted, PictureRow.run.in_(runs))
        for run, number in session.execute(query.group_by(PictureRow.run)):
            found[run] = found.get(run, 0) + number
    return found


def key_length(queue: str, *, by_run: bool = False) -> int:
    """How many numbers the key of a queue has. Raises KeyError: no such queue."""
    return len(_by_run(queue) if by_run else _order(queue))


def by_ids(session: Session, picture_ids: Sequence[int]) -> list[Queued]:
    """These pictures, in this order; unknown ones are left out."""
    order = _order("everything")
    query = _rows([PictureRow.id.in_(picture_ids)])
    found = {row[0].id: _queued(row, order) for row in session.execute(query)}
    return [found[each] for each in picture_ids if each in found]


Table = type[PictureRow | InferenceRow | CurrentLabelRow]
Order = tuple[tuple[Table, str, bool], ...]  # column, whether it falls

# The columns of the table that leads the queue, so that its index gives the order.
_NEWEST: Order = ((PictureRow, "run", True), (PictureRow, "chunk", True), (PictureRow, "id", True))
_NEWEST_JUDGED: Order = (
    (InferenceRow, "run", True),
    (InferenceRow, "chunk", True),
    (InferenceRow, "picture_id", True),
)
_CLOSEST: Order = ((InferenceRow, "margin", False), (InferenceRow, "picture_id", False))
_SUREST: Order = ((CurrentLabelRow, "suspicion", True), (CurrentLabelRow, "picture_id", True))
_ORDERS: dict[str, Order] = {
    "unlabelled": _NEWEST,
    "unconfirmed": _NEWEST_JUDGED,
    "bad": _NEWEST_JUDGED,
    "uncertain": _CLOSEST,
    "unbiased": _NEWEST_JUDGED,
    "disputed": _NEWEST,
    "flagged": _NEWEST,
    "suspect": _SUREST,
    "everything": _NEWEST,
}


def _order(queue: str) -> Order:
    if queue not in _ORDERS:
        raise KeyError(f"there is no queue {queue}")
    return _ORDERS[queue]


def _by_run(queue: str) -> Order:
    order = _order(queue)
    return _NEWEST if order in (_CLOSEST, _SUREST) else order


def _wanted(
    queue: str, plot_type_ids: Sequence[int], narrowing: Narrowing
) -> list[SQLColumnExpression[bool]]:
    unlabelled = CurrentLabelRow.picture_id.is_(None)  # it is joined from the outside
    judged = InferenceRow.plot_type_id.in_(plot_type_ids)
    by_queue: dict[str, list[SQLColumnExpression[bool]]] = {
        "unlabelled": [unlabelled],
        "unconfirmed": [judged, InferenceRow.noteworthy, ~InferenceRow.confirmed, unlabelled],
        "bad": [judged, InferenceRow.noteworthy, InferenceRow.severity == "bad", unlabelled],
        "uncertain": [judged, InferenceRow.model_id.is_not(None), unlabelled],
        "unbiased": [judged, InferenceRow.unbiased, unlabelled],
        "disputed": [CurrentLabelRow.disputed],
        "flagged": [PictureRow.id.in_(open_remarks())],
        "suspect": [
            CurrentLabelRow.plot_type_id.in_(plot_type_ids),
            CurrentLabelRow.suspicion.is_not(None),
        ],
        "everything": [],
    }
    own = [PictureRow.plot_type_id.in_(plot_type_ids), PictureRow.stored]
    return [*own, *by_queue[queue], *narrowed(narrowing)]


def _beyond(order: Order, after: tuple[float, ...]) -> SQLColumnExpression[bool]:
    """Rows behind the key ``after``; spelt out, since MySQL uses no index for (a, b) < (c, d)."""
    if len(after) != len(order):
        raise ValueError("this page mark is of another queue")
    columns = [(_column(table, name), falls) for table, name, falls in order]
    branches = []
    for depth, (column, falls) in enumerate(columns):
        same = [each == after[n] for n, (each, _) in enumerate(columns[:depth])]
        branches.append(and_(*same, column < after[depth] if falls else column > after[depth]))
    first, falls = columns[0]
    return and_(first <= after[0] if falls else first >= after[0], or_(*branches))


def _column(table: Table, name: str) -> ColumnElement[Any]:
    column: ColumnElement[Any] = getattr(table, name)
    return column


def _joined(query: Select[Any]) -> Select[Any]:
    return (
        query.select_from(PictureRow)
        .outerjoin(InferenceRow, InferenceRow.picture_id == PictureRow.id)
        .outerjoin(CurrentLabelRow, CurrentLabelRow.picture_id == PictureRow.id)
    )


def _rows(wanted: Sequence[SQLColumnExpression[bool]]) -> Select[Any]:
    columns: Any = select(
        PictureRow, PlotTypeRow.name, RunPeriodRow.name, InferenceRow, CurrentLabelRow
    )
    return (
        _joined(columns)
        .join(PlotTypeRow, PlotTypeRow.id == PictureRow.plot_type_id)
        .join(RunPeriodRow, RunPeriodRow.id == PictureRow.run_period_id)
        .where(*wanted)
    )


def _queued(row: Any, order: Order) -> Queued:
    picture, _, _, verdict, label = row
    led_by = {PictureRow: picture, InferenceRow: verdict, CurrentLabelRow: label}
    return queued(row, tuple(float(getattr(led_by[table], name)) for table, name, _ in order))
