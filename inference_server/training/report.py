"""What a training says of its model: figures with error bars, thresholds, remarks, and its mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from inference_server.predict.heads import softmax
from inference_server.training import logistic, metrics, thresholds
from inference_server.training.thresholds import Rule

FEW = 5  # pictures of a class below which a report says so
MOST_MISTAKES = 500  # kept as questions to the expert


@dataclass(frozen=True, slots=True)
class Judged:
    """Validation pictures and what a model that had not seen their runs makes of them."""

    rows: np.ndarray  # (V,) of the training's pictures
    targets: np.ndarray  # (V,)
    logits: np.ndarray  # (V, C) before calibration
    runs: Sequence[str]  # (V,)
    copies: np.ndarray  # (V,) bool: a near copy of it taught the model that judged it

    def only(self, kept: np.ndarray) -> Judged:
        """The part where ``kept`` (V,) is true."""
        runs = [run for run, keep in zip(self.runs, kept, strict=True) if keep]
        return Judged(
            self.rows[kept], self.targets[kept], self.logits[kept], runs, self.copies[kept]
        )


@dataclass(frozen=True, slots=True)
class Mistake:
    """A validation picture that the model takes for something else than people do."""

    row: int
    said: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Report:
    """What came out of a training besides the model."""

    metrics: dict[str, Any]
    thresholds: dict[str, float]
    methods: dict[str, str]
    temperature: float
    validation: np.ndarray  # (V,) rows that were judged by a model that had not seen their run
    scores: np.ndarray  # (V, C) their calibrated scores
    mistakes: tuple[Mistake, ...] = ()
    remarks: tuple[str, ...] = field(default=())


def make(
    judged: Judged,
    labels: tuple[str, ...],
    counts: dict[str, int],
    rule: Rule,
    *,
    seed: int,
    extra: dict[str, Any],
    remarks: Sequence[str] = (),
) -> Report:
    """The report on a model with ``labels``; ``counts``: all labelled pictures of each."""
    honest, of_copies = _without_copies(judged, labels)
    temperature = logistic.temperature(honest.logits, honest.targets)
    scores = softmax(honest.logits / np.float32(temperature))
    chosen = thresholds.choose(honest.targets, scores, labels, rule)
    said = (*of_copies, *_few(counts), *remarks, *chosen.remarks)
    found = _figures(honest, scores, labels, rule.bad, seed) | extra
    found |= {"counts": counts, "temperature": temperature, "remarks": list(said)}
    return Report(
        metrics=found, thresholds=chosen.values, methods=chosen.methods, temperature=temperature,
        validation=honest.rows, scores=scores, mistakes=_mistakes(honest, scores, labels),
        remarks=said,
    )  # fmt: skip


def sentence(found: dict[str, Any]) -> str:
    """The figures of a training for people."""
    low, high = found.get("accuracy_range", (0.0, 1.0))
    bad = found.get("bad_recall")
    return (
        f"{found['accuracy']:.1%} of {found['validation']} validation pictures right ({low:.0%} to"
        f" {high:.0%}), macro-F1 {found['macro_f1']:.2f}"
        + (f", {bad:.0%} of the Bad ones found." if bad is not None else ".")
    )


def _without_copies(judged: Judged, labels: tuple[str, ...]) -> tuple[Judged, list[str]]:
    """Near copies say nothing new, so they are left out; unless nothing else is left of a class."""
    kept, remarks = ~judged.copies, []
    for index in np.unique(judged.targets):
        of_class = judged.targets == index
        if not (kept & of_class).any():
            kept = kept | of_class
            remarks.append(
                f"All pictures of {labels[index]} look nearly the same, so its figures say little"
                " about new ones."
            )
    return judged.only(kept), remarks + _left_out(judged.targets[~kept], labels)


def _left_out(targets: np.ndarray, labels: tuple[str, ...]) -> list[str]:
    if not len(targets):
        return []
    counts = np.bincount(targets, minlength=len(labels))
    named = ", ".join(f"{n} of {label}" for n, label in zip(counts, labels, strict=True) if n)
    return [
        (
            "Not counted, since they look nearly the same as pictures that taught the model, of more runs"
            f" than one side can hold or pinned apart: {named}."
        )
    ]


def _few(counts: dict[str, int]) -> list[str]:
    return [
        f"{label} has only {count} labelled picture{'s' * (count > 1)}; label more."
        for label, count in counts.items()
        if count < FEW
    ]


def _figures(
    judged: Judged, scores: np.ndarray, labels: tuple[str, ...], bad: frozenset[str], seed: int
) -> dict[str, Any]:
    right, said = judged.targets, scores.argmax(axis=1)
    figures = metrics.per_class(right, scores, labels)
    hits = int((right == said).sum())
    by_run = metrics.bootstrap(
        lambda rows: metrics.f1_of(right[rows], said[rows], len(labels)), judged.runs, seed
    )
    before = softmax(judged.logits)
    return {
        "accuracy": metrics.accuracy(right, scores),
        "accuracy_range": metrics.wilson(hits, len(right)),
        "macro_f1": metrics.macro_f1(figures),
        "macro_f1_range": by_run,
        "calibration_error": metrics.calibration_error(right, scores),
        "calibration_error_before": metrics.calibration_error(right, before),
        "classes": {label: asdict(figure) for label, figure in figures.items()},
        "labels": list(labels),
        "confusion": metrics.confusion(right, scores),
        "validation": len(right),
        "validation_runs": len(set(judged.runs)),
        **_bad(right, said, [index for index, label in enumerate(labels) if label in bad]),
    }


def _bad(right: np.ndarray, said: np.ndarray, bad: list[int]) -> dict[str, Any]:
    """How many of the Bad ones are found, and how many of those called Bad are; nothing without any."""
    actual, called = np.isin(right, bad), np.isin(said, bad)
    if not actual.any():
        return {}
    hits = int((actual & called).sum())
    return {
        "bad_recall": hits / int(actual.sum()),
        "bad_recall_range": metrics.wilson(hits, int(actual.sum())),
        "bad_precision": hits / max(1, int(called.sum())),
        "bad_precision_range": metrics.wilson(hits, int(called.sum())),
    }


def _mistakes(judged: Judged, scores: np.ndarray, labels: tuple[str, ...]) -> tuple[Mistake, ...]:
    """The surest mistakes first: there the label or the model is most in need of a look."""
    said, sure = scores.argmax(axis=1), scores.max(axis=1)
    wrong = np.flatnonzero(said != judged.targets)
    order = wrong[np.argsort(-sure[wrong], kind="stable")][:MOST_MISTAKES]
    return tuple(
        Mistake(int(judged.rows[each]), labels[said[each]], float(sure[each])) for each in order
    )
