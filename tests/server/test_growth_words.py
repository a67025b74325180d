"""What a learning curve says of more labels."""

from __future__ import annotations

import pytest

from inference_server.training.growth_words import remark


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (0.85, "twice as many may bring up to 10 of 100"),
        (0.97, "twice as many may bring up to 3 of 100"),
        (0.752, "will hardly help"),
    ],
    ids=["rises", "little is left", "flat"],
)
def test_that_the_last_doubling_says_whether_more_labels_help(last, words):
    said = remark([(20, 0.5), (40, 0.75), (80, last)])
    assert said.startswith(f"With 40 labels 75% were right, with 80 {last:.0%}")
    assert words in said


def test_that_one_point_says_nothing():
    assert remark([(20, 0.5)]) == ""
