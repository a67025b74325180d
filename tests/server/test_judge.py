"""Confirmed or not, drawn or not, kept or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_server.keeper.judge import Judgement, judge
from inference_server.keeper.keep import collected_as, drawn, is_kept
from inference_server.protocol.messages import Severity

CONFIDENCES = st.dictionaries(
    st.sampled_from(["Good", "Bad", "NoData", "LED"]), st.floats(0, 1), min_size=1
)


@pytest.mark.parametrize(
    ("scores", "thresholds", "expected"),
    [
        ({"Good": 0.9, "Bad": 0.1}, {"Good": 0.9}, Judgement("Good", 0.9, True)),
        ({"Good": 0.9, "Bad": 0.1}, {"Good": 0.91}, Judgement("Good", 0.9, False)),
        ({"Good": 0.9, "Bad": 0.1}, {"Bad": 0.0}, Judgement("Good", 0.9, False)),
        ({"B": 0.5, "A": 0.5}, {}, Judgement("A", 0.5, False)),
        ({}, {"Good": 0.0}, Judgement("NoModel", 0.0, False)),
    ],
    ids=["at its threshold", "below it", "without one", "a tie", "no model"],
)
def test_that_a_class_is_confirmed_from_its_own_threshold_on(scores, thresholds, expected):
    assert judge(scores, thresholds) == expected


@given(CONFIDENCES, CONFIDENCES)
def test_that_the_verdict_is_the_most_confident_class_whatever_the_thresholds(scores, thresholds):
    verdict = judge(scores, thresholds)
    assert verdict.confidence == max(scores.values()) == scores[verdict.label]
    assert verdict.confirmed == (verdict.confidence >= thresholds.get(verdict.label, 2.0))


def test_that_the_draw_takes_its_fraction_and_repeats_itself():
    hashes = [f"{number:064x}" for number in range(20_000)]
    first = [drawn(each, 0.05, "unbiased") for each in hashes]
    assert first == [drawn(each, 0.05, "unbiased") for each in hashes]
    assert 900 < sum(first) < 1100
    assert not any(drawn(each, 0.0, "unbiased") for each in hashes)
    assert all(drawn(each, 1.0, "unbiased") for each in hashes)


def test_that_two_draws_are_independent():
    hashes = [f"{number:064x}" for number in range(20_000)]
    both = sum(drawn(each, 0.1, "unbiased") and drawn(each, 0.1, "keep") for each in hashes)
    assert 130 < both < 280


@pytest.mark.parametrize(
    ("judgement", "severity", "unbiased", "expected"),
    [
        (Judgement("Bad", 0.9, True), Severity.BAD, False, "bad"),
        (Judgement("Bad", 0.9, True), Severity.BAD, True, "unbiased"),
        (Judgement("Good", 0.5, False), Severity.GOOD, False, "unconfirmed"),
        (Judgement("Good", 0.9, True), Severity.GOOD, False, None),
        (Judgement("NoModel", 0.0, False), Severity.NEUTRAL, False, None),
    ],
    ids=["bad", "bad in the draw", "unconfirmed", "good", "no model"],
)
def test_that_pictures_are_collected_for_a_reason(judgement, severity, unbiased, expected):
    assert collected_as(judgement, severity, unbiased) == expected


@pytest.mark.parametrize(
    ("rule", "collected", "kept"),
    [
        ("all", None, True),
        ("needed", None, False),
        ("needed", "bad", True),
        ("sampled", "unbiased", True),
    ],
)
def test_that_what_is_collected_is_always_kept(rule, collected, kept):
    assert is_kept(rule, collected, "0" * 64, 0.0) is kept


def test_that_the_sampled_rule_keeps_its_share_of_the_rest():
    kept = sum(is_kept("sampled", None, f"{number:064x}", 0.1) for number in range(5_000))
    assert 400 < kept < 600
