"""The model library: what models say of labelled pictures, counted by the database."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from db import (
    catalogue,
    comparison,
    evaluations,
    inferences,
    labels,
    library,
    matrix,
    models,
    pictures,
)
from db.live_runs import live_of_last_runs
from db.session import transaction
from tests.db.factories import START, inference, model

CLASSES = {"Good": "good", "Bad": "bad", "Ignore": "neutral"}


@pytest.fixture
def plot_type(sessions):
    with transaction(sessions) as session:
        for name, severity in CLASSES.items():
            catalogue.ensure_class(session, name, severity, teaches=name != "Ignore")
        return catalogue.register(session, "CDC_occupancy", chunked=True, classes=["Good", "Bad"])


@pytest.fixture
def model_id(sessions, plot_type):
    with transaction(sessions) as session:
        return models.add(session, model(plot_type))


def labelled(session, plot_type, *names, **fields):
    """Pictures with these labels; their ids."""
    start = fields.pop("start", 1)
    rows = [inference(plot_type, start + n, **fields) for n in range(len(names))]
    ids = [place.picture_id for place in inferences.store(session, rows)]
    for picture, name in zip(ids, names, strict=True):
        labels.vote(
            session,
            picture_id=picture,
            class_name=name,
            who="ann",
            at=START,
            client_id=str(picture),
        )
    return ids


def judge(session, model_id, ids, *sure_of_bad, purpose="replay"):
    evaluations.add(
        session,
        model_id,
        purpose,
        [
            evaluations.Evaluated(picture, {"Bad": sure, "Good": 1 - sure})
            for picture, sure in zip(ids, sure_of_bad, strict=True)
        ],
    )


def test_that_the_matrix_counts_each_bar_and_leaves_ignored_pictures_out(
    sessions, plot_type, model_id
):
    with transaction(sessions) as session:
        ids = labelled(session, plot_type, "Bad", "Bad", "Good", "Ignore")
        judge(session, model_id, ids, 1.0, 0.55, 0.9, 0.9)
        judge(session, model_id, ids[:1], 0.1)  # known already: stays as it was
        found = {
            (b.expert, b.said, b.bar): b.count for b in matrix.tally(session, model_id, "labelled")
        }
        assert found == {
            ("Bad", "Bad", 599): 1, ("Bad", "Bad", 330): 1, ("Good", "Bad", 540): 1,
        }  # fmt: skip
        assert matrix.tally(session, model_id, "validation") == []


def test_that_another_label_moves_a_picture_to_another_cell(sessions, plot_type, model_id):
    with transaction(sessions) as session:
        (picture,) = labelled(session, plot_type, "Good")
        judge(session, model_id, [picture], 0.9)
        labels.vote(
            session, picture_id=picture, class_name="Bad", who="bob",
            at=START + timedelta(hours=1), client_id="again",
        )  # fmt: skip
        (bar,) = matrix.tally(session, model_id, "labelled")
        assert (bar.expert, bar.said) == ("Bad", "Bad")


def test_that_a_cell_gives_its_pictures_surest_first_and_in_pages(sessions, plot_type, model_id):
    with transaction(sessions) as session:
        ids = labelled(session, plot_type, *["Good"] * 5)
        judge(session, model_id, ids, 0.7, 0.9, 0.8, 0.6, 0.2)
        total, page = matrix.pictures(
            session, model_id, "labelled", ("Good", "Bad"), between=(0, 1.01), offset=1, limit=2
        )
        assert (total, [each.confidence for each in page]) == (4, [0.8, 0.7])
        assert (page[0].run, page[0].labelled_by) == (92317, "ann")
        total, page = matrix.pictures(
            session, model_id, "labelled", ("Good", "Bad"), between=(0.6, 0.7), offset=0, limit=9
        )
        assert (total, [each.picture_id for each in page]) == (1, [ids[3]])


def test_that_the_cell_without_names_holds_every_mistake(sessions, plot_type, model_id):
    with transaction(sessions) as session:
        ids = labelled(session, plot_type, "Good", "Bad", "Good")
        judge(session, model_id, ids, 0.7, 0.1, 0.2)
        total, page = matrix.pictures(
            session, model_id, "labelled", ("", ""), between=(0, 1.01), offset=0, limit=9
        )
        assert (total, [each.picture_id for each in page]) == (2, [ids[1], ids[0]])


def test_that_confirmed_verdicts_are_counted_under_two_sets_of_thresholds(
    sessions, plot_type, model_id
):
    with transaction(sessions) as session:
        ids = labelled(session, plot_type, "Good", "Bad", "Bad", "Good")
        judge(session, model_id, ids, 0.7, 0.9, 0.6, 0.1)
        now, then = {"Bad": 0.65, "Good": 0.95}, {"Bad": 0.8, "Good": 0.9}
        counted = matrix.tally(session, model_id, "labelled")
        first, second = (
            {
                (c.expert, c.said): (c.count, c.confirmed)
                for c in matrix.confirmed(session, model_id, "labelled", counted, each)
            }
            for each in (now, then)
        )
        found = {cell: (*first[cell], second[cell][1]) for cell in first}
        assert found == {
            ("Good", "Bad"): (1, 1, 0),
            ("Bad", "Bad"): (2, 1, 1),
            ("Good", "Good"): (1, 0, 1),
        }


def test_that_the_unbiased_stream_is_what_was_said_live_or_in_the_shadow(
    sessions, plot_type, model_id
):
    with transaction(sessions) as session:
        other = models.add(session, model(plot_type, name="other", folder="other"))
        labelled(session, plot_type, "Good", model_id=model_id, unbiased=True)
        labelled(session, plot_type, "Good", start=50, model_id=model_id, collected="bad")
        elsewhere = labelled(session, plot_type, "Good", start=90, model_id=other, unbiased=True)
        judge(session, model_id, elsewhere, 0.9, purpose="shadow")
        found = {(b.said, b.count) for b in matrix.tally(session, model_id, "unbiased")}
        assert found == {("Good", 1), ("Bad", 1)}


def test_that_pictures_wait_until_the_model_was_asked(sessions, plot_type, model_id):
    with transaction(sessions) as session:
        ids = labelled(session, plot_type, "Good", "Bad", "Ignore")
        vector = np.zeros(4, "<f2").tobytes()
        asked = evaluations.Wanted(model_id, "replay")
        pictures.put_features(session, [(ids[0], "efficientnet_lite0@224", vector)])
        assert evaluations.waiting(session, asked) == 2
        found = evaluations.unjudged(session, asked, "efficientnet_lite0@224", 10)
        assert found == [(ids[0], vector)]
        judge(session, model_id, ids[:1], 0.2)
        assert evaluations.waiting(session, asked) == 1
        assert evaluations.unjudged(session, asked, "efficientnet_lite0@224", 10) == []
        assert not evaluations.complete(session, model_id)
        judge(session, model_id, ids[1:2], 0.2)
        assert evaluations.complete(session, model_id), "a picture to be ignored is not asked about"
        labels.vote(
            session, picture_id=ids[2], class_name="Good", who="ann", at=START, client_id="now"
        )
        assert not evaluations.complete(session, model_id)


def test_that_the_shadow_judges_what_came_live_after_the_model_was_made(
    sessions, plot_type, model_id
):
    with transaction(sessions) as session:
        later = datetime.now(UTC) + timedelta(hours=1)
        rows = [inference(plot_type, 1), inference(plot_type, 2, judged_at=later)]
        old, new = [place.picture_id for place in inferences.store(session, rows)]
        vector = np.zeros(4, "<f2").tobytes()
        pictures.put_features(session, [(each, "b", vector) for each in (old, new)])
        assert evaluations.unjudged(session, evaluations.Wanted(model_id, "shadow"), "b", 10) == [
            (new, vector)
        ]


def test_that_models_are_compared_on_pictures_that_neither_was_trained_on(sessions, plot_type):
    with transaction(sessions) as session:
        ids = labelled(session, plot_type, "Good", "Bad")
        first = models.add(session, model(plot_type, training=((ids[0], "Good", "training"),)))
        second = models.add(session, model(plot_type, name="b", folder="b"))
        for each in (first, second):
            judge(session, each, ids, 0.2, 0.9)
        every = comparison.Both(first, second, "labelled")
        assert sum(comparison.counts(session, every).values()) == 2
        fresh = comparison.Both(first, second, "labelled", unseen=True)
        assert comparison.counts(session, fresh) == {("Bad", "Bad", "Bad"): 1}
        counts, unseen = comparison.counts_apart(session, every)
        assert counts == comparison.counts(session, every)
        assert unseen == comparison.counts(session, fresh)
        assert matrix.taught(session, first) == 1


def test_that_live_verdicts_of_the_last_runs_come_in_order(sessions, plot_type, model_id):
    with transaction(sessions) as session:
        for run in (1, 2, 3):
            rows = [inference(plot_type, run * 10 + n, run=run, model_id=model_id) for n in (1, 0)]
            inferences.store(session, rows)
        found = live_of_last_runs(session, model_id, 2)
        assert [row[0] for row in found] == [2, 2, 3, 3]
        assert [row[1] for row in found] == sorted(row[1] for row in found)


def test_that_the_ladder_is_climbed_step_by_step_and_each_step_once(sessions, model_id):
    with transaction(sessions) as session:
        with pytest.raises(ValueError, match="reviewed first"):
            library.sign(session, model_id, "expert_signoff", who="ann", comment="")
        library.sign(session, model_id, "report_reviewed", who="bob", comment="ten mistakes")
        library.sign(session, model_id, "expert_signoff", who="ann", comment="good")
        with pytest.raises(ValueError, match="already"):
            library.sign(session, model_id, "expert_signoff", who="ann", comment="")
        steps = library.ladder(session, [model_id])[model_id]
        assert [(step.rung, step.who) for step in steps] == [
            ("trained", "expert"), ("report_reviewed", "bob"), ("expert_signoff", "ann"),
        ]  # fmt: skip
        (known,) = models.load(session, [model_id])
        assert known.signed_off


def test_that_the_ledger_and_the_thresholds_keep_their_past(sessions, plot_type, model_id):
    with transaction(sessions) as session:
        models.activate(session, plot_type, model_id, who="ann", reason="first")
        models.activate(session, plot_type, None, who="bob", reason="flickers")
        assert [(line.model_id, line.who) for line in library.ledger(session, plot_type)] == [
            (None, "bob"), (model_id, "ann"),
        ]  # fmt: skip
        assert models.active_at(session, plot_type, datetime(2020, 1, 1, tzinfo=UTC)) is None
        models.set_threshold(session, model_id, "Bad", 0.8, who="ann", reason="too many calls")
        newest, *_ = library.threshold_history(session, [model_id])[model_id]
        assert (newest.class_name, newest.threshold, newest.reason) == (
            "Bad",
            0.8,
            "too many calls",
        )


def test_that_the_rules_of_the_site_are_kept(sessions, plot_type, model_id):
    with transaction(sessions) as session:
        assert not library.signoff_needed(session)
        library.set_signoff_needed(session, True, who="ann")
        library.set_shadow(session, plot_type, model_id, who="ann")
    with transaction(sessions) as session:
        assert library.signoff_needed(session)
        assert library.shadows(session) == {plot_type: model_id}
        library.set_shadow(session, plot_type, None, who="ann")
        assert library.shadows(session) == {}
        with pytest.raises(KeyError):
            library.set_shadow(session, plot_type, 999, who="ann")


def test_that_runs_with_labels_are_counted(sessions, plot_type):
    with transaction(sessions) as session:
        labelled(session, plot_type, "Good", "Bad", "Good")
        labelled(session, plot_type, "Bad", start=9, run=5)
        assert library.runs(session, plot_type) == 2
        assert library.with_features(session, plot_type, "efficientnet_lite0@224") == 0
