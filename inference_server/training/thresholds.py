"""Where the thresholds of a model belong: F1, a wanted precision, or how often a shift may be called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

HIGHEST = 0.99  # a threshold of 1 would confirm nothing
UNPROVEN = 0.9  # for a class without a validation picture: only the very sure is confirmed
PER_SHIFT = 480.0  # a picture a minute for eight hours, where nothing better is known


@dataclass(frozen=True, slots=True)
class Rule:
    """What is wanted of the Bad classes; all others have their thresholds at the maximum of F1."""

    bad: frozenset[str] = field(default=frozenset())  # classes of severity bad
    precision: float = 0.0
    false_calls: float = 0.0  # per shift
    pictures_per_shift: float = PER_SHIFT

    @property
    def method(self) -> str:
        """As it is stored with a threshold."""
        if self.precision:
            return "precision"
        return "false_calls" if self.false_calls else "max_f1"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Thresholds by class, and what a reader has to know of them."""

    values: dict[str, float]
    methods: dict[str, str]
    remarks: tuple[str, ...] = ()


def choose(
    targets: np.ndarray, scores: np.ndarray, labels: Sequence[str], rule: Rule | None = None
) -> Chosen:
    """Thresholds by ``rule``; ``targets`` (V,) indices, ``scores`` (V, C) calibrated."""
    rule = rule or Rule()
    values = {
        label: best_f1(targets == index, scores[:, index], 1 / len(labels))
        for index, label in enumerate(labels)
    }
    methods = dict.fromkeys(labels, "max_f1")
    remarks = []
    for index, label in enumerate(labels):
        if label not in rule.bad or rule.method == "max_f1":
            continue
        top = scores.argmax(axis=1) == index
        right, confidence = (targets == index)[top], scores[top, index]
        if rule.precision:
            values[label], remark = for_precision(label, right, confidence, rule.precision)
        else:
            others = int((targets != index).sum())
            allowed = rule.false_calls / rule.pictures_per_shift * others
            values[label], remark = for_false_calls(label, right, confidence, allowed)
        values[label] = max(values[label], 1 / len(labels))
        methods[label] = rule.method
        remarks += [remark] if remark else []
    return Chosen(values, methods, tuple(remarks))


def best_f1(actual: np.ndarray, confidence: np.ndarray, chance: float) -> float:
    """The highest of the confidences with the best F1, between ``chance`` and HIGHEST.

    Among equals the highest asks a person most often. Nothing below ``chance`` can be a top class.
    """
    if not actual.any():
        return UNPROVEN
    order = np.argsort(-confidence, kind="stable")
    sure, hits = confidence[order], np.cumsum(actual[order])
    f1 = 2 * hits / (np.arange(1, len(sure) + 1) + actual.sum())
    # Equal confidences stand or fall together: only the last of a row of equals is a threshold.
    f1[:-1][sure[:-1] == sure[1:]] = -1.0
    best = float(sure[int(np.argmax(f1))])  # the first maximum: fewest pictures, highest confidence
    return float(np.clip(_down(best), chance, HIGHEST))


def for_precision(
    label: str, right: np.ndarray, confidence: np.ndarray, wanted: float
) -> tuple[float, str]:
    """The lowest threshold from which on ``wanted`` of the verdicts are right; and a remark.

    ``right`` and ``confidence`` (N,): of the validation pictures that are judged to be ``label``.
    """
    order = np.argsort(-confidence, kind="stable")
    sure, hits = confidence[order], np.cumsum(right[order])
    precision = hits / np.arange(1, len(sure) + 1)
    precision[:-1][sure[:-1] == sure[1:]] = -1.0
    reached = np.flatnonzero(precision >= wanted)
    if not len(reached):
        return HIGHEST, (
            f"No threshold gives {label} a precision of {wanted:.0%} on the validation pictures, so it"
            f" is confirmed from {HIGHEST:.0%} on; label more, or ask for less."
        )
    return float(min(_down(float(sure[reached[-1]])), HIGHEST)), ""


def for_false_calls(
    label: str, right: np.ndarray, confidence: np.ndarray, allowed: float
) -> tuple[float, str]:
    """The lowest threshold with at most ``allowed`` wrong verdicts among the validation pictures."""
    wrong = np.sort(confidence[~right])[::-1]
    if len(wrong) <= allowed:
        return 0.0, ""
    worst = float(wrong[int(allowed)])  # the first that is one too many
    if worst >= HIGHEST:
        return HIGHEST, (
            f"Even from {HIGHEST:.0%} on {label} is confirmed wrongly more often than wanted; label"
            " more, or allow more calls."
        )
    return min(_up(worst), HIGHEST), ""


def _down(value: float) -> float:
    return float(np.floor(value * 1e4) / 1e4)


def _up(value: float) -> float:
    return float(np.floor(value * 1e4) / 1e4 + 1e-4)
