"""From labelled features to a calibrated head: pure, seeded, seconds on a CPU.

Every labelled picture is validated by a head that saw no picture of its run: the runs are dealt into
folds, and each fold is judged by a head fitted on the others. Penalty, temperature, thresholds and
all figures come from these judgements together. The head that is kept is fitted on all pictures with
the same penalty; what calibrates it was measured on heads that had a little less to learn from, so it
errs on the careful side.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from inference_server.predict.heads import Card, Head, Weights
from inference_server.training import (
    anomaly,
    growth,
    growth_words,
    kinship,
    logistic,
    metrics,
    report,
    split,
    validate,
)
from inference_server.training.material import Labelled, classes_of, counts_of, remarks_on
from inference_server.training.patience import unless_ended
from inference_server.training.report import Report
from inference_server.training.thresholds import Rule
from inference_server.training.validate import Material, Pause

MUCH_WORSE = 0.1  # of accuracy, in a new run period


def fit_head(
    pictures: Labelled,
    *,
    plot_type: str,
    backbone: str,
    good: frozenset[str],
    rule: Rule | None = None,
    seed: int = 1,
    grow: bool = False,
    pause: Pause = lambda: None,
) -> tuple[Head, Report]:
    """A head for ``plot_type`` on the classes that ``pictures`` have.

    ``good``: the classes of severity good; the anomaly score measures the distance from them.
    ``grow``: also measure how good heads on a part of the labels are.
    Raises FitError: fewer than two classes, or nothing to train on; and what ``pause`` raises.
    """
    classes = classes_of(pictures, plot_type)
    trained = np.flatnonzero(pictures.may_train)
    mean, spread = _spread(_learnt(pictures, trained))
    standardised = (pictures.features - mean) / spread
    # Scaled by their number, so that a penalty means the same for every backbone.
    share = np.float32(1 / np.sqrt(standardised.shape[1]))
    material = _material(pictures, classes, mean, spread, share, pause)
    found = validate.by_run(material, pictures, seed)
    made = _report(material, pictures, classes, found, rule or Rule(), seed=seed, grow=grow)
    references, scale = anomaly.remembered(pictures, good, standardised, seed)
    solution = material.solutions(trained, (found.strength,))[0]
    matrix = (material.turned.axes @ solution[:-1]).T.numpy() * share
    weights = Weights(mean, spread, matrix, solution[-1].numpy(), references)
    return Head(_card(plot_type, backbone, classes, made, scale, seed), weights), made


def _card(
    plot_type: str, backbone: str, classes: tuple[str, ...], made: Report, scale: float, seed: int
) -> Card:
    return Card(
        plot_type=plot_type,
        labels=classes,
        backbone=backbone,
        temperature=made.temperature,
        anomaly_scale=scale,
        thresholds=made.thresholds,
        metrics=made.metrics,
        seed=seed,
    )


def _report(
    material: Material,
    pictures: Labelled,
    classes: tuple[str, ...],
    found: validate.Validation,
    rule: Rule,
    *,
    seed: int,
    grow: bool,
) -> Report:
    new_period, remark = _new_period(material, pictures, found)
    growing, growth_remark = _growth(material, pictures, found, seed) if grow else ({}, [])
    return report.make(
        found.judged, classes, counts_of(pictures), rule, seed=seed,
        extra=_about(material, pictures, found) | new_period | growing,
        remarks=[*remarks_on(pictures), *remark, *growth_remark],
    )  # fmt: skip


def _learnt(pictures: Labelled, trained: np.ndarray) -> np.ndarray:
    """All that teaches, changed copies too: a feature that only they move would drown the others."""
    learnt: np.ndarray = pictures.features[trained]
    if pictures.changed is None:
        return learnt
    copies: np.ndarray = pictures.changed[np.isin(np.array(pictures.changed_of), trained)]
    return np.concatenate([learnt, copies])


def _spread(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (D,); huge for a feature that never changes, so it says nothing."""
    spread = features.std(axis=0)
    return features.mean(axis=0), np.where(spread > 1e-6, spread, 1e30).astype(np.float32)


def _material(
    pictures: Labelled,
    classes: tuple[str, ...],
    mean: np.ndarray,
    spread: np.ndarray,
    share: np.float32,
    pause: Pause,
) -> Material:
    given = pictures.features
    if pictures.changed is not None:
        given = np.concatenate([given, pictures.changed])
    turned = unless_ended(lambda: logistic.Turned.of((given - mean) / spread * share), pause)
    plain = turned
    if pictures.changed is not None:
        # Wildly changed copies fill the axes that are kept; what tells the pictures apart would be cut.
        middle, width = _spread(pictures.features)
        kept = (pictures.features - middle) / width * share
        plain = unless_ended(lambda: logistic.Turned.of(kept), pause)
    targets = np.array([classes.index(label) for label in pictures.labels])
    rows = plain.rows[: len(targets)].numpy()
    parts = split.parts(targets, pictures.runs, pictures.pinned)
    kin = unless_ended(lambda: kinship.kinship(rows, parts), pause)
    return Material(
        turned=turned,
        targets=targets,
        counted=pictures.counted,
        changed_of=np.array(pictures.changed_of, int),
        classes=len(classes),
        pause=pause,
        kin=kin,
        groups=kinship.joined(pictures.runs, targets, kin),
    )


def _about(material: Material, pictures: Labelled, found: validate.Validation) -> dict[str, Any]:
    return {
        "pictures": len(pictures.labels),
        "runs": len(set(pictures.runs)),
        "groups": len(set(material.groups)),
        "folds": found.folds,
        "penalty": found.strength,
        "losses": found.losses,
        "near_copies": int(found.judged.copies.sum()),
    }


def _growth(
    material: Material, pictures: Labelled, found: validate.Validation, seed: int
) -> tuple[dict[str, Any], list[str]]:
    """The learning curve: labels learnt from, how many right, of how many, macro-F1."""
    points = growth.curve(material, pictures, found, seed)
    rows = [[each.pictures, each.right, each.tested, each.macro_f1] for each in points]
    said = growth_words.remark([(each.pictures, each.accuracy) for each in points])
    return {"growth": rows}, [said] if said else []


def _new_period(
    material: Material, pictures: Labelled, found: validate.Validation
) -> tuple[dict[str, Any], list[str]]:
    """What to expect when a run period begins that nobody has labelled yet."""
    judged = validate.by_period(material, pictures, found.strength)
    if judged is None:
        return {}, []
    said = judged.logits.argmax(axis=1)
    accuracy = float((said == judged.targets).mean())
    f1 = metrics.f1_of(judged.targets, said, material.classes)
    usual = float((found.judged.logits.argmax(axis=1) == found.judged.targets).mean())
    remark = (
        f"In a run period that it had not seen, heads like this were right for {accuracy:.0%}; label"
        " some pictures when a new period begins."
    )
    figures = {"new_period": {"accuracy": accuracy, "macro_f1": f1}}
    return figures, [remark] if accuracy < usual - MUCH_WORSE else []
