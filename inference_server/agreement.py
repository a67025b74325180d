"""How far labellers agree beyond chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations


def cohen(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa of two people's classes for the same pictures; 1 agree, 0 by chance.

    None where it is not defined: no pictures, or both used one and the same class only.
    Source: J. Cohen, Educ. Psychol. Meas. 20 (1960) 37.
    """
    if not pairs:
        return None
    number = len(pairs)
    seen = sum(first == second for first, second in pairs) / number
    left = Counter(first for first, _ in pairs)
    right = Counter(second for _, second in pairs)
    chance = sum(left[name] * right[name] for name in left) / number**2
    return None if chance == 1 else (seen - chance) / (1 - chance)


def fleiss(ratings: Sequence[Sequence[str]]) -> float | None:
    """Fleiss' kappa: for each picture the classes that its labellers gave, at least two.

    Pictures may have different numbers of labellers (the extension that weighs each picture's
    agreement by itself). None where it is not defined.
    Source: J. L. Fleiss, Psychol. Bull. 76 (1971) 378.
    """
    rated = [row for row in ratings if len(row) > 1]
    if not rated:
        return None
    total = Counter(name for row in rated for name in row)
    all_ratings = sum(total.values())
    chance = sum((count / all_ratings) ** 2 for count in total.values())
    if chance == 1:
        return None
    seen = sum(_agreement(row) for row in rated) / len(rated)
    return (seen - chance) / (1 - chance)


def by_pair(
    votes: Mapping[int, Mapping[str, str]],
) -> dict[tuple[str, str], tuple[int, float | None]]:
    """Pictures in common and Cohen's kappa of each two people; votes: picture -> person -> class."""
    pairs: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for said in votes.values():
        for first, second in combinations(sorted(said), 2):
            pairs.setdefault((first, second), []).append((said[first], said[second]))
    return {people: (len(common), cohen(common)) for people, common in sorted(pairs.items())}


def by_class(ratings: Sequence[Sequence[str]]) -> dict[str, float | None]:
    """Fleiss' kappa of every class against all others: which class people do not see alike.

    For an equal number of labellers it is the kappa that Fleiss (1971) gives a category.
    """
    names = sorted({name for row in ratings if len(row) > 1 for name in row})
    return {
        name: fleiss([[_side(said, name) for said in row] for row in ratings]) for name in names
    }


def _side(said: str, name: str) -> str:
    return "this" if said == name else "other"


def _agreement(row: Sequence[str]) -> float:
    """The share of a picture's pairs of labellers that agree."""
    number = len(row)
    return sum(count * (count - 1) for count in Counter(row).values()) / (number * (number - 1))
