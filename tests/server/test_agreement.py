"""Agreement of labellers against values worked out by hand and from the literature."""

import pytest

from inference_server import agreement


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
