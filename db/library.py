"""The model library: thresholds, ladder, ledger, rules of the site, what there is to train on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from db import audit, settings
from db.tables.models import ActivationRow, ModelRow, SignoffRow, ThresholdRow, TrainingSetRow
from db.tables.people import CurrentLabelRow
from db.tables.plots import FeatureRow, PictureRow

RUNGS = ("trained", "report_reviewed", "expert_signoff")
RULE, SHADOW = "library.signoff", "library.shadow"


@dataclass(frozen=True, slots=True)
class Entry:
    """A threshold as it was set."""

    class_name: str
    threshold: float
    method: str
    who: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the ladder."""

    rung: str
    who: str
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Live:
    """A line of the ledger."""

    model_id: int | None
    who: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Background:
    """How a model came about."""

    why: str
    merged: bool
    settings: dict[str, Any]
    pictures: int
    runs: int


# ---------------------------------------------------------------- history


def threshold_history(session: Session, model_ids: Collection[int]) -> dict[int, list[Entry]]:
    """Every threshold that the models ever had, newest first."""
    found: dict[int, list[Entry]] = {model: [] for model in model_ids}
    query = select(ThresholdRow).where(ThresholdRow.model_id.in_(model_ids))
    for row in session.scalars(query.order_by(ThresholdRow.id.desc())):
        found[row.model_id].append(
            Entry(row.class_name, row.threshold, row.method, row.who, row.reason, row.at)
        )
    return found


def ladder(session: Session, model_ids: Collection[int]) -> dict[int, list[Step]]:
    """The steps that were taken, in the order of the ladder."""
    found: dict[int, list[Step]] = {model: [] for model in model_ids}
    for row in session.scalars(select(SignoffRow).where(SignoffRow.model_id.in_(model_ids))):
        found[row.model_id].append(Step(row.step, row.who, row.comment, row.at))
    for steps in found.values():
        steps.sort(key=lambda step: RUNGS.index(step.rung))
    return found


def ledger(session: Session, plot_type_id: int) -> list[Live]:
    """Which model was live when, newest first."""
    query = select(ActivationRow).where(ActivationRow.plot_type_id == plot_type_id)
    rows = session.scalars(query.order_by(ActivationRow.id.desc()))
    return [Live(row.model_id, row.who, row.reason, row.at) for row in rows]


def backgrounds(session: Session, model_ids: Collection[int]) -> dict[int, Background]:
    """How models came about, and on how much."""
    sizes = {
        model: (pictures, runs)
        for model, pictures, runs in session.execute(
            select(
                TrainingSetRow.model_id,
                func.count(),
                func.count(func.distinct(PictureRow.run)),
            )
            .join(PictureRow, PictureRow.id == TrainingSetRow.picture_id)
            .where(TrainingSetRow.model_id.in_(model_ids))
            .group_by(TrainingSetRow.model_id)
        )
    }
    return {
        row.id: Background(row.why, row.merged, dict(row.settings), *sizes.get(row.id, (0, 0)))
        for row in session.scalars(select(ModelRow).where(ModelRow.id.in_(model_ids)))
    }


def sign(session: Session, model_id: int, rung: str, *, who: str, comment: str) -> None:
    """Take a step of the ladder, each after the one before it.

    Raises KeyError: no such model or step; ValueError: taken already, or not its turn.
    """
    model = session.get(ModelRow, model_id)
    if model is None or rung not in RUNGS:
        raise KeyError(f"there is no model {model_id} with a step {rung}")
    taken = {step.rung for step in ladder(session, [model_id])[model_id]}
    if rung in taken:
        raise ValueError("somebody took this step already")
    if not taken.issuperset(RUNGS[: RUNGS.index(rung)]):
        raise ValueError("the training report has to be reviewed first")
    session.add(
        SignoffRow(model_id=model_id, step=rung, who=who, comment=comment, at=datetime.now(UTC))
    )
    audit.write(
        session, who=who, what="sign-off", subject=model.name, before={},
        after={"step": rung, "comment": comment},
    )  # fmt: skip
    session.flush()


# ---------------------------------------------------------------- rules of the site


def signoff_needed(session: Session) -> bool:
    """Whether the site activates only what an expert signed off."""
    return bool(settings.read(session, RULE).get("needed"))


def set_signoff_needed(session: Session, needed: bool, *, who: str) -> None:
    """Change the site's rule."""
    settings.write(session, RULE, {"needed": needed}, who=who)


def shadows(session: Session) -> dict[int, int]:
    """The candidates that judge in the shadow, by plot type."""
    return {int(plot): int(model) for plot, model in settings.read(session, SHADOW).items()}


def set_shadow(session: Session, plot_type_id: int, model_id: int | None, *, who: str) -> None:
    """Let a model judge in the shadow (None: no longer). Raises KeyError: not of this plot type."""
    model = None if model_id is None else session.get(ModelRow, model_id)
    if model_id is not None and (model is None or model.plot_type_id != plot_type_id):
        raise KeyError(f"there is no model {model_id} of this plot type")
    after = {plot: known for plot, known in shadows(session).items() if plot != plot_type_id}
    if model_id is not None:
        after[plot_type_id] = model_id
    settings.write(session, SHADOW, {str(plot): known for plot, known in after.items()}, who=who)


# ---------------------------------------------------------------- what there is to train on


def trained(session: Session, limit: int = 50) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Settings and metrics of the newest models."""
    query = select(ModelRow.settings, ModelRow.metrics).order_by(ModelRow.id.desc()).limit(limit)
    return [(dict(settings), dict(metrics)) for settings, metrics in session.execute(query)]


def runs(session: Session, plot_type_id: int) -> int:
    """Of how many runs there are labelled pictures."""
    query = (
        select(func.count(func.distinct(PictureRow.run)))
        .join(CurrentLabelRow, CurrentLabelRow.picture_id == PictureRow.id)
        .where(PictureRow.plot_type_id == plot_type_id)
    )
    return session.scalar(query) or 0


def with_features(session: Session, plot_type_id: int, backbone: str) -> int:
    """How many labelled pictures have features of a backbone."""
    query = (
        select(func.count())
        .select_from(PictureRow)
        .join(CurrentLabelRow, CurrentLabelRow.picture_id == PictureRow.id)
        .join(
            FeatureRow,
            and_(FeatureRow.picture_id == PictureRow.id, FeatureRow.backbone == backbone),
        )
        .where(PictureRow.plot_type_id == plot_type_id)
    )
    return session.scalar(query) or 0
