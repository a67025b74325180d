from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.bench import learning_curve
from tests.bench.learning_curve import Expert, Pictures, Plan, held_out, judge, learn, margins
from tests.server.pictures import BACKBONE, labelled_folder

RUNS, CHUNKS = 12, 10


@pytest.fixture(autouse=True)
def _one_thread():
    """As the script has it: small fits on shared cores only wait for a second thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def pictures() -> Pictures:
    """Features of two numbers: the first tells the class, the second nothing."""
    random = np.random.default_rng(1)
    count = RUNS * CHUNKS
    features = np.stack([np.arange(count) % 2 * 2.0 - 1, random.normal(size=count)], axis=1)
    features[:, 0] += random.normal(scale=1.2, size=count)
    return Pictures(
        "CDC_occupancy",
        "two",
        features.astype(np.float32),
        np.repeat([f"2026-01/{run}" for run in range(RUNS)], CHUNKS),
        np.repeat(["2026-01", "2026-02"], count // 2),
    )


@pytest.fixture
def expert() -> Expert:
    return Expert(["Good", "Bad"] * (RUNS * CHUNKS // 2))


def plan(order: str, **changes: object) -> Plan:
    known = {"budgets": (10, 20, 40), "every": 5, "first": 6, "seed": 1}
    return Plan(order=order, **(known | changes))


@pytest.mark.parametrize("order", learning_curve.ORDERS)
def test_that_only_the_pool_is_labelled_each_picture_once(pictures, expert, order):
    held = held_out(pictures, (), 0.3, seed=2)
    heads = list(learn(pictures, expert, np.flatnonzero(~held), plan(order)))
    assert [made for made, _ in heads] == [10, 20, 40]
    assert len(expert.asked) == len(set(expert.asked)) == 40
    assert not held[expert.asked].any()


def test_that_the_first_labels_are_the_same_in_both_orders(pictures, expert):
    asked = {}
    for order in learning_curve.ORDERS:
        expert.asked.clear()
        list(learn(pictures, expert, np.arange(120), plan(order)))
        asked[order] = list(expert.asked)
    assert asked["random"][:6] == asked["uncertain"][:6]
    assert asked["random"][6:] != asked["uncertain"][6:]


def test_that_uncertain_first_asks_what_the_newest_head_is_least_sure_of(pictures, expert):
    (_, head), _ = learn(pictures, expert, np.arange(120), plan("random", budgets=(20, 21)))
    expert.asked.clear()
    list(learn(pictures, expert, np.arange(120), plan("uncertain", budgets=(25,), first=20)))
    left = np.setdiff1d(np.arange(120), expert.asked[:20])
    closest = left[np.argsort(margins(head, pictures.features[left]))]
    assert expert.asked[20:] == closest[:5].tolist()


def test_that_a_pool_smaller_than_the_plan_is_labelled_to_its_end(pictures, expert):
    found = list(learn(pictures, expert, np.arange(30), plan("uncertain", budgets=(20, 50))))
    assert [made for made, _ in found] == [20, 30]
    assert sorted(expert.asked) == list(range(30))


def test_that_labels_of_one_class_judge_everything_as_that_class(pictures):
    expert = Expert(["Good"] * 90 + ["Bad"] * 30)
    ((_, head),) = learn(pictures, expert, np.arange(90), plan("uncertain", budgets=(20,)))
    assert judge(pictures, expert, np.arange(80, 120), head) == 0.25


def test_that_whole_runs_or_whole_periods_are_held_out(pictures):
    by_run = held_out(pictures, (), 0.25, seed=3)
    assert by_run.reshape(RUNS, CHUNKS).all(axis=1).sum() == by_run.sum() / CHUNKS == 3
    assert set(pictures.periods[held_out(pictures, ["2026-02"], 0.5, seed=3)]) == {"2026-02"}


def test_that_a_folder_of_classes_gives_a_table(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(learning_curve, "Backbone", lambda **_: BACKBONE)
    words = [str(labelled_folder(tmp_path / "in")), "--keep", str(tmp_path / "kept")]
    words += ["--a-class", "2", "4", "--first", "2", "--every", "3", "--repeat", "2"]
    for _ in range(2):  # the second time from the features that were kept
        learning_curve.main(words)
    lines = [line for line in capsys.readouterr().out.splitlines() if "CDC_occupancy" in line]
    assert lines[:4] == lines[4:]
    assert [line.split(" | ")[1:3] for line in lines[:4]] == [
        ["random", "6"], ["random", "12"], ["uncertain", "6"], ["uncertain", "12"],
    ]  # fmt: skip
