"""The confusion matrix: what models say of labelled pictures, counted, and the pictures of a cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, func, select
from sqlalchemy.orm import Session

from db import said as sources
from db import tallies
from db.tables.models import TrainingSetRow
from db.tables.people import CurrentLabelRow
from db.tables.plots import PictureRow, RunPeriodRow
from db.tallies import BARS, Tally

Cell = tuple[str, str]  # expert, said


@dataclass(frozen=True, slots=True)
class ConfirmedCount:
    """How many pictures of a cell there are, and how many verdicts are Confirmed."""

    expert: str
    said: str
    count: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled picture and what a model says of it."""

    picture_id: int
    picture_hash: str
    run_period: str
    run: int
    chunk: int
    expert: str
    labelled_by: str
    said: str
    confidence: float


def tally(session: Session, model_id: int, source: str) -> list[Tally]:
    """The confusion matrix with its confidences, in bars of 1 / ``tallies.BARS``.

    Raises ValueError: no such source.
    """
    purpose = sources.purpose(source)
    if purpose is not None:
        return tallies.read(session, model_id, purpose)
    rows = sources.labelled(session, model_id, source)
    found = Counter(
        (expert, label, tallies.bar(sure))
        for expert, label, sure in session.execute(
            select(rows.c.expert, rows.c.said, rows.c.confidence)
        )
    )
    return [Tally(*key, count) for key, count in found.items()]


# ---------------------------------------------------------------- thresholds


def confirmed(
    session: Session,
    model_id: int,
    source: str,
    counted: Collection[Tally],
    thresholds: Mapping[str, float],
) -> list[ConfirmedCount]:
    """Each cell with its Confirmed verdicts (a class without a threshold: never).

    From the tally ``counted``; only where a threshold lies within a bar are pictures asked for.
    """
    reached, split = _by_threshold(counted, thresholds)
    rows = sources.labelled(session, model_id, source)
    for cell in sorted(split):  # one by one: each is found by index, an OR of all is not
        within = _above(rows, cell, thresholds[cell[1]])
        query = select(func.count()).select_from(rows).where(within)
        reached[cell] += session.scalar(query) or 0
    totals: Counter[Cell] = Counter()
    for each in counted:
        totals[each.expert, each.said] += each.count
    return [ConfirmedCount(*cell, count, reached[cell]) for cell, count in totals.items()]


def _by_threshold(
    counted: Collection[Tally], thresholds: Mapping[str, float]
) -> tuple[Counter[Cell], set[Cell]]:
    """What whole bars say, and the cells of which a bar is cut by the threshold."""
    reached: Counter[Cell] = Counter()
    split: set[Cell] = set()
    for each in counted:
        threshold = thresholds.get(each.said, 2.0)
        if each.bar / BARS >= threshold:
            reached[each.expert, each.said] += each.count
        elif (each.bar + 1) / BARS > threshold or (threshold == 1.0 and each.bar == BARS - 1):
            split.add((each.expert, each.said))
    return reached, split


def _above(rows: Subquery, cell: Cell, threshold: float) -> ColumnElement[bool]:
    """The pictures of a cell from the threshold to the end of the bar in which it lies."""
    place = tallies.bar(threshold)
    end = (place + 1) / BARS if place + 1 < BARS else 2.0
    expert, label = cell
    return and_(
        rows.c.expert == expert,
        rows.c.said == label,
        rows.c.confidence >= threshold,
        rows.c.confidence < end,
    )


# ---------------------------------------------------------------- pictures


def pictures(
    session: Session,
    model_id: int,
    source: str,
    cell: Cell,
    *,
    between: tuple[float, float],
    offset: int,
    limit: int,
) -> tuple[int, list[Judged]]:
    """How many pictures a cell (expert, said) has in a range of confidence, and a page, surest first.

    The cell ("", "") holds every mistake.
    """
    inside = _inside(tally(session, model_id, source), cell, between)
    total = sum(each.count for each in inside)
    part, skipped = _bars_of_page(inside, offset, offset + limit)
    if not part:
        return total, []
    rows = sources.labelled(session, model_id, source)
    low, high = min(part), max(part)
    bounds = (
        max(between[0], low / BARS),
        min(between[1], (high + 1) / BARS if high + 1 < BARS else 2),
    )
    found = [
        row
        for each in sorted({(each.expert, each.said) for each in inside if each.bar in part})
        for row in _surest(session, rows, each, bounds, offset - skipped + limit)
    ]
    found.sort(key=lambda row: (-row.confidence, -row.picture_id))
    return total, _with_places(session, found[offset - skipped : offset - skipped + limit])


def _inside(counted: Collection[Tally], cell: Cell, between: tuple[float, float]) -> list[Tally]:
    """What is counted of a cell, or of every mistake, in a range that ends with bars."""
    return [
        each
        for each in counted
        if ((each.expert, each.said) == cell if any(cell) else each.expert != each.said)
        and (each.bar + 1) / BARS > between[0]
        and each.bar / BARS < between[1]
    ]


def _bars_of_page(inside: Collection[Tally], first: int, last: int) -> tuple[set[int], int]:
    """The bars that hold the pictures ``first`` to below ``last``, and how many are above them.

    So a page far back is found where it is, and not by counting down to it.
    """
    heights: Counter[int] = Counter()
    for each in inside:
        heights[each.bar] += each.count
    above, skipped, found = 0, 0, set()
    for number in sorted(heights, reverse=True):
        if above < last and above + heights[number] > first:
            found.add(number)
        elif above + heights[number] <= first:
            skipped = above + heights[number]
        above += heights[number]
    return found, skipped


def _surest(
    session: Session, rows: Subquery, cell: Cell, between: tuple[float, float], limit: int
) -> list[Any]:
    query = (
        select(rows)
        .where(
            rows.c.expert == cell[0],
            rows.c.said == cell[1],
            rows.c.confidence >= between[0],
            rows.c.confidence < between[1],
        )
        .order_by(rows.c.confidence.desc(), rows.c.picture_id.desc())
        .limit(limit)
    )
    return list(session.execute(query))


def _with_places(session: Session, rows: list[Any]) -> list[Judged]:
    known = places(session, [row.picture_id for row in rows])
    return [_judged(row, *known[row.picture_id]) for row in rows if row.picture_id in known]


def places(session: Session, picture_ids: list[int]) -> dict[int, tuple[PictureRow, str, str]]:
    """Pictures by id, each with its run period and who labelled it."""
    rows = session.execute(
        select(PictureRow, RunPeriodRow.name, CurrentLabelRow.who)
        .join(RunPeriodRow, RunPeriodRow.id == PictureRow.run_period_id)
        .join(CurrentLabelRow, CurrentLabelRow.picture_id == PictureRow.id)
        .where(PictureRow.id.in_(picture_ids))
    )
    return {picture.id: (picture, period, who) for picture, period, who in rows}


def _judged(row: Any, picture: PictureRow, period: str, who: str) -> Judged:
    return Judged(
        picture_id=picture.id,
        picture_hash=picture.picture_hash,
        run_period=period,
        run=picture.run,
        chunk=picture.chunk,
        expert=row.expert,
        labelled_by=who,
        said=row.said,
        confidence=row.confidence,
    )


# ---------------------------------------------------------------- what a model was taught


def taught(session: Session, model_id: int) -> int:
    """On how many pictures a model was trained, whatever became of their labels.

    Looking up which of them are still labelled takes a second for every 200,000.
    """
    query = select(func.count()).where(
        TrainingSetRow.model_id == model_id, TrainingSetRow.side == "training"
    )
    return session.scalar(query) or 0


def was_taught(model_ids: list[int], picture_id: Any) -> Any:
    """Whether one of the models was trained on a picture."""
    return (
        select(TrainingSetRow.picture_id)
        .where(
            TrainingSetRow.model_id.in_(model_ids),
            TrainingSetRow.picture_id == picture_id,
            TrainingSetRow.side == "training",
        )
        .exists()
    )
