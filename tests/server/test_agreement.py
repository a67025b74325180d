from __future__ import annotations

from collections.abc import Sequence

import pytest

from inference_server import agreement

# Thirty patients, six psychiatrists each: Fleiss (1971), table 1.
DIAGNOSES = ("depression", "personality", "schizophrenia", "neurosis", "other")
FLEISS_1971 = """
    00060 03003 01401 00006 03030 20400 00402 20310 20040 00006
    10050 11040 03300 10050 02031 00501 30012 51000 02040 10203
    00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""


def ratings(table: str, classes: Sequence[str]) -> list[list[str]]:
    """A word for each picture, a digit for each class: how many people chose it."""
    return [
        [name for name, count in zip(classes, word, strict=True) for _ in range(int(count))]
        for word in table.split()
    ]


def test_that_cohens_kappa_has_its_published_value():
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    assert agreement.cohen(pairs) == pytest.approx(0.4)


def test_that_cohens_kappa_weighs_chance_by_how_often_each_uses_a_class():
    shares = {
        "11": 88,
        "12": 14,
        "13": 18,
        "21": 10,
        "22": 40,
        "23": 10,
        "31": 2,
        "32": 6,
        "33": 12,
    }
    pairs = [(cell[0], cell[1]) for cell, count in shares.items() for _ in range(count)]
    seen, by_chance = 0.70, 0.6 * 0.5 + 0.3 * 0.3 + 0.1 * 0.2
    assert agreement.cohen(pairs) == pytest.approx((seen - by_chance) / (1 - by_chance))


def test_that_fleiss_kappa_has_its_published_value():
    assert agreement.fleiss(ratings(FLEISS_1971, DIAGNOSES)) == pytest.approx(0.430, abs=5e-4)


def test_that_each_class_has_the_kappa_that_fleiss_gives_it():
    found = agreement.by_class(ratings(FLEISS_1971, DIAGNOSES))
    published = (0.245, 0.245, 0.520, 0.471, 0.566)
    assert found == pytest.approx(dict(zip(DIAGNOSES, published, strict=True)), abs=5e-4)


def test_that_less_agreement_than_chance_is_negative():
    assert agreement.cohen([("Good", "Bad"), ("Bad", "Good")]) == -1
    assert agreement.fleiss([("Good", "Bad"), ("Bad", "Good")]) == -1


def test_that_a_picture_with_one_labeller_changes_nothing():
    both = [("Good", "Good"), ("Good", "Bad"), ("Bad", "Bad")]
    assert agreement.fleiss([*both, ("Good",), ()]) == agreement.fleiss(both)
    assert agreement.by_class([*both, ("LED",)]).keys() == {"Good", "Bad"}


def test_that_pictures_with_more_labellers_do_not_weigh_more():
    found = agreement.fleiss([("Good",) * 4, ("Good", "Bad")])
    # Seen: (1 + 0) / 2. By chance: (25 + 1) / 36.
    assert found == pytest.approx((1 / 2 - 26 / 36) / (1 - 26 / 36))


@pytest.mark.parametrize(
    "same", [[], [("Good", "Good"), ("Good", "Good")]], ids=["nothing in common", "one class only"]
)
def test_that_a_kappa_without_meaning_is_none(same):
    assert agreement.cohen(same) is None
    assert agreement.fleiss(same) is None


def test_that_pairs_are_compared_on_what_both_labelled():
    votes = {
        1: {"mary": "Good", "ann": "Good"},
        2: {"ann": "Bad", "mary": "Bad"},
        3: {"ann": "Good", "zoe": "Bad"},
        4: {"zoe": "Bad"},
    }
    assert agreement.by_pair(votes) == {("ann", "mary"): (2, 1.0), ("ann", "zoe"): (1, 0.0)}
