"""What models say of stored pictures, not live: in training, on request, in the shadow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from db import inserts, tallies
from db.tables.judging import EvaluationRow, InferenceRow
from db.tables.models import ModelRow
from db.tables.people import CurrentLabelRow, LabelRow
from db.tables.plots import ClassRow, FeatureRow, PictureRow

FEW = 900  # pictures that are named one by one: from 1000 on MariaDB makes a table of them


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a model said of one picture: every class's confidence."""

    picture_id: int
    scores: Mapping[str, float]


def add(session: Session, model_id: int, purpose: str, evaluated: Iterable[Evaluated]) -> None:
    """Keep what a model says of stored pictures; what is known stays as it is."""
    now = datetime.now(UTC)
    rows, pictures = [], []
    for each in evaluated:
        pictures.append(each.picture_id)
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
    tallies.count_in(session, model_id, purpose, pictures)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a model shall be asked about: "replay": labelled pictures; "shadow": those judged live since it was made.

    ``since``: of the labelled ones only those with a vote after this one.
    """

    model_id: int
    purpose: str
    since: int = 0


@dataclass(frozen=True, slots=True)
class Unseen:
    """A picture that a model was not asked about, and where its file is in the store."""

    picture_id: int
    picture_hash: str
    extension: str


def unseen(session: Session, wanted: Wanted) -> list[Unseen]:
    """Pictures with files that the model was not asked about yet, the newest first."""
    query = _unjudged(session, wanted).with_only_columns(
        PictureRow.id, PictureRow.picture_hash, PictureRow.extension
    )
    found = session.execute(query.where(PictureRow.stored).order_by(PictureRow.id.desc()))
    return [Unseen(*row) for row in found]


def unjudged(
    session: Session, wanted: Wanted, backbone: str, limit: int
) -> list[tuple[int, bytes]]:
    """Pictures with features that the model was not asked about yet: id and float16 vector."""
    query = _unjudged(session, wanted).join(
        FeatureRow,
        and_(FeatureRow.picture_id == PictureRow.id, FeatureRow.backbone == backbone),
    )
    found = session.execute(
        query.with_only_columns(PictureRow.id, FeatureRow.vector).limit(limit)
    ).all()
    return [(picture, vector) for picture, vector in found]


def waiting(session: Session, wanted: Wanted) -> int:
    """How many pictures the model was not asked about, with features or without."""
    query = _unjudged(session, wanted).with_only_columns(func.count())
    return session.scalar(query) or 0


def complete(session: Session, model_id: int) -> bool:
    """Whether a model was asked about every labelled picture of its plot type, told by counts alone.

    Looking for the pictures that it was not asked about takes a second for every 200,000 of them.
    """
    mine = CurrentLabelRow.plot_type_id == session.get_one(ModelRow, model_id).plot_type_id
    named = CurrentLabelRow.class_name
    others = or_(named.is_(None), named.not_in(teaching(session)))
    every = session.scalar(select(func.count()).where(mine)) or 0
    apart = session.scalar(select(func.count()).where(mine, others)) or 0
    return every - apart == sum(each.count for each in tallies.read(session, model_id, "replay"))


def teaching(session: Session) -> frozenset[str]:
    """The classes that models are trained on and judged by."""
    return frozenset(session.scalars(select(ClassRow.name).where(ClassRow.teaches)))


def _unjudged(session: Session, wanted: Wanted) -> Select[int]:
    model = session.get_one(ModelRow, wanted.model_id)
    known = (
        select(EvaluationRow.id)
        .where(
            EvaluationRow.model_id == model.id,
            EvaluationRow.picture_id == PictureRow.id,
            EvaluationRow.purpose == wanted.purpose,
        )
        .exists()
    )
    mine = select(PictureRow.id).where(PictureRow.plot_type_id == model.plot_type_id, ~known)
    if wanted.purpose == "shadow":
        return mine.join(InferenceRow, InferenceRow.picture_id == PictureRow.id).where(
            InferenceRow.judged_at > model.created_at
        )
    voted = _voted_since(session, wanted.since) if wanted.since else []
    if wanted.since and len(voted) <= FEW:
        mine = mine.where(PictureRow.id.in_(voted), CurrentLabelRow.picture_id.in_(voted))
    # The classes by name: joined, MariaDB begins with them and reads every label.
    return mine.join(CurrentLabelRow, CurrentLabelRow.picture_id == PictureRow.id).where(
        CurrentLabelRow.class_name.in_(teaching(session))
    )


def _voted_since(session: Session, vote: int) -> list[int]:
    """Pictures with a later vote, at most a few more than FEW. Asked first: joined, no index leads there."""
    query = select(LabelRow.picture_id).where(LabelRow.id > vote).distinct().limit(FEW + 1)
    return list(session.scalars(query))
