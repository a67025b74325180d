"""Heads that judge pictures of runs they have not seen: how good a head is, and which penalty it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from inference_server.training import logistic, split
from inference_server.training.kinship import Kinship
from inference_server.training.material import FitError, Labelled
from inference_server.training.report import Judged

# Of the L2 penalty, relative to the number of features; falling, so that each fit starts near.
STRENGTHS = (3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5)

Pause = Callable[[], None]  # called now and then; may raise to end the training


@dataclass(frozen=True, slots=True)
class Material:
    """What every fit of one training has in common; rows beyond N are changed copies."""

    turned: logistic.Turned  # (N + M, K)
    targets: np.ndarray  # (N,)
    counted: np.ndarray  # (N,) how often each picture counts
    changed_of: np.ndarray  # (M,) the picture that each copy is of
    classes: int
    pause: Pause
    kin: Kinship
    groups: np.ndarray  # (N,) the run of every picture, runs that share near copies under one name

    def solutions(self, rows: np.ndarray, strengths: Sequence[float]) -> list[torch.Tensor]:
        """Heads fitted on pictures ``rows`` and their copies, one for each of the falling ``strengths``."""
        self.pause()
        copies = np.flatnonzero(np.isin(self.changed_of, rows))
        of = np.concatenate([rows, self.changed_of[copies]])
        targets = self.targets[of]
        return logistic.path(
            self.turned.rows[torch.from_numpy(np.concatenate([rows, len(self.targets) + copies]))],
            torch.from_numpy(targets),
            torch.from_numpy(logistic.balance(targets) * self.counted[of]),
            self.classes,
            strengths,
            self.pause,
        )

    def answers(self, solution: torch.Tensor, held: np.ndarray) -> np.ndarray:
        """Logits of a head for the pictures ``held`` (N,) bool."""
        rows = self.turned.rows[: len(held)][torch.from_numpy(held)]
        found: np.ndarray = logistic.apply(solution, rows).numpy()
        return found


@dataclass(frozen=True, slots=True)
class Validation:
    """The pictures as judged by heads that had not seen their runs, at the best penalty."""

    judged: Judged
    strength: float
    folds: int
    losses: dict[str, float]  # by penalty: the curve of this choice


def by_run(material: Material, pictures: Labelled, seed: int) -> Validation:
    """Judge every picture by a head that has not seen its run; keep the penalty that does best.

    Raises FitError: there is no picture that could be judged so.
    """
    targets = material.targets
    dealt = split.folds(targets, material.groups, split.FOLDS, seed)
    logits, judged, copies = _judge(material, pictures, dealt, material.groups, STRENGTHS)
    rows = np.flatnonzero(judged)
    if not len(rows):
        raise FitError(_untested(pictures))
    losses = [logistic.surprise(each[rows], targets[rows]) for each in logits]
    best = int(np.argmin(losses))
    return Validation(
        _judged(rows, targets, logits[best], pictures, copies),
        STRENGTHS[best],
        len(np.unique(dealt)),
        {f"{strength:g}": loss for strength, loss in zip(STRENGTHS, losses, strict=True)},
    )


def _untested(pictures: Labelled) -> str:
    if (pictures.pinned == "training").all():
        return (
            "All labelled pictures are pinned to training, so none is left to test a model with;"
            " unpin some, or label pictures of another run."
        )
    if not any(pictures.pins):
        return (
            "Each class is in runs of its own, so no picture can be tested by a model that has not seen"
            " its run; label pictures of every class in another run."
        )
    return (
        "No picture can be tested by a model that has not seen its run, the way they are pinned;"
        " unpin some, or label pictures of another run."
    )


def by_period(material: Material, pictures: Labelled, strength: float) -> Judged | None:
    """Every picture judged by a head that has not seen its run period; None where there is but one."""
    names, dealt = np.unique(np.asarray(pictures.periods, dtype=str), return_inverse=True)
    if len(names) < 2:
        return None
    logits, judged, copies = _judge(
        material, pictures, dealt, np.asarray(pictures.runs, dtype=str), (strength,)
    )
    rows = np.flatnonzero(judged)
    return _judged(rows, material.targets, logits[0], pictures, copies) if len(rows) else None


def _judge(
    material: Material,
    pictures: Labelled,
    dealt: np.ndarray,
    groups: np.ndarray,
    strengths: Sequence[float],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits (S, N, C), which pictures (N,) were judged, and which (N,) by a head that knew a copy."""
    count = len(material.targets)
    logits = np.zeros((len(strengths), count, material.classes), np.float32)
    judged, copies = np.zeros(count, bool), np.zeros(count, bool)
    for held, learn in folds(pictures, dealt, groups):
        for index, solution in enumerate(material.solutions(np.flatnonzero(learn), strengths)):
            logits[index, held] = material.answers(solution, held)
        judged |= held
        copies |= held & material.kin.beside(learn)
    return logits, judged, copies


def folds(
    pictures: Labelled, dealt: np.ndarray, groups: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Which pictures (N,) bool are judged, and which teach for it; pins are honoured."""
    pins = pictures.pinned
    one_run = len(set(pictures.runs)) == 1
    for fold in np.unique(dealt):
        held = (dealt == fold) & (pins != "training")
        learn = ~held & (pins != "validation")
        if not one_run:  # what is pinned to training must not betray its run's other pictures
            learn &= ~np.isin(groups, groups[held])
        if held.any() and learn.any():
            yield held, learn


def _judged(
    rows: np.ndarray,
    targets: np.ndarray,
    logits: np.ndarray,
    pictures: Labelled,
    copies: np.ndarray,
) -> Judged:
    runs = [pictures.runs[row] for row in rows]
    return Judged(rows, targets[rows], logits[rows], runs, copies[rows])
