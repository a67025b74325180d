"""What a training ends in, whatever its depth: a model on disk and the rows that tell of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.orm import Session, sessionmaker

from db import evaluations, models
from db.evaluations import Evaluated
from db.session import transaction
from db.values import Mistake, NewModel, PlotType
from inference_server.config import Config
from inference_server.predict import heads
from inference_server.predict.heads import Card
from inference_server.training.dataset import DataSet
from inference_server.training.recipe import Recipe
from inference_server.training.report import Report, sentence

STOPPED = "stopped"  # why a training ended that a person cut short, among its settings
PACKAGES = (
    "torch", "torchvision", "timm", "numpy", "opencv-python-headless", "safetensors", "hydra-dqm",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """A model that is trained and not yet stored."""

    card: Card
    tensors: dict[str, Any]
    report: Report
    sides: tuple[str, ...]  # of each picture: training, validation
    curves: dict[str, Any]
    about: dict[str, Any]  # what else belongs to the settings: where it began, why it ended


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants the model, and what for."""

    who: str
    why: str = ""
    activate: bool = True


def keep(
    config: Config,
    sessions: sessionmaker[Session],
    data: DataSet,
    recipe: Recipe,
    order: Order,
    outcome: Outcome,
) -> int:
    """Store the model, and make it live where that is wanted; its id.

    Files first, then the row: a row without files would be a model that cannot be loaded.
    """
    now = datetime.now(UTC)
    folder = folder_for(data.plot_type, now)
    card = msgspec.structs.replace(
        outcome.card, made_at=now.isoformat(), versions=versions(), seed=recipe.seed
    )
    heads.save_model(config.models_dir / folder, card, outcome.tensors)
    if card.kind == "network":
        from inference_server.predict import fast, whole

        fast.make(config.models_dir / folder, whole.load(config.models_dir / folder))
    new = _row(data, recipe, order, outcome, card, folder)
    with transaction(sessions) as session:
        model_id = models.add(session, new)
        evaluations.add(session, model_id, "validation", _judged(data, outcome))
        if order.activate:
            models.activate(
                session, data.plot_type.id, model_id, who=order.who,
                reason=order.why or sentence(card.metrics),
            )  # fmt: skip
    return model_id


def _judged(data: DataSet, outcome: Outcome) -> list[Evaluated]:
    """What models that had not seen their run said of the pictures: the honest confusion matrix."""
    report, labels = outcome.report, outcome.card.labels
    return [
        Evaluated(data.pictures[row].picture_id, dict(zip(labels, map(float, scores), strict=True)))
        for row, scores in zip(report.validation, report.scores, strict=True)
    ]


def _row(
    data: DataSet, recipe: Recipe, order: Order, outcome: Outcome, card: Card, folder: Path
) -> NewModel:
    settings = msgspec.to_builtins(recipe) | {"data_set": data.digest} | outcome.about
    pictures = data.pictures
    return NewModel(
        plot_type_id=data.plot_type.id,
        name=folder.name,
        folder=str(folder),
        kind=card.kind,
        who=order.who,
        why=order.why,
        backbone=card.backbone,
        labels=card.labels,
        seed=recipe.seed,
        thresholds=outcome.report.thresholds,
        methods=outcome.report.methods,
        parent_id=data.plot_type.model_id,
        merged=recipe.merge,
        settings=settings,
        metrics=card.metrics,
        versions=card.versions,
        curves=outcome.curves,
        training=tuple(
            (picture.picture_id, picture.class_name, side)
            for picture, side in zip(pictures, outcome.sides, strict=True)
        ),
        mistakes=tuple(
            Mistake(
                pictures[each.row].picture_id, each.said, pictures[each.row].class_name,
                each.confidence,
            )
            for each in outcome.report.mistakes
        ),
    )  # fmt: skip


def folder_for(plot_type: PlotType, now: datetime) -> Path:
    """Below the models directory; readable, and never used twice."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", plot_type.name)[:100].strip(".") or "plot"
    kind = "" if plot_type.chunked else "-run"
    return Path(f"{plot_type.id:04d}-{safe}{kind}") / f"{safe}-{now:%Y%m%d-%H%M%S-%f}"


def versions() -> dict[str, str]:
    """The software that takes part in a training."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # not installed as a package: a source tree
            continue
    return found
