"""Verdicts: each picture once, in order, with all that was in force."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import event, select

from db import catalogue, inferences, models, pictures
from db.session import transaction
from db.tables.judging import EpisodeRow
from tests.db.factories import inference, model


@pytest.fixture
def plot_type(sessions):
    with transaction(sessions) as session:
        return catalogue.register(session, "CDC_occupancy", chunked=True)


@pytest.fixture
def judged(sessions, plot_type):
    """A model of the plot type, so that Bad and Unconfirmed are noteworthy."""
    with transaction(sessions) as session:
        return models.add(session, model(plot_type))


def test_that_a_verdict_comes_back_as_it_went_in(sessions, plot_type, judged):
    given = inference(plot_type, model_id=judged)
    with transaction(sessions) as session:
        (place,) = inferences.store(session, [given])
    with sessions() as session:
        (found,) = inferences.export(session)
    assert (found.id, found.picture_id, place.duplicate) == (place.id, place.picture_id, False)
    for name in (
        "run_period",
        "run",
        "chunk",
        "label",
        "confidence",
        "scores",
        "thresholds",
        "judged_at",
        "picture_time",
    ):
        assert getattr(found, name) == getattr(given, name), name
    assert (found.plot_type, found.model) == ("CDC_occupancy", "CDC_occupancy 1")


def test_that_a_repeated_picture_is_one_row_within_and_across_batches(sessions, plot_type):
    first, second = inference(plot_type, 1), inference(plot_type, 2)
    with transaction(sessions) as session:
        places = inferences.store(session, [first, second, first])
        assert [place.duplicate for place in places] == [False, False, True]
        assert places[0].id == places[2].id
    with transaction(sessions) as session:
        (again,) = inferences.store(session, [replace(first, label="Bad")])
        assert again == replace_duplicate(places[0])
        assert inferences.count(session) == 2


def replace_duplicate(place):
    return replace(place, duplicate=True)


def test_that_other_content_under_the_same_name_is_another_picture(sessions, plot_type):
    with transaction(sessions) as session:
        places = inferences.store(
            session, [inference(plot_type), inference(plot_type, picture_hash="f" * 64)]
        )
        assert [place.duplicate for place in places] == [False, False]


def test_that_a_picture_known_from_an_import_still_gets_its_verdict(sessions, plot_type):
    given = inference(plot_type)
    with transaction(sessions) as session:
        known = pictures.add(session, inferences._picture(given))
        (place,) = inferences.store(session, [given])
        assert (place.picture_id, place.duplicate) == (known, False)


def test_that_newest_is_the_last_judged_of_each_plot_type(sessions, plot_type):
    with transaction(sessions) as session:
        other = catalogue.register(session, "FCAL_occupancy", chunked=True)
        catalogue.register(session, "never_seen", chunked=True)
        inferences.store(session, [inference(plot_type, chunk) for chunk in (1, 3, 2)])
        inferences.store(session, [inference(other, 7)])
        found = {each.plot_type: each.chunk for each in inferences.newest(session)}
    assert found == {"CDC_occupancy": 3, "FCAL_occupancy": 7}


def test_that_a_streak_knows_its_first_and_last_chunk(sessions, plot_type, judged):
    bad = {"label": "Bad", "severity": "bad", "model_id": judged}
    with transaction(sessions) as session:
        inferences.store(
            session, [inference(plot_type, 1, model_id=judged), inference(plot_type, 2, **bad)]
        )
    with transaction(sessions) as session:
        inferences.store(session, [inference(plot_type, 3, **bad), inference(plot_type, 4, **bad)])
        inferences.store(
            session, [inference(plot_type, 5, model_id=judged), inference(plot_type, 6, **bad)]
        )
    with sessions() as session:
        found = [
            (row.first_chunk, row.last_chunk, row.length, row.open)
            for row in session.scalars(select(EpisodeRow).order_by(EpisodeRow.id))
        ]
    assert found == [(2, 4, 3, False), (6, 6, 1, True)]


def test_that_a_confirmed_and_an_unconfirmed_streak_are_two(sessions, plot_type, judged):
    bad = {"label": "Bad", "severity": "bad", "model_id": judged}
    with transaction(sessions) as session:
        inferences.store(
            session,
            [inference(plot_type, 1, **bad), inference(plot_type, 2, **bad, confirmed=False)],
        )
        assert len(session.scalars(select(EpisodeRow)).all()) == 2


def test_that_a_plot_without_a_model_opens_no_streak(sessions, plot_type):
    with transaction(sessions) as session:
        inferences.store(session, [inference(plot_type, label="NoModel", confirmed=False)])
        assert session.scalars(select(EpisodeRow)).all() == []


def test_that_a_naive_time_is_refused(sessions, plot_type):
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - that is the point
    with pytest.raises(Exception, match="naive time"), transaction(sessions) as session:
        inferences.store(session, [inference(plot_type, judged_at=naive)])


def test_that_a_batch_costs_a_handful_of_statements_whatever_its_size(sessions, plot_type, judged):
    bad = {"label": "Bad", "severity": "bad", "model_id": judged}
    statements = []
    event.listen(
        sessions.kw["bind"],
        "before_cursor_execute",
        lambda *facts: statements.append(facts[2]),
    )
    with transaction(sessions) as session:
        places = inferences.store(
            session,
            [inference(plot_type, chunk, **(bad if chunk % 2 else {})) for chunk in range(300)],
        )
        pictures.put_features(session, [(each.picture_id, "net", b"x") for each in places])
    # Episodes begin in a flush of their own, and each that ended at once is written once.
    others = [each for each in statements if "episodes" not in each]
    assert len(others) <= 22, others


def test_that_an_export_of_several_pages_misses_nothing(sessions, plot_type, monkeypatch):
    monkeypatch.setattr(inferences, "PAGE", 3)
    with transaction(sessions) as session:
        inferences.store(session, [inference(plot_type, chunk) for chunk in range(1, 12)])
        assert [each.chunk for each in inferences.export(session)] == list(range(1, 12))
        some = inferences.export(session, run=(92317, 92317), plot_type="CDC_occupancy")
        assert len(list(some)) == 11
        assert list(inferences.export(session, run=(1, 92316))) == []
