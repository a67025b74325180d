"""How long a training will take: what the last ones here took counts, not what was measured elsewhere."""

from __future__ import annotations

import pytest

from inference_server.predict.weights import LITE0
from inference_server.training import expected as times
from inference_server.training.expected import Expected, Took, expected


def took(depth="quick", pictures=100, train_s=1.0, looked=0, look_s=0.0, **more) -> Took:
    return Took(depth, pictures, looked, look_s, train_s, **more)


@pytest.mark.parametrize("depth", ["quick", "thorough", "full"])
def test_that_a_server_that_trained_nothing_tells_what_was_measured_elsewhere(depth):
    few, many, unseen = (
        expected(depth, pictures, new, ()) for pictures, new in ((500, 0), (5000, 0), (5000, 5000))
    )
    assert few.trainings == 0
    assert few.seconds < many.seconds < unseen.seconds
    assert unseen.seconds - many.seconds == pytest.approx(5000 * times.LOOK_S)


def test_that_the_last_trainings_of_the_depth_tell():
    past = [took(train_s=2.0), took(train_s=4.0), took(train_s=3.0), took("thorough", train_s=99)]
    assert expected("quick", 1000, 0, past) == Expected(30.0, 3)


def test_that_old_trainings_are_forgotten():
    past = [took(train_s=1.0)] * times.LATELY + [took(train_s=100.0)] * 9
    assert expected("quick", 1000, 0, past) == Expected(10.0, times.LATELY)


def test_that_a_look_at_new_pictures_counts_where_one_was_timed():
    past = [took(looked=100, look_s=5.0), took(looked=3, look_s=900.0)]
    assert expected("quick", 100, 40, past).seconds == pytest.approx(1.0 + 40 * 0.05)


def test_that_a_full_training_is_told_by_passes_of_the_same_network():
    past = [
        took("full", 100, 50.0, passes=5, network=LITE0),
        took("full", 100, 900.0, passes=3, network="resnet50"),
    ]
    assert expected("full", 200, 0, past) == Expected(100.0, 1)


def test_that_what_a_model_keeps_is_read_again_and_foreign_models_tell_nothing():
    one = took("full", 100, 50.126, 20, 3.0, passes=5, network=LITE0)
    settings = one.settings() | {"depth": "full", "network": LITE0}
    again = Took.of(settings, {"pictures": 100, "passes": 5})
    assert again == took("full", 100, 50.13, 20, 3.0, passes=5, network=LITE0)
    assert Took.of({"depth": "full"}, {"pictures": 100}) is None
    assert Took.of(settings, {}) is None
