"""How far labellers agree beyond chance: Cohen's and Fleiss' kappa, by pair and by class. Pure.

1 is full agreement, 0 is what chance alone gives, below 0 is less than chance. A kappa is None where
it is not defined: nobody to compare with, or nothing but one class in use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations


def cohen(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Kappa of two people; ``pairs``: what each said of the same picture.

    Source: J. Cohen, Educ. Psychol. Meas. 20 (1960) 37.
    """
    if not pairs:
        return None
    first, second = (Counter(said) for said in zip(*pairs, strict=True))
    by_chance = sum(first[name] * second[name] for name in first) / len(pairs) ** 2
    return _beyond_chance(sum(a == b for a, b in pairs) / len(pairs), by_chance)


def fleiss(ratings: Sequence[Sequence[str]]) -> float | None:
    """Kappa of any number of people; ``ratings``: for each picture the classes it was given.

    Pictures with one labeller say nothing and are left out. The others may differ in their number of
    labellers, and each counts the same. Source: J. L. Fleiss, Psychol. Bull. 76 (1971) 378, whose
    case is an equal number for every picture.
    """
    compared = [each for each in ratings if len(each) > 1]
    if not compared:
        return None
    used = Counter(name for each in compared for name in each)
    by_chance = sum(number**2 for number in used.values()) / used.total() ** 2
    return _beyond_chance(sum(map(_agreeing, compared)) / len(compared), by_chance)


def by_pair(
    votes: Mapping[int, Mapping[str, str]],
) -> dict[tuple[str, str], tuple[int, float | None]]:
    """Pictures in common and Cohen's kappa of every two people; ``votes``: picture, person, class."""
    common: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for said in votes.values():
        for first, second in combinations(sorted(said), 2):
            common.setdefault((first, second), []).append((said[first], said[second]))
    return {people: (len(pairs), cohen(pairs)) for people, pairs in sorted(common.items())}


def by_class(ratings: Sequence[Sequence[str]]) -> dict[str, float | None]:
    """Fleiss' kappa of every class against all others: which class people do not see alike.

    For an equal number of labellers this is the kappa that Fleiss (1971) gives a category.
    """
    names = sorted({name for each in ratings if len(each) > 1 for name in each})
    return {name: fleiss(_against_others(ratings, name)) for name in names}


def _beyond_chance(seen: float, by_chance: float) -> float | None:
    return None if by_chance == 1 else (seen - by_chance) / (1 - by_chance)


def _agreeing(said: Sequence[str]) -> float:
    """The share of a picture's pairs of labellers that said the same."""
    pairs = sum(number * (number - 1) for number in Counter(said).values())
    return pairs / (len(said) * (len(said) - 1))


def _against_others(ratings: Sequence[Sequence[str]], name: str) -> list[list[str]]:
    return [["this" if said == name else "other" for said in each] for each in ratings]
