"""Near copies: which pictures look nearly the same, and the runs that they keep on one side."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import torch

from inference_server.training import kinship, split
from inference_server.training.fit import fit_head
from inference_server.training.material import Labelled

RUNS, EACH, DIM = 10, 12, 40


@pytest.fixture(autouse=True)
def _one_thread():
    """Fits are small: beside other tests a second thread waits longer than it works."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def pictures() -> Labelled:
    """Ten runs of twelve: eight Good, three Bad, one NoData; no two alike."""
    random = np.random.default_rng(1)
    names = ["Good"] * 8 + ["Bad"] * 3 + ["NoData"]
    middle = {name: random.normal(size=DIM) for name in set(names)}
    labels = names * RUNS
    rows = np.array([middle[label] for label in labels]) + random.normal(size=(RUNS * EACH, DIM))
    return Labelled(rows.astype(np.float32), labels, [f"r{n // EACH}" for n in range(RUNS * EACH)])


def alike(given: Labelled, *groups: list[int]) -> Labelled:
    """The pictures of each group look nearly the same."""
    rows = given.features.copy()
    for group in groups:
        rows[group] = rows[group[0]] + np.linspace(0, 1e-3, len(group))[:, None]
    return replace(given, features=rows)


def groups_of(given: Labelled) -> tuple[np.ndarray, kinship.Kinship]:
    targets = np.unique(given.labels, return_inverse=True)[1]
    rows = given.features / np.float32(np.sqrt(DIM))
    kin = kinship.kinship(rows, split.parts(targets, given.runs, given.pinned))
    return kinship.joined(given.runs, targets, kin), kin


def fit(given: Labelled):
    return fit_head(given, plot_type="CDC", backbone="test@8", good=frozenset({"Good"}))[1]


def test_that_runs_with_near_copies_of_each_other_stay_together():
    # Run 0 and 4 by a Good one, 4 and 7 by a Bad one.
    groups, _ = groups_of(alike(pictures(), [0, 4 * EACH], [4 * EACH + 9, 7 * EACH + 9]))
    assert len({groups[0], groups[4 * EACH], groups[7 * EACH]}) == 1
    assert len(set(groups)) == RUNS - 2


def test_that_no_near_copy_is_on_both_sides_and_no_picture_is_lost():
    given = alike(pictures(), *[[run * EACH, (run + 5) * EACH + 3] for run in range(5)])
    made = fit(given)
    assert made.metrics["near_copies"] == 0
    assert made.metrics["validation"] == RUNS * EACH
    assert (made.metrics["runs"], made.metrics["groups"]) == (RUNS, 5)
    groups, kin = groups_of(given)
    targets = np.unique(given.labels, return_inverse=True)[1]
    learns = split.sides(targets, groups, given.pinned, seed=1) == "training"
    assert not (kin.beside(learns) & ~learns).any()


def test_that_blank_plots_of_every_run_are_left_out_by_name_and_the_others_still_joined():
    blank = [run * EACH + 11 for run in range(RUNS)]
    given = alike(pictures(), blank, [0, 4 * EACH])
    groups, _ = groups_of(given)
    assert groups[0] == groups[4 * EACH]
    assert len(set(groups)) == RUNS - 1, "the blank ones join nothing"
    made = fit(alike(pictures(), blank[:8], [0, 4 * EACH]))
    assert made.metrics["near_copies"] == 8
    assert made.metrics["validation"] == RUNS * EACH - 8
    assert any(remark.endswith("pinned apart: 8 of NoData.") for remark in made.remarks)


def test_that_a_near_copy_pinned_to_the_other_side_is_known_as_one():
    given = alike(pictures(), [0, 4 * EACH])
    pins: list[str | None] = [None] * (RUNS * EACH)
    pins[0], pins[4 * EACH] = "training", "validation"
    groups, kin = groups_of(replace(given, pins=pins))
    targets = np.unique(given.labels, return_inverse=True)[1]
    learns = split.sides(targets, groups, np.array(pins, object), seed=1) == "training"
    assert not learns[4 * EACH]
    assert learns[1:EACH].all(), "the others of both runs go to training"
    assert learns[4 * EACH + 1 : 5 * EACH].all()
    assert np.flatnonzero(kin.beside(learns) & ~learns).tolist() == [4 * EACH]


def test_that_thousands_of_blank_plots_take_no_memory_for_their_pairs():
    rows = np.zeros((3000, 400), np.float32)
    tracemalloc.start()
    kin = kinship.kinship(rows, [str(number % 7) for number in range(len(rows))])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kin.near.all()
    assert most < 200e6, "pair by pair it would be 72 MB of numbers and 14 GB of differences"
