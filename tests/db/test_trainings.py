"""The queue of trainings and the reports on models, on both kinds of database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from db import catalogue, inferences, models, people, reports, trainings
from db.session import transaction
from db.values import Mistake
from tests.db.factories import START, inference, model


@pytest.fixture
def plot_type(sessions):
    with transaction(sessions) as session:
        for name, severity in (("Good", "good"), ("Bad", "bad")):
            catalogue.ensure_class(session, name, severity)
        return catalogue.register(session, "CDC_occupancy", chunked=True, classes=("Good", "Bad"))


def queued(sessions, plot_type):
    with transaction(sessions) as session:
        return trainings.queue(session, plot_type, who="ann", settings={"depth": "full"})


def test_that_a_running_training_hears_what_a_person_wants(sessions, plot_type):
    job = queued(sessions, plot_type)
    with transaction(sessions) as session:
        trainings.take(session)
        assert trainings.wished(session, job) == ""
        assert trainings.wish(session, job, "keep", "bob").state == "running"
    with transaction(sessions) as session:
        assert trainings.wished(session, job) == "keep"


def test_that_a_waiting_training_is_stopped_at_once_and_an_ended_one_cannot_be(sessions, plot_type):
    job = queued(sessions, plot_type)
    with transaction(sessions) as session:
        stopped = trainings.wish(session, job, "stop", "bob")
        assert (stopped.state, stopped.sentence) == ("stopped", "Stopped by bob before it began.")
        wish, asked = people.trail(session, what="training")
        assert (asked.who, asked.subject, asked.after) == (
            "ann", "CDC_occupancy", {"training": job, "depth": "full"},
        )  # fmt: skip
        assert (wish.who, wish.before, wish.after) == (
            "bob", {"training": job, "state": "waiting"}, {"wish": "stop"},
        )  # fmt: skip
        assert trainings.take(session) is None
        assert trainings.unfinished(session) == set()
    for number, what, error in ((job, "stop", ValueError), (99, "stop", KeyError),
                                (queued(sessions, plot_type), "pray", ValueError)):  # fmt: skip
        with transaction(sessions) as session, pytest.raises(error):
            trainings.wish(session, number, what, "bob")


def test_that_what_was_to_be_stopped_does_not_begin_again_after_a_restart(sessions, plot_type):
    wanted, unwanted = queued(sessions, plot_type), queued(sessions, plot_type)
    with transaction(sessions) as session:
        for _ in range(2):
            trainings.take(session)
        trainings.wish(session, unwanted, "stop", "bob")
        trainings.put_back(session)
        assert trainings.unfinished(session) == {wanted}
        assert trainings.one(session, unwanted).state == "stopped"


def test_that_the_curve_of_a_training_is_kept(sessions, plot_type):
    job = queued(sessions, plot_type)
    curve = [[1, 0.9, 0.8, 0.7], [2, 0.5, 0.6, 0.75]]
    with transaction(sessions) as session:
        trainings.move(session, job, state="running", sentence="Pass 3.", fraction=0.3, curve=curve)
        trainings.move(session, job, state="running", sentence="Pass 3.", fraction=0.4)
    with transaction(sessions) as session:
        assert trainings.one(session, job).curve == tuple(map(tuple, curve))


def test_that_a_model_is_registered_with_its_report_and_its_ways_to_thresholds(sessions, plot_type):
    with transaction(sessions) as session:
        picture = inferences.store(session, [inference(plot_type)])[0].picture_id
        other = inferences.store(session, [inference(plot_type, 2)])[0].picture_id
    asked = (Mistake(other, "Good", "Bad", 0.61), Mistake(picture, "Bad", "Good", 0.97))
    new = model(
        plot_type, mistakes=asked, methods={"Bad": "precision"}, curves={"passes": [[1, 2, 3, 4]]},
        training=((picture, "Good", "training"), (other, "Bad", "validation")), merged=True,
    )  # fmt: skip
    with transaction(sessions) as session:
        model_id = models.add(session, new)
    with transaction(sessions) as session:
        assert reports.mistakes(session, model_id) == [asked[1], asked[0]]
        assert models.training_set(session, model_id) == sorted(new.training)
        (found,) = models.load(session, [model_id])
    assert (found.merged, found.curves) == (True, {"passes": [[1, 2, 3, 4]]})
    with transaction(sessions) as session:
        assert reports.mistakes(session, model_id + 1) == []


def test_that_the_pictures_of_a_shift_are_counted_over_the_time_they_came_in(sessions, plot_type):
    with transaction(sessions) as session:
        few = [inference(plot_type, chunk) for chunk in range(1, 41)]
        inferences.store(session, few)
        assert inferences.rate(session, plot_type, START, timedelta(hours=8)) == 0.0
        more = [
            replace(inference(plot_type, chunk), judged_at=START + timedelta(minutes=10 * chunk))
            for chunk in range(41, 241)
        ]
        inferences.store(session, more)  # 240 in 40 hours
        rate = inferences.rate(session, plot_type, START, timedelta(hours=8))
        assert rate == pytest.approx(48, rel=0.02)
        assert inferences.rate(session, plot_type, datetime.now(UTC), timedelta(hours=8)) == 0.0
