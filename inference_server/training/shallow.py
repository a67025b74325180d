"""Quick and thorough: a head on the shared network's features, without or with changed copies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from db.values import LabelledPicture
from inference_server.config import Config
from inference_server.predict.backbone import identity
from inference_server.predict.heads import tensors_of
from inference_server.predict.pixels import Pixels
from inference_server.training import augment
from inference_server.training.augment import Strength
from inference_server.training.dataset import DataSet, files
from inference_server.training.features import Extractor
from inference_server.training.fit import fit_head
from inference_server.training.material import Labelled
from inference_server.training.outcome import STOPPED, Outcome
from inference_server.training.progress import LOOKED, Asked, Pace, Tell, Told, check
from inference_server.training.recipe import Recipe
from inference_server.training.thresholds import Rule

_Key = tuple[int, int]  # row, number of the copy


def train(
    config: Config,
    data: DataSet,
    recipe: Recipe,
    rule: Rule,
    *,
    threads: int,
    tell: Tell,
    asked: Asked,
) -> Outcome:
    """Fit a head. Raises FitError, Stopped."""
    # Fits are many small steps: threads that wait for each other on shared cores cost ten times as much.
    torch.set_num_threads(max(1, threads // 2))
    labelled = data.labelled()
    if recipe.depth == "thorough":
        labelled = with_copies(config, data, labelled, recipe, threads, tell, asked)
    count = len(labelled.labels) + len(labelled.changed_of)
    tell(Told(f"Fits a head on {count} pictures.", 0.85))
    head, report = fit_head(
        labelled, plot_type=data.plot_type.name, backbone=identity(config.backbone),
        good=data.classes("good"), rule=rule, seed=recipe.seed, grow=recipe.depth == "quick",
        pause=lambda: check(asked),
    )  # fmt: skip
    validated = set(report.validation.tolist())
    about: dict[str, Any] = {
        "copies": len(labelled.changed_of), "augmentation": augment.RECIPE,
        "ended": STOPPED if asked() == "keep" else "all copies",
    }  # fmt: skip
    return Outcome(
        card=head.card,
        tensors=tensors_of(head),
        report=report,
        sides=tuple(_side(each, row in validated) for row, each in enumerate(data.pictures)),
        curves={"penalty": report.metrics["losses"], "labels": report.metrics.get("growth", [])},
        about=about if recipe.depth == "thorough" else {},
    )


def _side(picture: LabelledPicture, validated: bool) -> str:
    """Every picture teaches the final head but those that a person keeps for validation."""
    return "validation" if picture.pin == "validation" and validated else "training"


def with_copies(
    config: Config,
    data: DataSet,
    labelled: Labelled,
    recipe: Recipe,
    threads: int,
    tell: Tell,
    asked: Asked,
) -> Labelled:
    """``labelled`` with the features of changed copies; fewer of them when it shall end soon."""
    rows: list[int] = []
    vectors: list[np.ndarray] = []
    total = recipe.copies * len(data.pictures)
    seeds = [int(each.picture_hash[:15], 16) for each in data.pictures]

    pace = Pace()

    def change(key: _Key, picture: Pixels) -> Pixels:
        random = np.random.default_rng((recipe.seed, key[1], seeds[key[0]]))
        return augment.augment(picture, random, Strength())

    for batch in Extractor(config, threads).see(_copies(config, data, recipe), change):
        check(asked)
        for each in batch:
            if not each.error:
                rows.append(each.key[0])
                vectors.append(np.frombuffer(each.features, "<f2"))
        done = len(rows)
        sentence = f"Looks at changed copies: {done} of {total}."
        tell(Told(sentence, LOOKED + 0.7 * done / total, pace.left(done, total), can_keep=True))
        if asked() == "keep":
            break
    if not vectors:
        return labelled
    return replace(labelled, changed=np.stack(vectors).astype(np.float32), changed_of=rows)


def _copies(config: Config, data: DataSet, recipe: Recipe) -> Iterator[tuple[_Key, bytes]]:
    """One copy of every picture, then a second of every picture, and so on."""
    row_of = {each.picture_id: row for row, each in enumerate(data.pictures)}
    for number in range(recipe.copies):
        for picture, content in files(config, data.pictures):
            yield (row_of[picture.picture_id], number), content
