from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from inference_server.training import metrics, split, thresholds, validate
from inference_server.training.fit import fit_head
from inference_server.training.material import FitError, Labelled

DIM = 40
GOOD = frozenset({"Good"})


@pytest.fixture(autouse=True)
def _one_thread():
    """Fits are small: beside other tests a second thread waits longer than it works."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def pictures(counts=None, *, runs=12, noise=1.0, seed=5) -> Labelled:
    """Clusters of features, one for each class, each run a little off."""
    counts = counts or {"Good": 120, "Bad": 60, "NoData": 24}
    random = np.random.default_rng(seed)
    centres = {label: random.normal(size=DIM) * 1.5 for label in sorted(counts)}
    offsets = random.normal(size=(runs, DIM)) * 0.3
    rows, labels, names = [], [], []
    for label, count in counts.items():
        for index in range(count):
            run = index % runs
            rows.append(centres[label] + offsets[run] + random.normal(size=DIM) * noise)
            labels.append(label)
            names.append(f"2026/{run}")
    return Labelled(np.array(rows, np.float32), labels, names)


def fit(given: Labelled, seed: int = 1):
    return fit_head(given, plot_type="CDC_occupancy", backbone="test@8", good=GOOD, seed=seed)


def test_that_separate_classes_are_told_apart_in_new_runs():
    head, report = fit(pictures())
    fresh = pictures(runs=5)
    right = np.array([head.card.labels.index(label) for label in fresh.labels])
    assert report.metrics["accuracy"] > 0.95
    assert metrics.accuracy(right, head.scores(fresh.features)) > 0.95


def test_that_the_same_seed_gives_the_same_head():
    one, other = fit(pictures())[0], fit(pictures())[0]
    assert np.array_equal(one.weights.matrix, other.weights.matrix)
    assert one.card == other.card


def test_that_five_labels_a_class_are_enough_to_begin():
    head, report = fit(pictures({"Good": 5, "Bad": 5}, runs=5))
    assert report.metrics["accuracy"] > 0.8
    assert np.isfinite(head.scores(pictures().features)).all()


def test_that_one_class_is_refused_with_what_to_do():
    with pytest.raises(
        FitError, match=r"CDC_occupancy has labels of only one class \(Good\); label"
    ):
        fit(pictures({"Good": 20}))


def test_that_no_pictures_are_refused_with_what_to_do():
    with pytest.raises(FitError, match="no labelled pictures"):
        fit(Labelled(np.empty((0, DIM), np.float32), [], []))


def test_that_a_class_with_few_pictures_is_named():
    _, report = fit(pictures({"Good": 30, "Bad": 30, "LED": 2}))
    assert any("LED has only 2" in remark for remark in report.remarks)


def test_that_pictures_of_one_run_are_fitted_with_a_warning():
    given = pictures(runs=1)
    head, report = fit(given)
    assert report.metrics["accuracy"] > 0.9
    assert head.card.anomaly_scale > 0
    assert any("one run" in remark for remark in report.remarks)


def test_that_calibration_is_no_worse_than_before():
    _, report = fit(pictures(noise=3.0))
    found = report.metrics
    assert found["calibration_error"] <= found["calibration_error_before"] + 0.02
    assert found["calibration_error"] < 0.12


def test_that_thresholds_lie_between_chance_and_99_per_cent():
    _, report = fit(pictures(noise=2.0))
    assert all(1 / 3 <= threshold <= 0.99 for threshold in report.thresholds.values())


def test_that_good_pictures_are_near_and_unseen_kinds_are_far():
    head, _ = fit(pictures())
    fresh = pictures({"Good": 100, "Bad": 1, "NoData": 1})
    near = head.anomaly(fresh.features[:100])
    far = head.anomaly(fresh.features[:100] + 8)
    assert np.median(near) < 1 < np.median(far)


def test_that_without_good_pictures_there_is_no_anomaly_score():
    head, _ = fit(pictures({"Bad": 30, "LED": 30}))
    assert np.isnan(head.anomaly(pictures().features)).all()


def test_that_a_pinned_picture_is_where_it_was_pinned():
    given = pictures()
    pins = [None] * len(given.labels)
    pins[3], pins[4] = "validation", "training"
    plain = fit(replace(given, pins=pins))[1]
    assert 3 in plain.validation
    assert 4 not in plain.validation


def test_that_nothing_left_to_test_with_is_refused_with_what_to_do():
    given = pictures()
    with pytest.raises(FitError, match=r"pinned to training, so none is left.*unpin some"):
        fit(replace(given, pins=["training"] * len(given.labels)))


def test_that_classes_in_runs_of_their_own_are_refused_with_what_to_do():
    given = pictures({"Good": 10, "Bad": 10}, runs=1)
    apart = [f"run of {label}" for label in given.labels]
    with pytest.raises(FitError, match="label pictures of every class in another run"):
        fit(replace(given, runs=apart))


def test_that_a_picture_pinned_to_validation_teaches_nothing(monkeypatch):
    monkeypatch.setattr(
        validate, "STRENGTHS", (1e-3,)
    )  # the choice of the penalty may depend on it
    given = pictures()
    pins = [None] * len(given.labels)
    pins[0] = "validation"
    labels, features = list(given.labels), given.features.copy()
    labels[0] = "Bad"
    features[0] += 5
    one = fit(replace(given, pins=pins))[0].weights
    other = fit(Labelled(features, labels, given.runs, pins))[0].weights
    assert np.array_equal(one.mean, other.mean)
    assert np.array_equal(one.references, other.references)
    cosine = (one.matrix * other.matrix).sum() / np.sqrt(
        np.square(one.matrix).sum() * np.square(other.matrix).sum()
    )
    assert cosine > 0.999


def test_that_the_learning_curve_rises_to_the_figures_of_the_whole():
    given = pictures({"Good": 200, "Bad": 120, "NoData": 60}, runs=40, noise=6.0)
    made = fit_head(given, plot_type="CDC", backbone="test@8", good=GOOD, grow=True)[1]
    points = made.metrics["growth"]
    sizes, right = [each[0] for each in points], [each[1] / each[2] for each in points]
    assert sizes == sorted(sizes)
    assert sizes[0] < 0.2 * sizes[-1]
    assert 0.7 * len(given.labels) < sizes[-1] < len(given.labels)
    assert right[-1] == pytest.approx(made.metrics["accuracy"])
    assert right[0] < right[-1] - 0.03
    assert any("twice as many may bring" in remark for remark in made.remarks)


def test_that_a_flat_learning_curve_is_said():
    made = fit_head(pictures(noise=0.1), plot_type="CDC", backbone="test@8", good=GOOD, grow=True)[
        1
    ]
    assert any("hardly help" in remark for remark in made.remarks)


def test_that_too_few_labels_have_no_learning_curve():
    few = pictures({"Good": 3, "Bad": 3}, runs=3)
    made = fit_head(few, plot_type="CDC", backbone="test@8", good=GOOD, grow=True)[1]
    assert len(made.metrics["growth"]) >= 1


def test_that_wildly_changed_copies_do_not_make_pictures_look_the_same():
    given = pictures({"Good": 60, "Bad": 60})
    random = np.random.default_rng(1)
    wild = given.features.copy()
    wild[:, :3] += 1e4 * random.normal(size=(120, 3))
    changed = replace(given, changed=wild.astype(np.float32), changed_of=list(range(120)))
    made = fit(changed)[1].metrics
    assert made["near_copies"] == 0
    assert made["accuracy"] > 0.9, (
        "what only copies show does not drown what tells the classes apart"
    )


def test_that_no_run_is_in_two_folds():
    given = pictures(runs=17)
    targets = np.array([sorted(set(given.labels)).index(label) for label in given.labels])
    dealt = split.folds(targets, given.runs, 5, seed=1)
    runs = np.array(given.runs)
    assert all(len(set(dealt[runs == run])) == 1 for run in set(given.runs))
    assert set(dealt) == set(range(5))


def test_that_folds_have_every_class_where_the_runs_allow_it():
    given = pictures(runs=20)
    targets = np.array([sorted(set(given.labels)).index(label) for label in given.labels])
    dealt = split.folds(targets, given.runs, 4, seed=1)
    for target in set(targets):
        counts = np.bincount(dealt[targets == target], minlength=4)
        assert counts.min() >= 0.5 * counts.mean()


@pytest.mark.parametrize(
    ("actual", "confidence", "expected"),
    [
        ([1, 1, 0, 0], [0.9, 0.8, 0.3, 0.1], 0.8),
        ([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1], 0.7),
        ([1, 1, 0, 0], [1.0, 0.999, 0.3, 0.1], 0.99),
        ([1, 0, 0, 0], [0.01, 0.8, 0.3, 0.1], 0.25),
        ([0, 0, 0, 0], [0.9, 0.8, 0.3, 0.1], thresholds.UNPROVEN),
        ([1, 0, 0, 0], [0.6, 0.6, 0.6, 0.1], 0.6),
    ],
    ids=["separable", "mixed", "very sure", "below chance", "no example", "equals"],
)
def test_that_the_threshold_is_the_highest_with_the_best_f1(actual, confidence, expected):
    found = thresholds.best_f1(np.array(actual, bool), np.array(confidence), 0.25)
    assert found == pytest.approx(expected, abs=1e-3)


def test_that_the_figures_are_those_of_a_hand_count():
    targets = np.array([0, 0, 0, 1, 1])
    scores = np.eye(2)[[0, 0, 1, 1, 1]]
    found = metrics.per_class(targets, scores, ("Bad", "Good"))
    assert (found["Bad"].precision, found["Bad"].recall) == (1.0, pytest.approx(2 / 3))
    assert (found["Good"].precision, found["Good"].recall) == (pytest.approx(2 / 3), 1.0)
    assert metrics.macro_f1(found) == pytest.approx((0.8 + 0.8) / 2)
    assert metrics.accuracy(targets, scores) == 0.8
    assert metrics.calibration_error(targets, scores) == pytest.approx(0.2)
