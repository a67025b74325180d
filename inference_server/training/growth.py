"""How many more labels would help: heads that learn from a part of the labels, judged on unseen runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference_server.training import metrics, split, validate
from inference_server.training.material import Labelled
from inference_server.training.validate import Material, Validation

SHARES = (0.125, 0.25, 0.5)  # of the labels that a fold leaves to learn from; the whole comes last


@dataclass(frozen=True, slots=True)
class Grown:
    """Heads that learnt from about ``pictures``: how many of ``tested`` unseen pictures were right."""

    pictures: int
    right: int
    tested: int
    macro_f1: float

    @property
    def accuracy(self) -> float:
        """The share that was right."""
        return self.right / self.tested


def curve(material: Material, pictures: Labelled, found: Validation, seed: int) -> list[Grown]:
    """Points of rising numbers of labels; all of ``found`` is the last. Runs are added whole.

    Costs about as much as one more fit of each fold: each share at the one penalty that was chosen.
    """
    dealt = split.folds(material.targets, material.groups, split.FOLDS, seed)
    folds = list(validate.folds(pictures, dealt, material.groups))
    whole = round(float(np.mean([learn.sum() for _, learn in folds])))
    parts = [_part(material, pictures, folds, found.strength, share, seed) for share in SHARES]
    said = found.judged.logits.argmax(axis=1)
    last = _grown(whole, found.judged.targets, said, material.classes)
    return [*(each for each in parts if each is not None and each.pictures < whole), last]


def _part(
    material: Material,
    pictures: Labelled,
    folds: list[tuple[np.ndarray, np.ndarray]],
    strength: float,
    share: float,
    seed: int,
) -> Grown | None:
    """None where a share of the labels is not of two classes in every fold."""
    said = np.full(len(material.targets), -1)
    sizes = []
    for held, learn in folds:
        rows = _share(np.flatnonzero(learn), pictures.runs, share, seed)
        if len(np.unique(material.targets[rows])) < 2:
            return None
        (solution,) = material.solutions(rows, (strength,))
        said[held] = material.answers(solution, held).argmax(axis=1)
        sizes.append(len(rows))
    tested = said >= 0
    size = round(float(np.mean(sizes)))
    return _grown(size, material.targets[tested], said[tested], material.classes)


def _share(rows: np.ndarray, runs: object, share: float, seed: int) -> np.ndarray:
    """Whole runs in random order until there are ``share`` of ``rows``."""
    names, of_run = np.unique(np.asarray(runs, dtype=str)[rows], return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(names))
    counts = np.bincount(of_run)[order]
    enough = int(np.searchsorted(np.cumsum(counts), share * len(rows))) + 1
    found: np.ndarray = rows[np.isin(of_run, order[:enough])]
    return found


def _grown(size: int, targets: np.ndarray, said: np.ndarray, classes: int) -> Grown:
    right = int((said == targets).sum())
    return Grown(size, right, len(targets), metrics.f1_of(targets, said, classes))
