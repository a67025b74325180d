"""Labelled pictures with what a model says of them, from three sources: subqueries for those who count."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Subquery, and_, select, union_all
from sqlalchemy.orm import Session

from db.tables.judging import EvaluationRow, InferenceRow
from db.tables.models import ModelRow
from db.tables.people import CurrentLabelRow
from db.tables.plots import ClassRow

PURPOSES = {"validation": "validation", "labelled": "replay"}  # sources that are evaluations
UNBIASED = "unbiased"
_ANSWER = ("picture_id", "label", "confidence")


def purpose(source: str) -> str | None:
    """The evaluations of a source; None: it is not made of them. Raises ValueError: no such source."""
    if source not in PURPOSES and source != UNBIASED:
        raise ValueError(f"there is no source {source}")
    return PURPOSES.get(source)


def labelled(session: Session, model_id: int, source: str) -> Subquery:
    """picture_id, said, confidence, expert of every picture whose label teaches.

    Raises ValueError: no such source.
    """
    kept = purpose(source)
    if kept is None:
        return _with_labels(_unbiased(session, model_id))
    return (
        select(
            EvaluationRow.picture_id,
            EvaluationRow.label.label("said"),
            EvaluationRow.confidence,
            EvaluationRow.expert,
        )
        .join(ClassRow, and_(ClassRow.name == EvaluationRow.expert, ClassRow.teaches))
        .where(EvaluationRow.model_id == model_id, EvaluationRow.purpose == kept)
        .subquery()
    )


def _with_labels(judged: Subquery) -> Subquery:
    return (
        select(
            judged.c.picture_id,
            judged.c.label.label("said"),
            judged.c.confidence,
            CurrentLabelRow.class_name.label("expert"),
        )
        .join(CurrentLabelRow, CurrentLabelRow.picture_id == judged.c.picture_id)
        .join(ClassRow, and_(ClassRow.name == CurrentLabelRow.class_name, ClassRow.teaches))
        .subquery()
    )


def _unbiased(session: Session, model_id: int) -> Subquery:
    """What the model said live, or in the shadow, of pictures drawn at random.

    Not of masked ones: the person who labelled them saw more than the model.
    """
    plot_type_id = session.scalar(select(ModelRow.plot_type_id).where(ModelRow.id == model_id))
    # With the plot type an index finds the few that were drawn among all that the model judged.
    drawn = and_(InferenceRow.plot_type_id == plot_type_id, InferenceRow.unbiased)
    live = select(*(_column(InferenceRow, name) for name in _ANSWER)).where(
        drawn, InferenceRow.model_id == model_id, InferenceRow.masked.is_(None)
    )
    shadow = (
        select(*(_column(EvaluationRow, name) for name in _ANSWER))
        .join(InferenceRow, InferenceRow.picture_id == EvaluationRow.picture_id)
        .where(
            EvaluationRow.model_id == model_id,
            EvaluationRow.purpose == "shadow",
            drawn,
            InferenceRow.model_id != model_id,
        )
    )
    return union_all(live, shadow).subquery()


def _column(row: type[InferenceRow | EvaluationRow], name: str) -> Any:
    return getattr(row, name)
