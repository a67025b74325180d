"""From the confidences of a picture to its verdict: nothing but a function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter

NO_MODEL = "NoModel"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The likeliest class, and whether a person has to look (``not confirmed``)."""

    label: str
    confidence: float  # 0..1
    confirmed: bool


def judge(scores: Mapping[str, float], thresholds: Mapping[str, float]) -> Judgement:
    """The class with the highest confidence, Confirmed if that reaches the class's threshold.

    A class without a threshold is never Confirmed: silence is not consent. Without scores there was
    no model, and nothing to confirm. Of classes with equal confidence the first by name counts, so
    that a replay says the same.
    """
    if not scores:
        return Judgement(NO_MODEL, 0.0, confirmed=False)
    label, confidence = max(sorted(scores.items()), key=itemgetter(1))
    confirmed = label in thresholds and confidence >= thresholds[label]
    return Judgement(label, confidence, confirmed)
