"""Several programs at one database: what all of them write is there once, and nobody fails."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import event, func, select

from db import catalogue, inferences, labels, pictures, trainings
from db import session as database
from db.session import transaction
from db.tables.people import CurrentLabelRow, LabelRow
from tests.db.factories import inference

MANY = 6
NOW = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)


def together(sessions, work):
    """The results of ``work(session, number)``, begun at the same moment in ``MANY`` transactions."""
    start = Barrier(MANY)

    def one(number):
        start.wait()
        with transaction(sessions) as session:
            return work(session, number)

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(one, range(MANY)))


@pytest.fixture
def plot_type(sessions):
    with transaction(sessions) as session:
        for name in ("Good", "Bad"):
            catalogue.ensure_class(session, name, name.lower())
        return catalogue.register(session, "CDC_occupancy", chunked=True)


def test_that_a_plot_type_seen_first_by_several_is_made_once(sessions):
    ids = together(
        sessions,
        lambda session, _: catalogue.register(session, "FCAL_hits", chunked=True, group="FCAL"),
    )
    assert len(set(ids)) == 1


@pytest.mark.parametrize("read", [1, 2, 3, 4], ids=lambda n: f"after statement {n}")
def test_that_a_class_added_while_the_catalogue_is_read_does_not_break_it(
    sessions, plot_type, read
):
    statements = []

    def add_a_class(*_):
        statements.append(1)
        if len(statements) == read:
            with transaction(sessions) as other:
                catalogue.ensure_class(other, "LED", "neutral")
                catalogue.register(other, "FCAL_hits", chunked=True, group="FCAL", classes=["LED"])
                catalogue.set_classes(other, plot_type, ["Good", "LED"])

    with sessions() as session:
        connection = session.connection()
        event.listen(connection, "after_cursor_execute", add_a_class)
        found = catalogue.load(session)
    assert len(statements) > read
    (known,) = (each for each in found.plot_types if each.id == plot_type)
    assert [each.name for each in known.classes] in ([], ["Good", "LED"])
    assert all(each.group == "FCAL" for each in found.plot_types if each.name == "FCAL_hits")


def test_that_a_picture_that_arrives_on_several_ways_is_one(sessions, plot_type):
    new = inferences._picture(inference(plot_type))
    ids = together(sessions, lambda session, _: pictures.add(session, new))
    assert len(set(ids)) == 1


def test_that_a_vote_sent_on_several_connections_counts_once(sessions, plot_type):
    picture = judged(sessions, plot_type)
    ids = together(sessions, lambda session, _: vote(session, picture, "Good", "the same"))
    assert len(set(ids)) == 1
    with sessions() as session:
        assert session.scalar(select(func.count(LabelRow.id))) == 1


def test_that_of_votes_at_one_moment_the_last_stored_is_current(sessions, plot_type):
    picture = judged(sessions, plot_type)
    together(
        sessions,
        lambda session, number: vote(session, picture, ("Good", "Bad")[number % 2], f"{number}"),
    )
    with sessions() as session:
        assert session.scalar(select(func.count(LabelRow.id))) == MANY
        newest = session.scalar(select(func.max(LabelRow.id)))
        assert session.scalars(select(CurrentLabelRow.label_id)).one() == newest


def test_that_no_two_trainers_take_the_same_training(sessions, plot_type):
    with transaction(sessions) as session:
        for _ in range(2):
            trainings.queue(session, plot_type, who="ann", settings={})
    taken = [
        job.id for job in together(sessions, lambda session, _: trainings.take(session)) if job
    ]
    assert len(taken) == len(set(taken)) == 2


def test_that_programs_that_start_together_migrate_once(database_url):
    start = Barrier(3)

    def migrate(_):
        start.wait()
        database.migrate(database_url)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrate, range(3)))


def judged(sessions, plot_type):
    with transaction(sessions) as session:
        return inferences.store(session, [inference(plot_type)])[0].picture_id


def vote(session, picture, class_name, client_id):
    return labels.vote(
        session, picture_id=picture, class_name=class_name, who="ann", at=NOW, client_id=client_id
    )
