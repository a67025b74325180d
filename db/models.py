"""Models: registered, activated, their thresholds moved; every step stays on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from db import audit, library, reports
from db.tables.models import ActivationRow, ModelRow, SignoffRow, ThresholdRow, TrainingSetRow
from db.tables.plots import PlotTypeRow
from db.values import Model, NewModel

EXPERT_SIGNOFF = "expert_signoff"


def add(session: Session, new: NewModel) -> int:
    """Register a trained model with its thresholds, training set and first rung of the ladder."""
    now = datetime.now(UTC)
    row = ModelRow(
        plot_type_id=new.plot_type_id,
        name=new.name,
        folder=new.folder,
        kind=new.kind,
        created_at=now,
        who=new.who,
        why=new.why,
        parent_id=new.parent_id,
        backbone=new.backbone,
        labels=list(new.labels),
        merged=new.merged,
        seed=new.seed,
        settings=new.settings,
        metrics=new.metrics,
        versions=new.versions,
        curves=new.curves,
    )
    session.add(row)
    session.flush()
    for class_name, threshold in new.thresholds.items():
        method = new.methods.get(class_name, new.method)
        session.add(_threshold(row.id, class_name, threshold, method, new.who, "", now))
    session.add(SignoffRow(model_id=row.id, step="trained", who=new.who, comment="", at=now))
    session.flush()
    if new.training:
        session.execute(
            insert(TrainingSetRow),
            [
                {"model_id": row.id, "picture_id": picture, "class_name": name, "side": side}
                for picture, name, side in new.training
            ],
        )
    reports.make(session, row.id, new.mistakes, now)
    return row.id


def load(session: Session, ids: Collection[int]) -> tuple[Model, ...]:
    """The models with these ids."""
    if not ids:
        return ()
    thresholds = thresholds_of(session, ids)
    signed = set(
        session.scalars(
            select(SignoffRow.model_id).where(
                SignoffRow.model_id.in_(ids), SignoffRow.step == EXPERT_SIGNOFF
            )
        )
    )
    rows = session.scalars(select(ModelRow).where(ModelRow.id.in_(ids)).order_by(ModelRow.id))
    return tuple(_model(row, thresholds[row.id], row.id in signed) for row in rows)


def history(session: Session, plot_type_id: int) -> tuple[Model, ...]:
    """All models of a plot type, newest first."""
    ids = session.scalars(select(ModelRow.id).where(ModelRow.plot_type_id == plot_type_id)).all()
    return tuple(reversed(load(session, ids)))


def training_set(session: Session, model_id: int) -> list[tuple[int, str, str]]:
    """Which pictures, under which class, on which side a model saw; by picture id."""
    query = select(TrainingSetRow.picture_id, TrainingSetRow.class_name, TrainingSetRow.side)
    ordered = query.where(TrainingSetRow.model_id == model_id).order_by(TrainingSetRow.picture_id)
    return [(row[0], row[1], row[2]) for row in session.execute(ordered)]


def thresholds_of(session: Session, ids: Collection[int]) -> dict[int, dict[str, float]]:
    """The thresholds in force, by model and class: the newest row of each."""
    newest = (
        select(func.max(ThresholdRow.id))
        .where(ThresholdRow.model_id.in_(ids))
        .group_by(ThresholdRow.model_id, ThresholdRow.class_name)
    )
    found: dict[int, dict[str, float]] = defaultdict(dict)
    for row in session.scalars(select(ThresholdRow).where(ThresholdRow.id.in_(newest))):
        found[row.model_id][row.class_name] = row.threshold
    return found


def activate(
    session: Session, plot_type_id: int, model_id: int | None, *, who: str, reason: str
) -> None:
    """Make a model the live one, in the ledger and the audit trail.

    Raises KeyError: no such plot type, or the model is not one of it.
    """
    plot_type = session.get(PlotTypeRow, plot_type_id)
    if plot_type is None:
        raise KeyError(f"there is no plot type {plot_type_id}")
    if model_id is not None:
        model = session.get(ModelRow, model_id)
        if model is None or model.plot_type_id != plot_type_id:
            raise KeyError(f"{plot_type.name} has no model {model_id}")
    before = plot_type.active_model_id
    plot_type.active_model_id = model_id
    if model_id is not None and library.shadows(session).get(plot_type_id) == model_id:
        library.set_shadow(session, plot_type_id, None, who=who)  # it stepped out of it
    session.add(
        ActivationRow(
            plot_type_id=plot_type_id,
            model_id=model_id,
            who=who,
            reason=reason,
            at=datetime.now(UTC),
        )
    )
    audit.write(
        session, who=who, what="active model", subject=plot_type.name,
        before={"model_id": before}, after={"model_id": model_id, "reason": reason},
    )  # fmt: skip
    session.flush()


def set_threshold(
    session: Session,
    model_id: int,
    class_name: str,
    threshold: float,
    *,
    who: str,
    method: str = "person",
    reason: str = "",
) -> None:
    """Move a threshold (0..1); the old one stays on record.

    Raises KeyError: no such model or class; ValueError: not in 0..1.
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"a threshold lies between 0 and 1, not at {threshold}")
    model = session.get(ModelRow, model_id)
    if model is None or class_name not in model.labels:
        raise KeyError(f"there is no model {model_id} with a class {class_name}")
    before = thresholds_of(session, [model_id])[model_id].get(class_name)
    session.add(_threshold(model_id, class_name, threshold, method, who, reason, datetime.now(UTC)))
    audit.write(
        session, who=who, what="threshold", subject=f"{model.name} {class_name}",
        before={"threshold": before}, after={"threshold": threshold, "reason": reason},
    )  # fmt: skip
    session.flush()


def active_at(session: Session, plot_type_id: int, at: datetime) -> int | None:
    """Which model was live at a time (None: none)."""
    return session.scalar(
        select(ActivationRow.model_id)
        .where(ActivationRow.plot_type_id == plot_type_id, ActivationRow.at <= at)
        .order_by(ActivationRow.at.desc(), ActivationRow.id.desc())
        .limit(1)
    )


def _threshold(
    model_id: int, class_name: str, value: float, method: str, who: str, reason: str, at: datetime
) -> ThresholdRow:
    return ThresholdRow(
        model_id=model_id,
        class_name=class_name,
        threshold=value,
        method=method,
        who=who,
        reason=reason,
        at=at,
    )


def _model(row: ModelRow, thresholds: dict[str, float], signed_off: bool) -> Model:
    return Model(
        id=row.id,
        plot_type_id=row.plot_type_id,
        name=row.name,
        folder=row.folder,
        kind=row.kind,
        created_at=row.created_at,
        who=row.who,
        parent_id=row.parent_id,
        backbone=row.backbone,
        labels=tuple(row.labels),
        metrics=dict(row.metrics),
        versions=dict(row.versions),
        seed=row.seed,
        thresholds=thresholds,
        signed_off=signed_off,
        why=row.why,
        merged=row.merged,
        settings=dict(row.settings),
        curves=dict(row.curves),
    )
