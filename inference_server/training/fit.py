"""From labelled features to a calibrated head: pure, seeded, seconds on a CPU.

Every labelled picture is validated by a head that saw no picture of its run: the runs are dealt into
folds, and each fold is judged by a head fitted on the others. Penalty, temperature, thresholds and
all figures come from these judgements together. The head that is kept is fitted on all pictures with
the same penalty; what calibrates it was measured on heads that had a little less to learn from, so it
errs on the careful side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch

from inference_server.predict.heads import Card, Head, Weights, softmax
from inference_server.training import logistic, metrics, split

FEW = 5  # pictures of a class below which a report says so
REFERENCES = 256
FOLDS = 5
# Of the L2 penalty, relative to the number of features; falling, so that each fit starts near.
STRENGTHS = (3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5)


class FitError(ValueError):
    """These labels cannot make a head; the message names the cause and the next step."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a head is fitted on; N pictures, in the order they were taken."""

    features: np.ndarray  # (N, D) float32
    labels: Sequence[str]  # (N,)
    runs: Sequence[str]  # (N,) whatever tells runs apart: "2018-spring/3211"
    pins: Sequence[str | None] = ()  # (N,) "training", "validation" or None; empty: no pins
    weights: Sequence[int] = ()  # (N,) how often a picture counts in training; empty: once each


@dataclass(frozen=True, slots=True)
class Report:
    """What came out of a fit besides the head."""

    metrics: dict[str, Any]
    thresholds: dict[str, float]
    validation: np.ndarray  # (V,) rows that were judged by a head that had not seen their run
    scores: np.ndarray  # (V, C) their calibrated scores
    remarks: tuple[str, ...] = field(default=())


def fit_head(
    pictures: Labelled, *, plot_type: str, backbone: str, good: frozenset[str], seed: int = 1
) -> tuple[Head, Report]:
    """A head for ``plot_type`` on the classes that ``pictures`` have.

    ``good``: the classes of severity good; the anomaly score measures the distance from them.
    Raises FitError: fewer than two classes, or nothing to train on.
    """
    classes = _classes(pictures, plot_type)
    targets = np.array([classes.index(label) for label in pictures.labels])
    trained = np.flatnonzero(_may_train(pictures))
    mean, spread = _spread(pictures.features[trained])
    standardised = (pictures.features - mean) / spread
    # Scaled by their number, so that a penalty means the same for every backbone.
    share = np.float32(1 / np.sqrt(standardised.shape[1]))
    turned = logistic.Turned.of(standardised * share)
    material = _Material(turned, targets, _counted(pictures), len(classes))
    judged = _cross_validate(material, pictures, seed)
    temperature = logistic.temperature(judged.logits, targets[judged.rows])
    solution = material.solutions(trained, (judged.strength,))[0]
    references, scale = _anomaly(pictures, good, standardised, seed)
    scores = softmax(judged.logits / np.float32(temperature))
    report = _report(pictures, targets, classes, judged, scores)
    card = Card(
        plot_type=plot_type,
        labels=classes,
        backbone=backbone,
        temperature=temperature,
        anomaly_scale=scale,
        thresholds=report.thresholds,
        metrics=report.metrics | {"temperature": temperature},
        seed=seed,
    )
    matrix = (turned.axes @ solution[:-1]).T.numpy() * share
    weights = Weights(mean, spread, matrix, solution[-1].numpy(), references)
    return Head(card, weights), report


def _spread(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (D,); huge for a feature that never changes, so it says nothing."""
    spread = features.std(axis=0)
    return features.mean(axis=0), np.where(spread > 1e-6, spread, 1e30).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Material:
    """What every fit of one training has in common."""

    turned: logistic.Turned
    targets: np.ndarray  # (N,)
    counted: np.ndarray  # (N,) how often each picture counts
    classes: int

    def solutions(self, rows: np.ndarray, strengths: Sequence[float]) -> list[torch.Tensor]:
        """Heads fitted on ``rows``, one for each of the falling ``strengths``."""
        targets = self.targets[rows]
        return logistic.path(
            self.turned.rows[torch.from_numpy(rows)],
            torch.from_numpy(targets),
            torch.from_numpy(_balance(targets) * self.counted[rows]),
            self.classes,
            strengths,
        )


@dataclass(frozen=True, slots=True)
class _Judged:
    """The validation pictures and what heads that had not seen their runs make of them."""

    rows: np.ndarray  # (V,)
    logits: np.ndarray  # (V, C)
    strength: float
    folds: int


def _classes(pictures: Labelled, plot_type: str) -> tuple[str, ...]:
    classes = tuple(sorted({str(label) for label in pictures.labels}))
    if not classes:
        raise FitError(
            f"{plot_type} has no labelled pictures; label at least {FEW} of two classes."
        )
    if len(classes) == 1:
        raise FitError(
            f"{plot_type} has labels of only one class ({classes[0]}); label at least {FEW} of a"
            " second class."
        )
    may_train = _may_train(pictures)
    if len({label for label, may in zip(pictures.labels, may_train, strict=True) if may}) < 2:
        raise FitError(
            f"{plot_type} has fewer than two classes outside the pictures pinned to validation;"
            " unpin some."
        )
    return classes


def _counted(pictures: Labelled) -> np.ndarray:
    return np.array(pictures.weights or [1] * len(pictures.labels), np.float32)


def _may_train(pictures: Labelled) -> np.ndarray:
    return np.array([pin != "validation" for pin in pictures.pins or [None] * len(pictures.labels)])


def _cross_validate(material: _Material, pictures: Labelled, seed: int) -> _Judged:
    """Judge every picture by a head that has not seen its run; keep the penalty that does best."""
    targets = material.targets
    pins = np.array(pictures.pins or [None] * len(targets), dtype=object)
    runs = np.asarray(pictures.runs, dtype=str)
    one_run = len(set(pictures.runs)) == 1
    dealt = split.folds(targets, pictures.runs, FOLDS, seed)
    logits = np.zeros((len(STRENGTHS), len(targets), material.classes), np.float32)
    judged = np.zeros(len(targets), bool)
    for fold in np.unique(dealt):
        held = (dealt == fold) & (pins != "training")
        learn = ~held & (pins != "validation")
        if not one_run:  # what is pinned to training must not betray its run's other pictures
            learn &= ~np.isin(runs, runs[held])
        if not held.any() or not learn.any():
            continue
        found = material.solutions(np.flatnonzero(learn), STRENGTHS)
        for index, solution in enumerate(found):
            logits[index, held] = logistic.apply(solution, material.turned.rows[held]).numpy()
        judged |= held
    rows = np.flatnonzero(judged)
    best = int(np.argmin([_loss(each[rows], targets[rows]) for each in logits]))
    return _Judged(rows, logits[best][rows], STRENGTHS[best], len(np.unique(dealt)))


def _loss(logits: np.ndarray, targets: np.ndarray) -> float:
    """How wrong the judgements are: log loss after calibration, each class of some weight."""
    scores = softmax(logits / np.float32(logistic.temperature(logits, targets)))
    surprise = -np.log(np.maximum(scores[np.arange(len(targets)), targets], 1e-9))
    return float(np.average(surprise, weights=_balance(targets)))


def _balance(targets: np.ndarray) -> np.ndarray:
    """Weights (N,) between no balance and full balance of the classes.

    Full balance makes a class with six pictures shout down one with nine hundred; none forgets it.
    """
    counts = np.bincount(targets)
    found: np.ndarray = np.sqrt(len(targets) / counts[targets]).astype(np.float32)
    return found


def _anomaly(
    pictures: Labelled, good: frozenset[str], standardised: np.ndarray, seed: int
) -> tuple[np.ndarray, float]:
    """Good pictures to remember (R, D), and the distance that counts as 1.0 (0: not known)."""
    is_good = np.array([label in good for label in pictures.labels]) & _may_train(pictures)
    rows = np.flatnonzero(is_good)
    runs = np.asarray(pictures.runs, dtype=str)
    kept = _spread_over_runs(rows, runs, seed)
    references = pictures.features[kept].astype(np.float16)
    if len(rows) < FEW:
        return references, 0.0
    squares = np.square(standardised).sum(axis=1)
    cross = (
        squares[rows, None] + squares[None, kept] - 2 * standardised[rows] @ standardised[kept].T
    )
    distances = np.sqrt(np.maximum(cross, 0) / standardised.shape[1])
    same = runs[rows, None] == runs[None, kept]
    if same.all():  # all Good pictures are of one run: at least not a picture with itself
        same = rows[:, None] == kept[None, :]
    nearest = np.where(same, np.inf, distances).min(axis=1)
    nearest = nearest[np.isfinite(nearest)]
    return references, float(np.percentile(nearest, 99)) if len(nearest) else 0.0


def _spread_over_runs(rows: np.ndarray, runs: np.ndarray, seed: int) -> np.ndarray:
    """Up to REFERENCES of ``rows``: one of every run, then a second of every run, and so on."""
    random = np.random.default_rng(seed)
    shuffled = random.permutation(rows)
    turn: dict[str, int] = {}
    rounds = []
    for row in shuffled:
        turn[runs[row]] = turn.get(runs[row], -1) + 1
        rounds.append(turn[runs[row]])
    order = np.argsort(np.array(rounds, int), kind="stable")[:REFERENCES]
    return np.sort(shuffled[order])


def _report(
    pictures: Labelled,
    targets: np.ndarray,
    classes: tuple[str, ...],
    judged: _Judged,
    scores: np.ndarray,
) -> Report:
    right = targets[judged.rows]
    figures = metrics.per_class(right, scores, classes)
    found: dict[str, Any] = {
        "accuracy": metrics.accuracy(right, scores),
        "macro_f1": metrics.macro_f1(figures),
        "calibration_error": metrics.calibration_error(right, scores),
        "calibration_error_before": metrics.calibration_error(right, softmax(judged.logits)),
        "classes": {label: asdict(figure) for label, figure in figures.items()},
        "counts": {label: int((targets == index).sum()) for index, label in enumerate(classes)},
        "pictures": len(targets),
        "validation": len(right),
        "runs": len(set(pictures.runs)),
        "folds": judged.folds,
        "penalty": judged.strength,
    }
    remarks = tuple(_remarks(pictures, found))
    thresholds = metrics.thresholds(right, scores, classes)
    return Report(found | {"remarks": list(remarks)}, thresholds, judged.rows, scores, remarks)


def _remarks(pictures: Labelled, found: dict[str, Any]) -> list[str]:
    """What a reader of the figures has to know."""
    remarks = [
        f"{label} has only {count} labelled pictures; label more."
        for label, count in found["counts"].items()
        if count < FEW
    ]
    if len(set(pictures.runs)) < 2:
        remarks.append(
            "All labelled pictures are of one run, so these figures are better than they will be on"
            " other runs; label pictures of a second run."
        )
    return remarks
