"""Two models on the same pictures: who is right how often, and whether that may be chance. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided p-value that both are right equally often, by the exact binomial test.

    McNemar, Psychometrika 12, 1947; ``only_first``: right in the first alone.
    """
    total, fewer = only_first + only_second, min(only_first, only_second)
    if not total:
        return 1.0
    if total > 1000:  # the normal limit with Edwards' correction: exact to three digits there
        excess = max(0.0, abs(only_first - only_second) - 1.0)
        return math.erfc(excess / math.sqrt(total) / math.sqrt(2))
    tail = sum(math.comb(total, count) for count in range(fewer + 1))
    return min(1.0, tail / float(2 ** (total - 1)))


@dataclass(frozen=True, slots=True)
class Change:
    """One class under two models."""

    name: str
    count: int
    recall: tuple[float, float]
    precision: tuple[float, float]


Triple: TypeAlias = tuple[str, str, str]  # what a person, a first and a second model said


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many of the same pictures two models got right."""

    both_right: int
    only_first: int
    only_second: int
    both_wrong: int


def agreement(counts: Mapping[Triple, int]) -> Agreement:
    """Who is right how often; ``counts``: so many pictures of each triple."""
    found = {(one, two): 0 for one in (True, False) for two in (True, False)}
    for (expert, first, second), count in counts.items():
        found[first == expert, second == expert] += count
    return Agreement(found[True, True], found[True, False], found[False, True], found[False, False])


def changes(counts: Mapping[Triple, int]) -> list[Change]:
    """Recall and precision of each class under two models; ``counts``: so many pictures of each triple."""
    names = sorted({expert for expert, _, _ in counts})
    return [_change(counts, name) for name in names]


def _change(counts: Mapping[Triple, int], name: str) -> Change:
    actual = sum(count for each, count in counts.items() if each[0] == name)
    found = []
    for model in (1, 2):
        said = sum(count for each, count in counts.items() if each[model] == name)
        hits = sum(count for each, count in counts.items() if each[0] == name == each[model])
        found.append((hits / actual, hits / said if said else 0.0))
    (recall, precision), (other_recall, other_precision) = found
    return Change(name, actual, (recall, other_recall), (precision, other_precision))
