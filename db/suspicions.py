"""Suspected label errors: what a model that had not learned from a picture says against its label.

The suspicion is kept with the label, so that the queue of suspected errors is read from an index: made anew
whenever the label changes (``of``) and when a training has judged the labelled pictures (``renew``).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from db.tables.judging import EvaluationRow, InferenceRow
from db.tables.models import ModelRow
from db.tables.people import CurrentLabelRow
from db.tables.plots import ClassRow

PAGE = 1000  # labels in one transaction


@dataclass(frozen=True, slots=True)
class Suspicion:
    """The class that speaks against the label, and how sure the model is of it (0..1)."""

    class_name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a model says of a picture that it had not learned from."""

    model_id: int
    class_name: str
    confidence: float


def against(label: str | None, opinion: Opinion | None, taught: frozenset[str]) -> Suspicion | None:
    """None: they agree, or they cannot speak of the same, as one of the classes is not ``taught`` (it
    never teaches, or it has another name by now).
    """
    if opinion is None or opinion.class_name == label or not {label, opinion.class_name} <= taught:
        return None
    return Suspicion(opinion.class_name, opinion.confidence)


def of(session: Session, picture_id: int, plot_type_id: int, label: str | None) -> Suspicion | None:
    """What speaks against a label by the newest model that had not learned from the picture."""
    opinions = [*_in_training(session, picture_id, plot_type_id), *_live(session, picture_id)]
    newest = max(opinions, key=lambda each: each.model_id, default=None)
    return against(label, newest, _taught(session))


def renew(session: Session, model_id: int, after: int = 0) -> int | None:
    """Compare a page of labels with what ``model_id`` said of them in its validation.

    ``after``: the id that the page before gave back; None: that was the last one.
    """
    rows = session.execute(
        select(
            CurrentLabelRow.picture_id,
            CurrentLabelRow.class_name,
            EvaluationRow.label,
            EvaluationRow.confidence,
        )
        .join(
            EvaluationRow,
            and_(
                EvaluationRow.picture_id == CurrentLabelRow.picture_id,
                EvaluationRow.model_id == model_id,
                EvaluationRow.purpose == "validation",
            ),
        )
        .where(CurrentLabelRow.picture_id > after)
        .order_by(CurrentLabelRow.picture_id)
        .limit(PAGE)
    ).all()
    taught = _taught(session)
    for picture, label, said, confidence in rows:
        found = against(label, Opinion(model_id, said, confidence), taught)
        session.execute(
            update(CurrentLabelRow)
            # Whoever changed the label meanwhile has made the suspicion anew.
            .where(CurrentLabelRow.picture_id == picture, CurrentLabelRow.class_name == label)
            .values(
                suspected=found.class_name if found else None,
                suspicion=found.confidence if found else None,
            )
        )
    return rows[-1].picture_id if len(rows) == PAGE else None


def _in_training(session: Session, picture_id: int, plot_type_id: int) -> list[Opinion]:
    """What heads fitted without the picture's run said of it, when models were trained."""
    own = select(ModelRow.id).where(ModelRow.plot_type_id == plot_type_id)
    query = select(EvaluationRow.model_id, EvaluationRow.label, EvaluationRow.confidence).where(
        EvaluationRow.model_id.in_(own),
        EvaluationRow.picture_id == picture_id,
        EvaluationRow.purpose == "validation",
    )
    return [Opinion(*row) for row in session.execute(query)]


def _live(session: Session, picture_id: int) -> list[Opinion]:
    """What was said when it came in, or by a newer model while it had no label."""
    query = select(InferenceRow).where(InferenceRow.picture_id == picture_id)
    verdict = session.scalars(query).first()
    if verdict is None or verdict.model_id is None:
        return []
    if verdict.rescored and verdict.rescored_by is not None:
        best = max(verdict.rescored, key=lambda name: (verdict.rescored or {})[name])
        return [Opinion(verdict.rescored_by, best, verdict.rescored[best])]
    return [Opinion(verdict.model_id, verdict.label, verdict.confidence)]


def _taught(session: Session) -> frozenset[str]:
    return frozenset(session.scalars(select(ClassRow.name).where(ClassRow.teaches)))
