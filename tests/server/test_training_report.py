"""What a training says of its model: error bars, thresholds, near copies, new run periods."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference_server.training import kinship, metrics, report, thresholds
from inference_server.training.fit import fit_head
from inference_server.training.material import Labelled
from inference_server.training.report import Judged
from inference_server.training.thresholds import Rule

LABELS = ("Bad", "Good")
BAD = frozenset({"Bad"})


@pytest.mark.parametrize(
    ("hits", "count", "expected"),
    [(10, 20, (0.299, 0.701)), (20, 20, (0.839, 1.0)), (0, 5, (0.0, 0.434)), (0, 0, (0.0, 1.0))],
)
def test_that_the_interval_of_a_share_is_wilsons(hits, count, expected):
    assert metrics.wilson(hits, count) == pytest.approx(expected, abs=1e-3)


def test_that_the_interval_by_run_is_wider_than_that_by_picture():
    random = np.random.default_rng(1)
    runs = np.repeat(np.arange(20), 30)
    right = random.random(20)[runs] < 0.5  # whole runs are right or wrong
    by_run = metrics.bootstrap(lambda rows: float(right[rows].mean()), [str(r) for r in runs], 1)
    by_picture = metrics.bootstrap(
        lambda rows: float(right[rows].mean()), [str(n) for n in range(600)], 1
    )
    assert by_run[0] < by_picture[0] < right.mean() < by_picture[1] < by_run[1]


def test_that_rows_of_the_confusion_are_what_people_said():
    scores = np.eye(2)[[0, 1, 1, 1]]
    assert metrics.confusion(np.array([0, 0, 1, 1]), scores) == [[1, 1], [0, 2]]


def bads(confidences, right):
    """Scores of pictures that are judged Bad, and what they are."""
    sure = np.array(confidences)
    return np.where(np.array(right), 0, 1), np.stack([sure, 1 - sure], axis=1)


def test_that_a_wanted_precision_is_reached_from_the_lowest_threshold_that_does():
    targets, scores = bads([0.95, 0.9, 0.8, 0.7, 0.6], [True, True, False, True, False])
    found = thresholds.choose(targets, scores, LABELS, Rule(bad=BAD, precision=0.7))
    assert found.values["Bad"] == pytest.approx(0.7, abs=1e-3)  # three of four
    found = thresholds.choose(targets, scores, LABELS, Rule(bad=BAD, precision=0.99))
    assert found.values["Bad"] == pytest.approx(0.9, abs=1e-3)
    assert found.methods == {"Bad": "precision", "Good": "max_f1"}


def test_that_a_precision_out_of_reach_is_said_and_confirms_hardly_anything():
    targets, scores = bads([0.95, 0.9], [False, True])
    found = thresholds.choose(targets, scores, LABELS, Rule(bad=BAD, precision=0.9))
    assert found.values["Bad"] == thresholds.HIGHEST
    assert "No threshold gives Bad a precision of 90%" in found.remarks[0]


@pytest.mark.parametrize(
    ("calls", "expected"), [(0.5, 0.9501), (1.5, 0.8001), (2.5, 0.6001), (9, 0.5)]
)
def test_that_a_shift_is_called_wrongly_as_often_as_wanted_at_most(calls, expected):
    targets, scores = bads([0.95, 0.9, 0.8, 0.6, 0.55], [False, True, False, False, True])
    # Three validation pictures are not Bad; a shift has three pictures.
    rule = Rule(bad=BAD, false_calls=calls, pictures_per_shift=3)
    found = thresholds.choose(targets, scores, LABELS, rule)
    assert found.values["Bad"] == pytest.approx(expected, abs=2e-4)
    confirmed = (scores[:, 0] >= found.values["Bad"]) & (targets != 0)
    assert confirmed.sum() <= calls


def judged(logits, targets, copies=None) -> Judged:
    count = len(targets)
    return Judged(
        np.arange(count), np.array(targets), np.array(logits, np.float32),
        [str(number) for number in range(count)],
        np.zeros(count, bool) if copies is None else np.array(copies),
    )  # fmt: skip


def made(given: Judged):
    return report.make(given, LABELS, {"Bad": 40, "Good": 40}, Rule(bad=BAD), seed=1, extra={})


def test_that_the_surest_mistakes_are_asked_about_first():
    found = made(judged([[3, 0], [0, 1], [5, 0], [0, 4]], [0, 0, 1, 1]))
    assert [(each.row, each.said) for each in found.mistakes] == [(2, "Bad"), (1, "Good")]


def test_that_the_bad_ones_have_figures_of_their_own():
    found = made(judged([[3, 0], [0, 1], [0, 5], [0, 4], [2, 0]], [0, 0, 1, 1, 1])).metrics
    assert (found["bad_recall"], found["bad_precision"]) == (0.5, 0.5)
    low, high = found["bad_recall_range"]
    assert low < 0.5 < high
    assert "50% of the Bad ones found" in report.sentence(found)


def test_that_near_copies_of_what_was_learnt_do_not_count():
    right, wrong = [0, 9], [9, 0]
    logits = [right] * 6 + [wrong] * 2 + [[9, 0]] * 4
    targets = [1] * 8 + [0] * 4
    copies = [True] * 6 + [False] * 2 + [False] * 4
    found = made(judged(logits, targets, copies))
    assert found.metrics["validation"] == 6
    assert found.metrics["classes"]["Good"]["recall"] == 0.0
    assert any(remark.endswith("pinned apart: 6 of Good.") for remark in found.remarks)


def test_that_a_class_of_nothing_but_copies_still_counts_with_a_remark():
    logits = [[0, 9]] * 3 + [[9, 0]] * 3
    found = made(judged(logits, [1, 1, 1, 0, 0, 0], [False] * 3 + [True] * 3))
    assert found.metrics["validation"] == 6
    assert "All pictures of Bad look nearly the same" in found.remarks[0]


def test_that_pictures_that_look_the_same_are_found_both_ways_round():
    random = np.random.default_rng(1)
    rows = random.normal(size=(3000, 100)) / 10
    rows[2500] = rows[7] + 0.001
    found = kinship.kinship(rows, [str(number) for number in range(3000)])
    names = [sorted(map(str, range(3000)))[part] for part in np.flatnonzero(found.near.any(axis=0))]
    assert sorted(names) == ["2500", "7"]
    others = np.zeros(3000, bool)
    others[7] = True
    assert np.flatnonzero(found.beside(others)).tolist() == [2500]


def periods(shift: float) -> Labelled:
    """Two run periods; in the second, everything is ``shift`` elsewhere."""
    random = np.random.default_rng(3)
    features, labels, runs, names = [], [], [], []
    for number in range(160):
        bad, period = number % 2, number % 4 > 1
        centre = np.where(np.arange(20) < 10, bad, 0.0) * 2 + period * shift * (1 - 2 * bad)
        features.append(centre + random.normal(size=20))
        labels.append("Bad" if bad else "Good")
        runs.append(f"{period}/{number // 8}")
        names.append(f"20{25 + period}")
    return Labelled(np.array(features, np.float32), labels, runs, periods=names)


@pytest.mark.parametrize(("shift", "warned"), [(0.0, False), (2.0, True)], ids=["same", "other"])
def test_that_what_to_expect_of_a_new_run_period_is_measured(shift, warned):
    given = periods(shift)
    _, found = fit_head(given, plot_type="ST", backbone="b@8", good=frozenset({"Good"}))
    assert 0 <= found.metrics["new_period"]["accuracy"] <= 1
    assert any("run period that it had not seen" in each for each in found.remarks) == warned
    _, one = fit_head(
        replace(given, periods=()), plot_type="ST", backbone="b@8", good=frozenset({"Good"})
    )
    assert "new_period" not in one.metrics
