"""The confusion matrix: what models say of labelled pictures, counted and listed by the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Integer, Select, Subquery, and_, case, cast, func, select, union_all
from sqlalchemy.orm import Session

from db.tables.judging import EvaluationRow, InferenceRow
from db.tables.models import TrainingSetRow
from db.tables.people import CurrentLabelRow
from db.tables.plots import ClassRow, PictureRow, RunPeriodRow

BINS = 40

Live: TypeAlias = tuple[int, datetime, str, float]  # run, time, class, confidence
Pair: TypeAlias = tuple[int, str, str, str, float, float]  # picture, expert, said twice, sure twice


@dataclass(frozen=True, slots=True)
class BarCount:
    """How many pictures of a cell have a confidence in one of BINS bars."""

    expert: str
    said: str
    bar: int
    count: int


@dataclass(frozen=True, slots=True)
class ConfirmedCount:
    """How many pictures of a cell there are, and how many verdicts are Confirmed: now, and then."""

    expert: str
    said: str
    count: int
    now: int
    then: int


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


# ---------------------------------------------------------------- the matrix


def bars(session: Session, model_id: int, source: str) -> list[BarCount]:
    """The confusion matrix with its histograms, counted by the database."""
    said = _said(model_id, source)
    bar = cast(func.floor(said.c.confidence * BINS), Integer)
    query = select(said.c.expert, said.c.said, bar, func.count()).group_by(
        said.c.expert, said.c.said, bar
    )
    found: dict[tuple[str, str, int], int] = {}
    for expert, label, number, count in session.execute(query):
        key = expert, label, min(max(int(number), 0), BINS - 1)
        found[key] = found.get(key, 0) + count
    return [BarCount(*key, count) for key, count in found.items()]


def confirmed(
    session: Session,
    model_id: int,
    source: str,
    now: Mapping[str, float],
    then: Mapping[str, float],
) -> list[ConfirmedCount]:
    """Each cell with its Confirmed verdicts under two sets of thresholds (a class without: never)."""
    said = _said(model_id, source)
    sums = [
        func.sum(case((said.c.confidence >= _at(said, each), 1), else_=0)) for each in (now, then)
    ]
    query = select(said.c.expert, said.c.said, func.count(), *sums).group_by(
        said.c.expert, said.c.said
    )
    return [
        ConfirmedCount(expert, label, count, int(first), int(second))
        for expert, label, count, first, second in session.execute(query)
    ]


def _at(said: Subquery, thresholds: Mapping[str, float]) -> Any:
    if not thresholds:
        return 2.0
    return case(*((said.c.said == name, value) for name, value in thresholds.items()), else_=2.0)


def pictures(
    session: Session,
    model_id: int,
    source: str,
    cell: tuple[str, str],
    *,
    between: tuple[float, float],
    offset: int,
    limit: int,
) -> tuple[int, list[Judged]]:
    """How many pictures a cell (expert, said) has in a range of confidence, and a page, surest first.

    The cell ("", "") holds every mistake.
    """
    said = _said(model_id, source)
    inside = (
        and_(said.c.expert == cell[0], said.c.said == cell[1])
        if any(cell)
        else said.c.expert != said.c.said
    )
    where = (
        inside,
        said.c.confidence >= between[0],
        said.c.confidence < between[1],
    )
    total = session.scalar(select(func.count()).select_from(said).where(*where)) or 0
    query = _with_places(said).where(*where)
    query = query.order_by(said.c.confidence.desc(), PictureRow.id).offset(offset).limit(limit)
    return total, [_judged(row) for row in session.execute(query)]


def answers(session: Session, model_id: int, source: str) -> list[tuple[str, str, float]]:
    """(expert, said, confidence) of every picture."""
    said = _said(model_id, source)
    return [
        (expert, label, sure)
        for expert, label, sure in session.execute(
            select(said.c.expert, said.c.said, said.c.confidence)
        )
    ]


def of_class(
    session: Session, model_id: int, source: str, class_name: str
) -> list[tuple[bool, float]]:
    """Whether a person said the class, and how sure the model is of it, for every picture."""
    said = _said(model_id, source)
    rows = session.execute(select(said.c.expert, said.c.scores))
    return [(expert == class_name, float(scores.get(class_name, 0.0))) for expert, scores in rows]


def both(session: Session, first: int, second: int, source: str, *, unseen: bool) -> list[Pair]:
    """Pictures that both models judged: id, expert, what each said, how sure each was.

    ``unseen``: only those that neither was trained on.
    """
    one, two = _said(first, source), _said(second, source)
    query = select(
        one.c.picture_id, one.c.expert, one.c.said, two.c.said, one.c.confidence, two.c.confidence
    ).join(two, two.c.picture_id == one.c.picture_id)
    if unseen:
        query = query.where(~_taught([first, second], one.c.picture_id))
    return [tuple(row) for row in session.execute(query.order_by(one.c.picture_id))]


def places(session: Session, picture_ids: Sequence[int]) -> dict[int, tuple[PictureRow, str, str]]:
    """Pictures by id, each with its run period and who labelled it."""
    rows = session.execute(
        select(PictureRow, RunPeriodRow.name, CurrentLabelRow.who)
        .join(RunPeriodRow, RunPeriodRow.id == PictureRow.run_period_id)
        .join(CurrentLabelRow, CurrentLabelRow.picture_id == PictureRow.id)
        .where(PictureRow.id.in_(picture_ids))
    )
    return {picture.id: (picture, period, who) for picture, period, who in rows}


def taught(session: Session, model_id: int, source: str) -> int:
    """On how many pictures of a source the model itself was trained."""
    said = _said(model_id, source)
    query = select(func.count()).select_from(said).where(_taught([model_id], said.c.picture_id))
    return session.scalar(query) or 0


def _taught(model_ids: Sequence[int], picture_id: Any) -> Any:
    return (
        select(TrainingSetRow.picture_id)
        .where(
            TrainingSetRow.model_id.in_(model_ids),
            TrainingSetRow.picture_id == picture_id,
            TrainingSetRow.side == "training",
        )
        .exists()
    )


def _said(model_id: int, source: str) -> Subquery:
    """Labelled pictures with what the model says of them. Raises ValueError: no such source."""
    match source:
        case "validation":
            return _labelled(_evaluated(model_id, "validation"))
        case "labelled":
            return _labelled(_evaluated(model_id, "replay"))
        case "unbiased":
            return _labelled(_unbiased(model_id))
    raise ValueError(f"there is no source {source}")


def _labelled(judged: Subquery) -> Subquery:
    return (
        select(
            judged.c.picture_id,
            judged.c.label.label("said"),
            judged.c.confidence,
            judged.c.scores,
            CurrentLabelRow.class_name.label("expert"),
            CurrentLabelRow.who,
        )
        .join(CurrentLabelRow, CurrentLabelRow.picture_id == judged.c.picture_id)
        .join(ClassRow, and_(ClassRow.name == CurrentLabelRow.class_name, ClassRow.teaches))
        .subquery()
    )


_ANSWER = ("picture_id", "label", "confidence", "scores")


def _evaluated(model_id: int, purpose: str) -> Subquery:
    columns = [getattr(EvaluationRow, name) for name in _ANSWER]
    return (
        select(*columns)
        .where(EvaluationRow.model_id == model_id, EvaluationRow.purpose == purpose)
        .subquery()
    )


def _unbiased(model_id: int) -> Subquery:
    """What the model said live, or in the shadow, of pictures drawn at random.

    Not of masked ones: the person who labelled them saw more than the model.
    """
    live = select(*(getattr(InferenceRow, name) for name in _ANSWER)).where(
        InferenceRow.model_id == model_id, InferenceRow.unbiased, InferenceRow.masked.is_(None)
    )
    shadow = (
        select(*(getattr(EvaluationRow, name) for name in _ANSWER))
        .join(InferenceRow, InferenceRow.picture_id == EvaluationRow.picture_id)
        .where(
            EvaluationRow.model_id == model_id,
            EvaluationRow.purpose == "shadow",
            InferenceRow.unbiased,
            InferenceRow.model_id != model_id,
        )
    )
    return union_all(live, shadow).subquery()


def _with_places(said: Subquery) -> Select[Any]:
    return (
        select(said, PictureRow, RunPeriodRow.name)
        .join(PictureRow, PictureRow.id == said.c.picture_id)
        .join(RunPeriodRow, RunPeriodRow.id == PictureRow.run_period_id)
    )


def _judged(row: Any) -> Judged:
    picture: PictureRow = row.PictureRow
    return Judged(
        picture_id=picture.id,
        picture_hash=picture.picture_hash,
        run_period=row.name,
        run=picture.run,
        chunk=picture.chunk,
        expert=row.expert,
        labelled_by=row.who,
        said=row.said,
        confidence=row.confidence,
    )


# ---------------------------------------------------------------- live verdicts


def live_of_last_runs(session: Session, model_id: int, runs: int) -> list[Live]:
    """Run, time, class and confidence of the model's live verdicts in its last ``runs`` runs."""
    mine = InferenceRow.model_id == model_id
    last = (
        select(InferenceRow.run)
        .where(mine)
        .group_by(InferenceRow.run)
        .order_by(func.max(InferenceRow.judged_at).desc())
        .limit(runs)
    )
    numbers = session.scalars(last).all()  # MySQL takes no LIMIT inside IN
    query = (
        select(
            InferenceRow.run, InferenceRow.judged_at, InferenceRow.label, InferenceRow.confidence
        )
        .where(mine, InferenceRow.run.in_(numbers))
        .order_by(InferenceRow.judged_at, InferenceRow.id)
    )
    return [(run, at, label, sure) for run, at, label, sure in session.execute(query)]
