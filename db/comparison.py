"""Two models on the same labelled pictures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session

from db import matrix
from db import said as sources
from db.tables.judging import EvaluationRow

Triple: TypeAlias = tuple[str, str, str]  # expert, what the first said, what the second said


@dataclass(frozen=True, slots=True)
class Pair:
    """A labelled picture of which two models say different things."""

    picture_id: int
    expert: str
    said: tuple[str, str]
    confidence: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Both:
    """Two models on a source; ``unseen``: only on pictures that neither was trained on."""

    first: int
    second: int
    source: str
    unseen: bool = False
    since: int = 0  # only pictures from this id on


def newest(session: Session, model_id: int, source: str, count: int) -> int:
    """The id from which on a model's ``count`` newest evaluations lie; 0: it has no more than those."""
    purpose = sources.purpose(source)
    query = (
        select(EvaluationRow.picture_id)
        .where(EvaluationRow.model_id == model_id, EvaluationRow.purpose == purpose)
        .order_by(EvaluationRow.picture_id.desc())
        .offset(count)
        .limit(1)
    )
    older = None if purpose is None else session.scalar(query)
    return 0 if older is None else older + 1


def counts(session: Session, asked: Both) -> dict[Triple, int]:
    """How many pictures there are of each label and each pair of answers."""
    query, columns = _both(session, asked)
    kinds = columns["expert"], columns["first"], columns["second"]
    rows = session.execute(query.with_only_columns(*kinds, func.count()).group_by(*kinds))
    return {(expert, first, second): count for expert, first, second, count in rows}


def counts_apart(session: Session, asked: Both) -> tuple[dict[Triple, int], dict[Triple, int]]:
    """``counts`` of all pictures, and of those that neither model was trained on; in one reading."""
    query, columns = _both(session, asked)
    taught = case((matrix.was_taught([asked.first, asked.second], columns["picture"]), 1), else_=0)
    kinds = columns["expert"], columns["first"], columns["second"], taught.label("taught")
    rows = session.execute(query.with_only_columns(*kinds, func.count()).group_by(*kinds)).all()
    every: Counter[Triple] = Counter()
    for expert, first, second, _, count in rows:
        every[expert, first, second] += count
    return every, {(e, f, s): count for e, f, s, known, count in rows if not known}


def differences(session: Session, asked: Both, offset: int, limit: int) -> list[Pair]:
    """A page of what they differ on: first what only one of them got right, of those the surest."""
    query, column = _both(session, asked)
    sure, other = column["sure"], column["other"]
    right = or_(column["first"] == column["expert"], column["second"] == column["expert"])
    rows = session.execute(
        query.where(column["first"] != column["second"])
        .order_by(
            case((right, 0), else_=1),
            case((sure > other, sure), else_=other).desc(),
            column["picture"],
        )
        .offset(offset)
        .limit(limit)
    )
    return [
        Pair(picture, expert, (first, second), (one, two))
        for picture, expert, first, second, one, two in rows
    ]


def _both(session: Session, asked: Both) -> tuple[Select[Any], dict[str, Any]]:
    one = sources.labelled(session, asked.first, asked.source)
    two = sources.labelled(session, asked.second, asked.source)
    columns = {
        "picture": one.c.picture_id,
        "expert": one.c.expert,
        "first": one.c.said,
        "second": two.c.said,
        "sure": one.c.confidence,
        "other": two.c.confidence,
    }
    query = select(*columns.values()).join(two, two.c.picture_id == one.c.picture_id)
    if asked.since:
        query = query.where(one.c.picture_id >= asked.since, two.c.picture_id >= asked.since)
    if asked.unseen:
        query = query.where(~matrix.was_taught([asked.first, asked.second], one.c.picture_id))
    return query, columns
