"""What models say of stored pictures, not live: in training, on request, in the shadow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from db import inserts
from db.tables.judging import EvaluationRow, InferenceRow
from db.tables.models import ModelRow
from db.tables.people import CurrentLabelRow
from db.tables.plots import ClassRow, FeatureRow, PictureRow


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a model said of one picture: every class's confidence."""

    picture_id: int
    scores: Mapping[str, float]


def add(session: Session, model_id: int, purpose: str, evaluated: Iterable[Evaluated]) -> None:
    """Keep what a model says of stored pictures; what is known stays as it is."""
    now = datetime.now(UTC)
    rows = []
    for each in evaluated:
        label = max(each.scores, key=lambda name: (each.scores[name], name))
        rows.append(
            {
                "model_id": model_id,
                "picture_id": each.picture_id,
                "purpose": purpose,
                "label": label,
                "confidence": each.scores[label],
                "scores": dict(each.scores),
                "at": now,
            }
        )
    inserts.missing(session, EvaluationRow, rows)


def unjudged(
    session: Session, model_id: int, backbone: str, purpose: str, limit: int
) -> list[tuple[int, bytes]]:
    """Pictures with features that the model was not asked about yet: id and float16 vector.

    ``purpose`` "replay": labelled ones; "shadow": those judged live since the model was made.
    """
    query = _unjudged(session, model_id, purpose).join(
        FeatureRow,
        and_(FeatureRow.picture_id == PictureRow.id, FeatureRow.backbone == backbone),
    )
    found = session.execute(
        query.with_only_columns(PictureRow.id, FeatureRow.vector).limit(limit)
    ).all()
    return [(picture, vector) for picture, vector in found]


def waiting(session: Session, model_id: int, purpose: str = "replay") -> int:
    """How many pictures the model was not asked about, with features or without."""
    query = _unjudged(session, model_id, purpose).with_only_columns(func.count())
    return session.scalar(query) or 0


def _unjudged(session: Session, model_id: int, purpose: str) -> Select[int]:
    model = session.get_one(ModelRow, model_id)
    known = (
        select(EvaluationRow.id)
        .where(
            EvaluationRow.model_id == model_id,
            EvaluationRow.picture_id == PictureRow.id,
            EvaluationRow.purpose == purpose,
        )
        .exists()
    )
    mine = select(PictureRow.id).where(PictureRow.plot_type_id == model.plot_type_id, ~known)
    if purpose == "shadow":
        return mine.join(InferenceRow, InferenceRow.picture_id == PictureRow.id).where(
            InferenceRow.judged_at > model.created_at
        )
    return mine.join(CurrentLabelRow, CurrentLabelRow.picture_id == PictureRow.id).join(
        ClassRow, and_(ClassRow.name == CurrentLabelRow.class_name, ClassRow.teaches)
    )
