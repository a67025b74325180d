"""A past run, read again in the order of judging, and what other models said of its pictures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from db import inserts, masks, tallies
from db.inferences import Joined, joined, read
from db.tables.judging import EvaluationRow, InferenceRow
from db.tables.models import ModelRow
from db.tables.people import CurrentLabelRow
from db.tables.plots import FeatureRow, PictureRow, PlotTypeRow, RunPeriodRow
from db.values import Area, Inference

PURPOSE = "rerun"  # of evaluations made for a replay
PORTION = 500


@dataclass(frozen=True, slots=True)
class Subject:
    """A stored picture that is judged anew."""

    picture_id: int
    picture_hash: str
    extension: str
    masked: tuple[Area, ...] = ()  # left out when it was judged


Place = tuple[datetime, int]  # judged_at and id of a verdict


def verdicts(
    session: Session,
    run: int,
    run_period: str,
    *,
    after: Place | None,
    until: Place | None = None,
    limit: int,
) -> list[Inference]:
    """The next ``limit`` verdicts of a run after ``after`` (None: from its beginning).

    Up to ``until``, which is one of them (None: to its end).
    """
    query = _of_run(session, run, run_period)
    if after is not None:
        at, number = after
        later = InferenceRow.judged_at > at
        query = query.where(
            or_(later, and_(InferenceRow.judged_at == at, InferenceRow.id > number))
        )
    if until is not None:
        at, number = until
        earlier = InferenceRow.judged_at < at
        query = query.where(
            or_(earlier, and_(InferenceRow.judged_at == at, InferenceRow.id <= number))
        )
    return read(session, query.order_by(InferenceRow.judged_at, InferenceRow.id).limit(limit))


def count(session: Session, run: int, run_period: str) -> int:
    """How many verdicts a run has."""
    query = _of_run(session, run, run_period).with_only_columns(func.count(InferenceRow.id))
    return session.scalar(query) or 0


def labels(session: Session, picture_ids: Collection[int]) -> dict[int, str]:
    """The label that counts of each picture that has one."""
    found: dict[int, str] = {}
    for portion in _portions(picture_ids):
        query = select(CurrentLabelRow.picture_id, CurrentLabelRow.class_name).where(
            CurrentLabelRow.picture_id.in_(portion), CurrentLabelRow.class_name.is_not(None)
        )
        found.update((picture, name or "") for picture, name in session.execute(query))
    return found


def scores(
    session: Session, model_id: int, picture_ids: Collection[int]
) -> dict[int, dict[str, float]]:
    """What a model said of pictures when a replay asked before, by picture."""
    found: dict[int, dict[str, float]] = {}
    for portion in _portions(picture_ids):
        query = select(EvaluationRow.picture_id, EvaluationRow.scores).where(
            EvaluationRow.model_id == model_id,
            EvaluationRow.purpose == PURPOSE,
            EvaluationRow.picture_id.in_(portion),
        )
        found.update((picture, dict(said)) for picture, said in session.execute(query))
    return found


def subjects(
    session: Session, model_id: int, picture_ids: Collection[int]
) -> tuple[str, list[Subject]]:
    """The folder of a model (empty: there is no such model), and where the pictures are."""
    folder = session.scalar(select(ModelRow.folder).where(ModelRow.id == model_id)) or ""
    query = (
        select(PictureRow.id, PictureRow.picture_hash, PictureRow.extension, InferenceRow.masked)
        .outerjoin(InferenceRow, InferenceRow.picture_id == PictureRow.id)
        .where(PictureRow.id.in_(picture_ids))
    )
    return folder, [
        Subject(number, content, kind, masks.unpacked(masked))
        for number, content, kind, masked in session.execute(query)
    ]


def keep(session: Session, model_id: int, said: Mapping[int, Mapping[str, float]]) -> None:
    """Remember what a model says of pictures for the next replay; no scores: it cannot judge it."""
    now = datetime.now(UTC)
    rows = []
    for picture, scores in said.items():
        label = max(scores, key=lambda name: (scores[name], name), default="")
        rows.append(
            {
                "model_id": model_id, "picture_id": picture, "purpose": PURPOSE, "label": label,
                "confidence": scores.get(label, 0.0), "scores": dict(scores), "at": now,
            }
        )  # fmt: skip
    inserts.missing(session, EvaluationRow, rows)
    tallies.count_in(session, model_id, PURPOSE, list(said))


def features(
    session: Session, picture_ids: Collection[int], backbone: str
) -> list[tuple[int, bytes]]:
    """The features of those pictures that have some of ``backbone``: float16, little endian."""
    found: list[tuple[int, bytes]] = []
    for portion in _portions(picture_ids):
        query = select(FeatureRow.picture_id, FeatureRow.vector).where(
            FeatureRow.picture_id.in_(portion), FeatureRow.backbone == backbone
        )
        found += [(picture, vector) for picture, vector in session.execute(query)]
    return found


def _of_run(session: Session, run: int, run_period: str) -> Joined:
    # All plot types by name: so the index on plot type and run is used instead of the whole table.
    kinds = session.scalars(select(PlotTypeRow.id)).all()
    return joined().where(
        InferenceRow.plot_type_id.in_(kinds),
        InferenceRow.run == run,
        RunPeriodRow.name == run_period,
    )


def _portions(picture_ids: Collection[int]) -> list[Sequence[int]]:
    ordered = sorted(picture_ids)
    return [ordered[start : start + PORTION] for start in range(0, len(ordered), PORTION)]
