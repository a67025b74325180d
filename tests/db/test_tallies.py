"""The counts that are kept say at any time what counting everything anew would say."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from math import nextafter
from threading import Barrier

import pytest
from sqlalchemy import select, text

from db import (
    catalogue,
    evaluations,
    inferences,
    labels,
    matrix,
    models,
    session,
    tallies,
    vocabulary,
)
from db.session import transaction
from db.tables.judging import EvaluationRow
from db.tables.people import CurrentLabelRow
from tests.db.factories import START, inference, model

NAMES = ("Good", "Bad", "Ignore")


@pytest.fixture
def plot_type(sessions):
    with transaction(sessions) as opened:
        for name in NAMES:
            catalogue.ensure_class(opened, name, "neutral", teaches=name != "Ignore")
        return catalogue.register(opened, "CDC", chunked=True, classes=NAMES)


@pytest.fixture
def model_ids(sessions, plot_type):
    with transaction(sessions) as opened:
        return [models.add(opened, model(plot_type, name=name, folder=name)) for name in "ab"]


def pictures(opened, plot_type, count):
    rows = [inference(plot_type, 1 + n) for n in range(count)]
    return [place.picture_id for place in inferences.store(opened, rows)]


def vote(opened, picture, name, number):
    labels.vote(
        opened, picture_id=picture, class_name=name, who="ann", at=START, client_id=f"vote {number}",
        kind="label" if name else "taken_back",
    )  # fmt: skip


def judge(opened, model_id, purpose, given):
    said = [evaluations.Evaluated(n, {"Bad": sure, "Good": 1 - sure}) for n, sure in given.items()]
    evaluations.add(opened, model_id, purpose, said)


def anew(opened, model_id, purpose, classes=("Good", "Bad")):
    """Everything counted from the rows themselves."""
    rows = opened.execute(
        select(CurrentLabelRow.class_name, EvaluationRow.label, EvaluationRow.confidence)
        .join(CurrentLabelRow, CurrentLabelRow.picture_id == EvaluationRow.picture_id)
        .where(EvaluationRow.model_id == model_id, EvaluationRow.purpose == purpose)
    )
    return Counter(
        (e, said, min(599, int(sure * 600 + 1e-9))) for e, said, sure in rows if e in classes
    )


def kept(opened, model_id, purpose):
    return Counter(
        {(t.expert, t.said, t.bar): t.count for t in tallies.read(opened, model_id, purpose)}
    )


def test_that_a_bar_begins_exactly_where_its_confidence_does():
    for number in range(600):
        assert tallies.bar(number / 600) == number
        assert tallies.bar(nextafter((number + 1) / 600, 0)) == number
    assert tallies.bar(1.0) == 599


def test_that_the_counts_follow_labels_and_evaluations_in_any_order(sessions, plot_type, model_ids):
    dice = random.Random(5)
    with transaction(sessions) as opened:
        ids = pictures(opened, plot_type, 12)
    for number in range(60):
        with transaction(sessions) as opened:
            if dice.random() < 0.6:
                vote(opened, dice.choice(ids), dice.choice((*NAMES, None)), number)
            else:
                given = {n: dice.randrange(101) / 100 for n in dice.sample(ids, 4)}
                judge(opened, dice.choice(model_ids), dice.choice(("validation", "replay")), given)
    with transaction(sessions) as opened:
        for model_id in model_ids:
            for purpose in ("validation", "replay"):
                assert kept(opened, model_id, purpose) == anew(opened, model_id, purpose)
        assert sum(kept(opened, model_ids[0], "replay").values()) > 3


def test_that_a_renamed_class_keeps_its_counts(sessions, plot_type, model_ids):
    with transaction(sessions) as opened:
        ids = pictures(opened, plot_type, 2)
        vote(opened, ids[0], "Good", 1)
        judge(opened, model_ids[0], "replay", dict.fromkeys(ids, 0.25))
        vocabulary.rename(opened, "Good", "Fine", who="ann")
        vote(opened, ids[1], "Fine", 2)
        assert kept(opened, model_ids[0], "replay") == {("Fine", "Good", 450): 2}


def test_that_those_who_label_and_those_who_judge_at_once_miss_nothing(
    sessions, plot_type, model_ids
):
    with transaction(sessions) as opened:
        ids = pictures(opened, plot_type, 24)
    start = Barrier(4)

    def work(number):
        start.wait()
        for part in range(0, 24, 4):
            some = ids[part : part + 4]
            with transaction(sessions) as opened:
                if number < 2:
                    judge(opened, model_ids[number], "replay", dict.fromkeys(some, 0.75))
                else:
                    for picture in some:
                        vote(opened, picture, NAMES[number - 2], f"{number} {picture}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    with transaction(sessions) as opened:
        for model_id in model_ids:
            found = kept(opened, model_id, "replay")
            assert found == anew(opened, model_id, "replay")
            assert sum(found.values()) == 24


def test_that_thresholds_within_a_bar_are_counted_picture_by_picture(
    sessions, plot_type, model_ids
):
    dice = random.Random(7)
    sure = {n: dice.choice((0.9, 0.9005, 0.901, 0.9016, dice.random())) for n in range(60)}
    with transaction(sessions) as opened:
        ids = pictures(opened, plot_type, 60)
        for n, picture in enumerate(ids):
            vote(opened, picture, NAMES[n % 2], n)
        judge(opened, model_ids[0], "replay", {ids[n]: value for n, value in sure.items()})
        counted = matrix.tally(opened, model_ids[0], "labelled")
        for threshold in (0.0, 0.5, 0.9, 0.9004, 0.9006, 0.90155, 1.0):
            found = matrix.confirmed(opened, model_ids[0], "labelled", counted, {"Bad": threshold})
            reached = Counter(
                NAMES[n % 2] for n, value in sure.items() if value > 0.5 and value >= threshold
            )
            assert {
                c.expert: c.confirmed for c in found if c.said == "Bad" and c.confirmed
            } == reached
            assert not any(c.confirmed for c in found if c.said == "Good")


def test_that_pages_put_together_are_the_whole_cell(sessions, plot_type, model_ids):
    dice = random.Random(3)
    sure = [dice.choice((0.9, 0.9001, dice.random())) for _ in range(40)]
    with transaction(sessions) as opened:
        ids = pictures(opened, plot_type, 40)
        for n, picture in enumerate(ids):
            vote(opened, picture, NAMES[n % 2], n)
        judge(opened, model_ids[0], "replay", dict(zip(ids, sure, strict=True)))
        for cell, between in ((("", ""), (0, 1.01)), (("Good", "Bad"), (0.9, 0.925))):
            pages, total = [], 1
            while len(pages) < total:
                total, page = matrix.pictures(
                    opened, model_ids[0], "labelled", cell,
                    between=between, offset=len(pages), limit=3,
                )  # fmt: skip
                pages += page
                assert page
            places = {picture: n for n, picture in enumerate(ids)}
            wanted = {
                n
                for n, value in enumerate(sure)
                if between[0] <= max(value, 1 - value) < between[1]
                and (NAMES[n % 2] == "Good") == (value > 0.5)
                and (cell == ("", "") or n % 2 == 0)
            }
            assert {places[each.picture_id] for each in pages} == wanted
            assert [each.confidence for each in pages] == sorted(
                (each.confidence for each in pages), reverse=True
            )
            assert len(pages) == total


def test_that_what_was_judged_before_the_counts_were_kept_is_counted_by_the_migration(
    database_url,
):
    session.migrate(database_url)
    engine = session.connect(database_url)
    sessions = session.sessions(engine)
    with transaction(sessions) as opened:
        for name in NAMES:
            catalogue.ensure_class(opened, name, "neutral")
        plot_type = catalogue.register(opened, "CDC", chunked=True, classes=NAMES)
        number = models.add(opened, model(plot_type))
        ids = pictures(opened, plot_type, 52)
        for picture in ids[:50]:
            vote(opened, picture, NAMES[picture % 2], picture)
        judge(opened, number, "replay", {n: k / 51 for k, n in enumerate(ids)})
        judge(opened, number, "validation", {n: k / 100 for k, n in enumerate(ids)})
        before = [kept(opened, number, purpose) for purpose in ("replay", "validation")]
    engine.dispose()
    session.downgrade(database_url, "0008_queue_counts")
    session.migrate(database_url)
    engine = session.connect(database_url)
    with transaction(session.sessions(engine)) as opened:
        after = [kept(opened, number, purpose) for purpose in ("replay", "validation")]
        uncounted = opened.scalar(text("SELECT COUNT(*) FROM evaluations WHERE expert IS NULL"))
    engine.dispose()
    assert after == before
    assert uncounted == 4
