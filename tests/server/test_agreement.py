"""Agreement of labellers against values worked out by hand and from the literature."""

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


def test_that_cohens_kappa_of_a_known_table_is_right():
    # 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: observed 0.7, by chance 0.5.
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert agreement.cohen(pairs) == pytest.approx(0.4)


@pytest.mark.parametrize("pairs", [[], [("a", "a")] * 3], ids=["no pictures", "one class"])
def test_that_kappa_without_meaning_is_none(pairs):
    assert agreement.cohen(pairs) is None


def test_that_fleiss_kappa_of_a_known_table_is_right():
    # The worked example of ten subjects and fourteen raters that is in every text book: 0.210.
    table = [
        (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
        (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
    ]  # fmt: skip
    ratings = [[str(n) for n, count in enumerate(row) for _ in range(count)] for row in table]
    assert agreement.fleiss(ratings) == pytest.approx(0.210, abs=5e-4)


def test_that_pictures_of_one_labeller_say_nothing():
    assert agreement.fleiss([["a"], ["b"]]) is None


def test_that_each_pair_is_measured_on_the_pictures_in_common():
    votes = {1: {"ann": "a", "bob": "a"}, 2: {"ann": "b", "bob": "b", "cem": "a"}}
    assert agreement.by_pair(votes) == {
        ("ann", "bob"): (2, 1.0),
        ("ann", "cem"): (1, 0.0),
        ("bob", "cem"): (1, 0.0),
    }


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
