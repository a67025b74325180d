"""Full: fine-tune a whole network for one plot type, in processes of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from safetensors.numpy import save_file

from inference_server.config import Config
from inference_server.predict.backbone import identity
from inference_server.predict.heads import Card
from inference_server.predict.weights import LITE0
from inference_server.training import (
    anomaly,
    augment,
    checkpoint,
    kinship,
    launch,
    logistic,
    plan,
    planning,
    report,
    split,
)
from inference_server.training.dataset import DataSet
from inference_server.training.fit import fit_head
from inference_server.training.kinship import Kinship
from inference_server.training.material import Labelled, classes_of, counts_of, remarks_on
from inference_server.training.outcome import Outcome
from inference_server.training.patience import unless_ended
from inference_server.training.plan import Plan, Point
from inference_server.training.progress import LOOKED, Asked, Stopped, Tell, Told, check
from inference_server.training.recipe import Recipe
from inference_server.training.report import Judged
from inference_server.training.shallow import with_copies
from inference_server.training.thresholds import Rule


def train(
    config: Config,
    data: DataSet,
    recipe: Recipe,
    rule: Rule,
    *,
    work: Path,
    threads: int,
    tell: Tell,
    asked: Asked,
) -> Outcome:
    """Fine-tune, or go on with what ``work`` holds. Raises FitError, TuneFailed, Stopped, OSError."""
    labelled = data.labelled()
    classes = classes_of(labelled, data.plot_type.name)
    tell(Told(f"Prepares {recipe.network}.", LOOKED))
    targets = np.array([classes.index(label) for label in labelled.labels])
    kin = unless_ended(lambda: _kin(labelled, targets), lambda: check(asked))
    if not (work / plan.PLAN).exists():
        sides = planning.sides(data, labelled, targets, kin, recipe.seed)
        fitted = recipe.network == config.backbone.name == LITE0 and _begin_with_head(
            config, data, sides, recipe, work=work, threads=threads, tell=tell, asked=asked
        )
        plan.write(
            work, planning.make(config, data, recipe, classes, sides, threads, fitted=fitted)
        )
    given = plan.read(work)
    ended = launch.run(work, given, tell, asked)
    kept = checkpoint.best(work)
    if kept is None:
        raise Stopped("Stopped before the first pass was finished, so there is nothing to keep.")
    weights, logits, points = kept
    tell(Told("Measures and stores the model.", 0.98, points=points))
    made = _report(labelled, given, kin, logits.numpy(), rule, points)
    memory = anomaly.memory_for(labelled, data.classes("good"), recipe.seed)
    return Outcome(
        card=_card(config, data.plot_type.name, given, made, memory.scale),
        tensors={name: each.numpy() for name, each in weights.items()} | memory.tensors(),
        report=made,
        sides=tuple(each.side for each in given.examples),
        curves={"passes": [list(_row(point)) for point in points]},
        about=_about(given, ended),
    )


def _about(given: Plan, ended: str) -> dict[str, Any]:
    return {
        "size": given.size, "learning_rate": given.learning_rate, "ended": ended,
        "augmentation": augment.RECIPE, "weights": str(given.weights or ""),
        "device": given.device,
    }  # fmt: skip


def _card(config: Config, plot_type: str, given: Plan, made: report.Report, scale: float) -> Card:
    return Card(
        kind="network",
        plot_type=plot_type,
        labels=given.labels,
        backbone=f"{given.network}@{given.size}",
        architecture=given.network,
        size=given.size,
        temperature=made.temperature,
        thresholds=made.thresholds,
        metrics=made.metrics,
        anomaly_scale=scale,
        anomaly_of=identity(config.backbone),
    )


def _begin_with_head(
    config: Config,
    data: DataSet,
    sides: list[str],
    recipe: Recipe,
    *,
    work: Path,
    threads: int,
    tell: Tell,
    asked: Asked,
) -> bool:
    """A head on the training side and changed copies of it: the network starts about as good as thorough.

    One that knows no copies judges them wildly, and the first steps undo it. False: a class is on the
    validation side only, so the head would lack it.
    """
    rows = [row for row, side in enumerate(sides) if side == "training"]
    part = replace(
        data, pictures=tuple(data.pictures[row] for row in rows), features=data.features[rows]
    )
    if {each.class_name for each in part.pictures} != {each.class_name for each in data.pictures}:
        return False
    learnt = replace(
        part.labelled(), pins=()
    )  # all of them teach, and each is tested by the others
    learnt = with_copies(
        config, part, learnt, msgspec.structs.replace(recipe, copies=1), threads,
        lambda told: tell(Told(told.sentence, LOOKED, told.seconds_left)), asked,
    )  # fmt: skip
    tell(Told("Fits a head to begin with.", LOOKED))
    head, _ = fit_head(
        learnt, plot_type="", backbone="", good=frozenset(), seed=recipe.seed,
        pause=lambda: check(asked),
    )  # fmt: skip
    factor = 1 / np.maximum(head.weights.spread, 1e-6)
    matrix = (head.weights.matrix * factor).astype(np.float32)
    bias = (head.weights.bias - matrix @ head.weights.mean).astype(np.float32)
    work.mkdir(parents=True, exist_ok=True)
    save_file({"matrix": np.ascontiguousarray(matrix), "bias": bias}, work / plan.START)
    return True


def _row(point: Point) -> tuple[float, ...]:
    return point.epoch, point.training_loss, point.validation_loss, point.accuracy


def _report(
    labelled: Labelled,
    given: Plan,
    kin: Kinship,
    logits: np.ndarray,
    rule: Rule,
    points: tuple[Point, ...],
) -> report.Report:
    targets = np.array([each.target for each in given.examples])
    learnt = np.array([each.side == "training" for each in given.examples])
    rows = np.flatnonzero(~learnt)
    judged = Judged(
        rows, targets[rows], logits, [labelled.runs[row] for row in rows.tolist()],
        kin.beside(learnt)[rows],
    )  # fmt: skip
    extra: dict[str, Any] = {
        "pictures": len(targets),
        "runs": len(set(labelled.runs)),
        "passes": len(points),
        "near_copies": int(judged.copies.sum()),
    }
    return report.make(
        judged, given.labels, counts_of(labelled), rule, seed=given.seed, extra=extra,
        remarks=remarks_on(labelled),
    )  # fmt: skip


def _kin(labelled: Labelled, targets: np.ndarray) -> Kinship:
    """Which pictures look nearly the same to the shared network."""
    spread = labelled.features.std(axis=0)
    share = np.float32(1 / np.sqrt(len(spread)))
    standard = (labelled.features - labelled.features.mean(axis=0)) * np.where(
        spread > 1e-6, share / np.maximum(spread, 1e-6), 0
    )
    parts = split.parts(targets, labelled.runs, labelled.pinned)
    return kinship.kinship(logistic.Turned.of(standard).rows.numpy(), parts)
