"""Figures about models, against known values."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy import stats

from inference_server import figures, two_models

T = datetime(2026, 5, 14, 8, tzinfo=UTC)


def test_that_an_interval_is_wilsons():
    found = figures.wilson(8, 10)
    known = stats.binomtest(8, 10).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((known.low, known.high))
    assert figures.wilson(0, 0).high == 1.0


@pytest.mark.parametrize(("first", "second"), [(0, 0), (3, 12), (30, 30), (512, 430)])
def test_that_mcnemar_is_the_exact_binomial_test(first, second):
    known = stats.binomtest(first, first + second).pvalue if first + second else 1.0
    assert two_models.mcnemar(first, second) == pytest.approx(known, rel=1e-9)


def test_that_mcnemar_with_many_differences_comes_close_to_the_exact_test():
    known = stats.binomtest(1530, 2910).pvalue
    assert two_models.mcnemar(1530, 1380) == pytest.approx(known, rel=0.01)


def test_that_a_streak_calls_once_and_a_new_run_calls_again():
    judged = [
        (1, T, "Bad", 0.9), (1, T, "Bad", 0.95), (1, T, "Bad", 0.5), (1, T, "Bad", 0.9),
        (2, T, "Bad", 0.9), (2, T, "Good", 0.9),
    ]  # fmt: skip
    assert figures.calls(judged, "Bad", 0.8) == 3
    assert figures.calls(judged, "Bad", 0.4) == 2
    assert figures.calls(judged, "Bad", 0.96) == 0


def test_that_calls_are_counted_over_the_time_that_was_looked_at():
    judged = [
        (1, T, "Good", 0.9),
        (1, T + timedelta(hours=1), "Bad", 0.9),
        (2, T + timedelta(hours=9), "Good", 0.9),
        (2, T + timedelta(hours=10), "Good", 0.9),
    ]
    assert figures.hours(judged) == 2.0
    assert figures.per_shift(1, 2.0) == 4.0
    assert figures.per_shift(0, 0.0) is None


def test_that_consequences_count_what_is_wrong_missed_and_left():
    cells = [
        figures.Counted("Bad", "Bad", 10, 8),
        figures.Counted("Good", "Bad", 5, 2),
        figures.Counted("Bad", "Good", 3, 3),
        figures.Counted("Good", "Good", 82, 80),
    ]
    found = figures.consequences(cells, "Bad")
    assert (found.confirmed, found.unconfirmed, found.wrong, found.missed) == (10, 5, 2, 5)
    assert found.left == 100 - 93
    assert found.precision == pytest.approx(0.8)
    assert found.recall == pytest.approx(8 / 13)
    assert found.accuracy == pytest.approx(88 / 93)


def test_that_a_metric_curve_knows_both_ends_and_the_best_threshold():
    actual = np.array([True, True, False, False])
    points = figures.metric_curve(actual, np.array([0.9, 0.7, 0.6, 0.1]), np.ones(4, int))
    assert (points[0].recall, points[0].precision) == (1.0, 0.5)
    assert (points[-1].recall, points[-1].precision) == (0.0, 1.0)
    best = max(points, key=lambda point: point.f1)
    assert best.f1 == 1.0
    assert 0.6 < best.threshold <= 0.7
    assert best.accuracy == 1.0


def test_that_calibration_compares_how_sure_with_how_often_right():
    confidence = np.array([0.9] * 10 + [0.6] * 10)
    right = np.array([True] * 9 + [False] + [True] * 3 + [False] * 7)
    bars = figures.calibration(confidence, right, np.ones(20, int))
    assert [(round(sure, 6), share.value) for sure, share in bars] == [(0.6, 0.3), (0.9, 0.9)]
    assert figures.calibration_error(bars) == pytest.approx(0.15)
    assert figures.calibration_error([]) is None


def test_that_two_models_are_compared_class_by_class():
    (bad, good) = two_models.changes(
        {("Bad", "Bad", "Good"): 1, ("Bad", "Bad", "Bad"): 1, ("Good", "Bad", "Good"): 1}
    )
    assert (bad.name, bad.count, bad.recall) == ("Bad", 2, (1.0, 0.5))
    assert bad.precision == pytest.approx((2 / 3, 1.0))
    assert good.recall == (0.0, 1.0)


def test_that_macro_f1_has_an_interval_that_narrows_with_more_pictures():
    cells = {("Bad", "Bad"): 17, ("Bad", "Good"): 3, ("Good", "Good"): 75, ("Good", "Bad"): 5}
    few = figures.skill(cells, {"Bad"})
    many = figures.skill({cell: 100 * count for cell, count in cells.items()}, {"Bad"})
    f1_bad, f1_good = 2 * 17 / (20 + 22), 2 * 75 / (80 + 78)
    for found in (few, many):
        assert found.macro_f1.value == pytest.approx((f1_bad + f1_good) / 2)
        assert found.macro_f1.low < found.macro_f1.value < found.macro_f1.high
        assert (found.bad_recall.value, found.bad_precision.value) == (17 / 20, 17 / 22)
        assert found.accuracy.value == pytest.approx(0.92)
    width = few.macro_f1.high - few.macro_f1.low
    assert 8 < width / (many.macro_f1.high - many.macro_f1.low) < 12
    assert figures.skill(cells, {"Bad"}) == few


def test_that_the_interval_of_macro_f1_holds_the_truth_as_often_as_it_says():
    dice = np.random.default_rng(3)
    shares = {
        ("Bad", "Bad"): 0.2,
        ("Bad", "Good"): 0.1,
        ("Good", "Good"): 0.6,
        ("Good", "Bad"): 0.1,
    }
    truth = figures.macro_f1({cell: int(1000 * share) for cell, share in shares.items()}).value
    held = 0
    for _ in range(200):
        drawn = dice.multinomial(300, list(shares.values()))
        found = figures.macro_f1(dict(zip(shares, map(int, drawn), strict=True)))
        held += found.low <= truth <= found.high
    assert 180 <= held <= 199
