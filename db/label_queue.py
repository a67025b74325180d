"""Queues of pictures that want a label: paged by key, so that a page costs the same at any depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from db.tables.judging import InferenceRow
from db.tables.people import CurrentLabelRow, LabelRow
from db.tables.plots import PictureRow, PlotTypeRow, RunPeriodRow

COUNTED = 3_000  # a longer queue is not counted to its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What a person asks of a queue besides its kind; a field at its default narrows nothing."""

    run_from: int | None = None
    run_to: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    class_name: str = ""
    labeller: str = ""
    said: str = ""
    confidence_from: float = 0.0
    confidence_to: float = 1.0
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A picture of a queue with what is known of it; ``key`` is where the next page begins."""

    picture_id: int
    plot_type_id: int
    plot_type: str
    run_period: str
    run: int
    chunk: int
    picture_hash: str
    picture_time: datetime
    pin: str
    weight: int
    said: str
    severity: str
    confidence: float
    confirmed: bool
    unbiased: bool
    scores: dict[str, float]
    thresholds: dict[str, float]
    margin: float
    doubts: dict[str, float]  # by the newest model that was asked: what the margin is of
    suspected: str  # what speaks against the label; empty: nothing
    suspicion: float
    class_name: str
    who: str
    labelled_at: datetime | None
    label_id: int
    disputed: bool
    key: tuple[float, ...]


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
    found: list[tuple[tuple[float, ...], int]] = []
    for (
        kind
    ) in plot_type_ids:  # one after the other: only within one plot type has an index the order
        found += _first(session, order, _wanted(queue, [kind], narrowing), after, limit)
    found.sort(key=lambda each: _place(order, each[0]))
    ids = [number for _, number in found[:limit]]
    rows = {row[0].id: row for row in session.execute(_rows([PictureRow.id.in_(ids)]))}
    return [_queued(rows[number], order) for number in ids if number in rows]


def _first(
    session: Session,
    order: Order,
    wanted: Sequence[SQLColumnExpression[bool]],
    after: tuple[float, ...],
    limit: int,
) -> list[tuple[tuple[float, ...], int]]:
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


def key_length(queue: str) -> int:
    """How many numbers the key of a queue has. Raises KeyError: no such queue."""
    return len(_order(queue))


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
    "suspect": _SUREST,
    "everything": _NEWEST,
}


def _order(queue: str) -> Order:
    if queue not in _ORDERS:
        raise KeyError(f"there is no queue {queue}")
    return _ORDERS[queue]


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
        "suspect": [
            CurrentLabelRow.plot_type_id.in_(plot_type_ids),
            CurrentLabelRow.suspicion.is_not(None),
        ],
        "everything": [],
    }
    own = [PictureRow.plot_type_id.in_(plot_type_ids), PictureRow.stored]
    return [*own, *by_queue[queue], *_narrowed(narrowing)]


def _narrowed(asked: Narrowing) -> list[SQLColumnExpression[bool]]:
    conditions: list[SQLColumnExpression[bool]] = []
    if asked.run_from is not None:
        conditions.append(PictureRow.run >= asked.run_from)
    if asked.run_to is not None:
        conditions.append(PictureRow.run <= asked.run_to)
    if asked.since is not None:
        conditions.append(PictureRow.picture_time >= asked.since)
    if asked.until is not None:
        conditions.append(PictureRow.picture_time <= asked.until)
    if asked.class_name:
        conditions.append(CurrentLabelRow.class_name == asked.class_name)
    if asked.said:
        conditions.append(InferenceRow.label == asked.said)
    if (asked.confidence_from, asked.confidence_to) != (0.0, 1.0):
        conditions.append(
            InferenceRow.confidence.between(asked.confidence_from, asked.confidence_to)
        )
    return conditions + _by_votes(asked)


def _by_votes(asked: Narrowing) -> list[SQLColumnExpression[bool]]:
    on_it = LabelRow.picture_id == PictureRow.id
    conditions: list[SQLColumnExpression[bool]] = []
    if asked.labeller:
        conditions.append(exists().where(on_it, LabelRow.who == asked.labeller))
    if asked.text:
        commented = exists().where(on_it, LabelRow.comment.contains(asked.text, autoescape=True))
        named = PictureRow.file_name.contains(asked.text, autoescape=True)
        conditions.append(or_(commented, named))
    return conditions


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
    picture, plot_type, period, verdict, label = row
    led_by = {PictureRow: picture, InferenceRow: verdict, CurrentLabelRow: label}
    key = tuple(float(getattr(led_by[table], name)) for table, name, _ in order)
    judged = verdict is not None and verdict.model_id is not None
    return Queued(
        picture_id=picture.id,
        plot_type_id=picture.plot_type_id,
        plot_type=plot_type,
        run_period=period,
        run=picture.run,
        chunk=picture.chunk,
        picture_hash=picture.picture_hash,
        picture_time=picture.picture_time,
        pin=picture.pin or "",
        weight=picture.training_weight,
        said=verdict.label if judged else "",
        severity=verdict.severity if judged else "",
        confidence=verdict.confidence if judged else 0.0,
        confirmed=judged and verdict.confirmed,
        unbiased=verdict is not None and verdict.unbiased,
        scores=dict(verdict.scores) if judged else {},
        thresholds=dict(verdict.thresholds) if judged else {},
        margin=verdict.margin if judged else 1.0,
        doubts=dict(verdict.rescored or verdict.scores) if judged else {},
        suspected=(label.suspected or "") if label is not None else "",
        suspicion=(label.suspicion or 0.0) if label is not None else 0.0,
        class_name=(label.class_name or "") if label is not None else "",
        who=label.who if label is not None else "",
        labelled_at=label.at if label is not None else None,
        label_id=label.label_id if label is not None else 0,
        disputed=label is not None and label.disputed,
        key=key,
    )
