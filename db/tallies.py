"""Counts of what models say of labelled pictures, kept in the transaction that changes them.

Counting 400,000 evaluations takes a database seconds; their counts by expert's class, model's class and confidence
are a few thousand rows. ``evaluations.expert`` is the class under which an evaluation is counted (None: not counted), so that
nothing is counted twice and a label given anew knows what to take away. Whoever labels a picture holds its row
until the end; whoever adds evaluations of it waits there (foreign key). So neither misses the other's work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db import inserts
from db.tables.judging import EvaluationRow, TallyRow
from db.tables.people import CurrentLabelRow
from db.tables.plots import ClassRow

BARS = 600  # divides into the matrix's 40, calibration's 15 and thresholds' steps of 0.005
PART = 1000  # ids in one statement

Key: TypeAlias = tuple[int, str, str, str, int]  # model, purpose, expert, said, bar


@dataclass(frozen=True, slots=True)
class Tally:
    """How many pictures a person called ``expert`` and a model ``said``, this sure."""

    expert: str
    said: str
    bar: int  # of BARS over 0..1
    count: int


def bar(confidence: float) -> int:
    """The bar b with b / BARS <= confidence < (b + 1) / BARS, exactly; 1 is in the last."""
    near = min(max(int(confidence * BARS), 0), BARS - 1)
    if near + 1 < BARS and confidence >= (near + 1) / BARS:
        return near + 1
    return near - 1 if near and confidence < near / BARS else near


def read(session: Session, model_id: int, purpose: str) -> list[Tally]:
    """What is counted of one model's evaluations; classes that do not teach are left out."""
    rows = session.execute(
        select(TallyRow.expert, TallyRow.said, TallyRow.bar, TallyRow.count)
        .join(ClassRow, (ClassRow.name == TallyRow.expert) & ClassRow.teaches)
        .where(TallyRow.model_id == model_id, TallyRow.purpose == purpose, TallyRow.count > 0)
    )
    return [Tally(*row) for row in rows]


def total(session: Session, model_id: int, purpose: str) -> int:
    """How many evaluations are counted, of all classes."""
    query = select(func.sum(TallyRow.count)).where(
        TallyRow.model_id == model_id, TallyRow.purpose == purpose
    )
    return int(session.scalar(query) or 0)


def count_in(session: Session, model_id: int, purpose: str, picture_ids: Sequence[int]) -> None:
    """Count evaluations that were just added, where the picture has a label."""
    for part in _parts(picture_ids):
        new = session.execute(
            select(
                EvaluationRow.id,
                EvaluationRow.label,
                EvaluationRow.confidence,
                CurrentLabelRow.class_name,
            )
            .join(CurrentLabelRow, CurrentLabelRow.picture_id == EvaluationRow.picture_id)
            .where(
                EvaluationRow.model_id == model_id,
                EvaluationRow.purpose == purpose,
                EvaluationRow.picture_id.in_(part),
                EvaluationRow.expert.is_(None),
                CurrentLabelRow.class_name.is_not(None),
            )
            .with_for_update()
        ).all()
        by_class: dict[str, list[int]] = {}
        moves: Counter[Key] = Counter()
        for number, said, confidence, expert in new:
            by_class.setdefault(str(expert), []).append(number)
            moves[model_id, purpose, str(expert), said, bar(confidence)] += 1
        for expert, numbers in by_class.items():
            _call(session, numbers, expert)
        _move(session, moves)


def relabel(session: Session, picture_id: int, class_name: str | None) -> None:
    """Count every evaluation of a picture under its new label (None: no more)."""
    known = session.execute(
        select(
            EvaluationRow.id,
            EvaluationRow.model_id,
            EvaluationRow.purpose,
            EvaluationRow.label,
            EvaluationRow.confidence,
            EvaluationRow.expert,
        )
        .where(EvaluationRow.picture_id == picture_id)
        .with_for_update()
    ).all()
    moves: Counter[Key] = Counter()
    for _, model_id, purpose, said, confidence, expert in known:
        place = bar(confidence)
        if expert is not None:
            moves[model_id, purpose, expert, said, place] -= 1
        if class_name is not None:
            moves[model_id, purpose, class_name, said, place] += 1
    _call(session, [row.id for row in known if row.expert != class_name], class_name)
    _move(session, moves)


def rename(session: Session, name: str, to: str) -> None:
    """A class has another name, which no class had."""
    session.execute(update(EvaluationRow).where(EvaluationRow.expert == name).values(expert=to))
    session.execute(update(TallyRow).where(TallyRow.expert == name).values(expert=to))


def _call(session: Session, evaluation_ids: Sequence[int], expert: str | None) -> None:
    for part in _parts(evaluation_ids):
        session.execute(
            update(EvaluationRow)
            .where(EvaluationRow.id.in_(part))
            .values(expert=expert)
            .execution_options(synchronize_session=False)
        )


def _move(session: Session, moves: Counter[Key]) -> None:
    # Always in the order of the key: two who count at once then wait for each other, not in a circle.
    rows = [
        dict(zip(("model_id", "purpose", "expert", "said", "bar"), key, strict=True))
        | {"count": change}
        for key, change in sorted(moves.items())
        if change
    ]
    inserts.add_up(session, TallyRow, rows, "count")


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[first : first + PART] for first in range(0, len(ids), PART))
