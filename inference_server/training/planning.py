"""What a full training is given: which pictures are on which side, and every setting."""

from __future__ import annotations

import os

import numpy as np
import torch

from inference_server.config import Config
from inference_server.predict.pixels import Limits
from inference_server.predict.weights import LITE0
from inference_server.store import PictureStore
from inference_server.training import kinship, logistic, split
from inference_server.training.dataset import DataSet
from inference_server.training.kinship import Kinship
from inference_server.training.material import FitError, Labelled
from inference_server.training.plan import Example, Plan
from inference_server.training.recipe import Recipe, trained_weights

# Learning rates for batches of 16. A head on standardised features has large weights, so that small
# steps of the layers before it move its answers far: ten times faster, and one pass forgot it.
WITH_HEAD, WITH_WEIGHTS, FROM_NOTHING = 3e-5, 3e-4, 2e-3


def sides(
    data: DataSet, labelled: Labelled, targets: np.ndarray, kin: Kinship, seed: int
) -> list[str]:
    """ "training" or "validation" for every picture (N,). Raises FitError: one of them has too few."""
    groups = kinship.joined(labelled.runs, targets, kin)
    found = split.sides(targets, groups, labelled.pinned, seed)
    name = data.plot_type.name
    if not (found == "validation").any():
        raise FitError(
            f"{name} has no pictures to validate on: label some of a second run, or unpin some."
        )
    if len(set(targets[found == "training"])) < 2:
        raise FitError(
            f"{name} has fewer than two classes on the training side; label more runs of each."
        )
    return [str(side) for side in found]


def make(
    config: Config,
    data: DataSet,
    recipe: Recipe,
    classes: tuple[str, ...],
    sides: list[str],
    threads: int,
    *,
    fitted: bool,
) -> Plan:
    """Everything that a fine-tuning on ``sides`` (N,) needs; ``fitted``: it begins with a head."""
    limits = Limits.of(config)
    weights = trained_weights(config, recipe.network)
    trained = weights is not None or recipe.network == LITE0
    return Plan(
        network=recipe.network,
        size=recipe.size or config.backbone.size,
        labels=classes,
        examples=_examples(config, data, classes, sides),
        seed=recipe.seed,
        epochs=recipe.epochs,
        batch=recipe.batch,
        learning_rate=recipe.learning_rate
        or (WITH_HEAD if fitted else WITH_WEIGHTS if trained else FROM_NOTHING),
        layer_decay=recipe.layer_decay,
        patience=recipe.patience,
        frozen=recipe.frozen,
        weights=weights,
        threads=threads or len(os.sched_getaffinity(0)),
        device=_device(config),
        max_bytes=limits.max_bytes,
        max_pixels=limits.max_pixels,
    )


def _examples(
    config: Config, data: DataSet, classes: tuple[str, ...], sides: list[str]
) -> tuple[Example, ...]:
    """The pictures with their weight in the loss, 1 on average over those that teach."""
    store = PictureStore(config.pictures_dir.resolve())
    targets = np.array([classes.index(each.class_name) for each in data.pictures])
    learnt = np.array(sides) == "training"
    weighed = np.zeros(len(targets))
    weighed[learnt] = logistic.balance(targets[learnt])
    weighed *= np.array([each.weight for each in data.pictures])
    weighed[learnt] /= weighed[learnt].mean()
    return tuple(
        Example(
            str(store.path(each.picture_hash, each.extension)), int(target),
            "training" if learns else "validation", float(weight),
        )
        for each, target, learns, weight in zip(
            data.pictures, targets, learnt, weighed, strict=True
        )
    )  # fmt: skip


def _device(config: Config) -> str:
    wanted = config.backbone.device
    return "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"
