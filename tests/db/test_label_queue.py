"""Queues for labelling: who is in them, in which order, page by page; and which label counts."""

from dataclasses import replace

import pytest

from db import (
    catalogue,
    inferences,
    label_queue,
    label_runs,
    label_words,
    labels,
    people,
    settings,
    teaching,
)
from db.label_filter import Narrowing
from db.session import transaction
from tests.db.factories import START, inference, model

ALL = Narrowing()


@pytest.fixture
def plot_type(sessions):
    with transaction(sessions) as session:
        for name, severity in (("Good", "good"), ("Bad", "bad")):
            catalogue.ensure_class(session, name, severity)
        return catalogue.register(session, "CDC_occupancy", chunked=True, classes=("Good", "Bad"))


@pytest.fixture
def judged(sessions, plot_type):
    """Six pictures by chunk: two sure Good ones, an unsure one, two Bad ones, one drawn at random."""
    from db import models

    scores = {
        1: {"Good": 0.97, "Bad": 0.03},
        2: {"Good": 0.52, "Bad": 0.48},
        3: {"Bad": 0.95, "Good": 0.05},
        4: {"Bad": 0.55, "Good": 0.45},
        5: {"Good": 0.9, "Bad": 0.1},
        6: {"Good": 0.99, "Bad": 0.01},
    }
    with transaction(sessions) as session:
        model_id = models.add(session, model(plot_type))
        batch = []
        for chunk, share in scores.items():
            label = max(share, key=share.get)
            batch.append(
                inference(
                    plot_type, chunk, model_id=model_id, label=label, confidence=share[label],
                    severity=label.lower(), confirmed=share[label] > 0.6, scores=share,
                    unbiased=chunk == 6,
                )
            )  # fmt: skip
        stored = inferences.store(session, batch)
    return {chunk: each.picture_id for chunk, each in zip(scores, stored, strict=True)}


def chunks(session, queue, plot_type, narrowing=ALL, **fields):
    return [
        each.chunk for each in label_queue.page(session, queue, [plot_type], narrowing, **fields)
    ]


_votes = iter(range(10_000))


def vote(session, picture, class_name, who="ann", kind="label", comment=""):
    return labels.vote(
        session, picture_id=picture, class_name=class_name, who=who, at=START, kind=kind,
        client_id=f"v{next(_votes)}", comment=comment,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("queue", "expected"),
    [
        ("unlabelled", [6, 5, 4, 3, 2, 1]),
        ("unconfirmed", [4, 2]),
        ("bad", [4, 3]),
        ("uncertain", [2, 4, 5, 3, 1, 6]),
        ("unbiased", [6]),
        ("disputed", []),
        ("flagged", []),
        ("suspect", []),
        ("everything", [6, 5, 4, 3, 2, 1]),
    ],
)
def test_that_a_queue_holds_its_pictures_in_its_order(sessions, plot_type, judged, queue, expected):
    with sessions() as session:
        assert chunks(session, queue, plot_type) == expected
        assert label_queue.count(session, queue, [plot_type], ALL) == len(expected)


@pytest.mark.parametrize("queue", ["unlabelled", "uncertain", "everything", "unconfirmed"])
def test_that_pages_follow_each_other_without_gap_or_overlap(sessions, plot_type, judged, queue):
    with sessions() as session:
        whole = chunks(session, queue, plot_type)
        paged, after = [], ()
        while page := label_queue.page(session, queue, [plot_type], ALL, after=after, limit=2):
            paged += [each.chunk for each in page]
            after = page[-1].key
    assert paged == whole


def test_that_a_labelled_picture_leaves_the_queues_but_not_everything(sessions, plot_type, judged):
    with transaction(sessions) as session:
        vote(session, judged[3], "Bad")
        vote(session, judged[2], None, kind="unsure")
        assert chunks(session, "bad", plot_type) == [4]
        assert chunks(session, "unlabelled", plot_type) == [6, 5, 4, 2, 1]
        assert 3 in chunks(session, "everything", plot_type)


def test_that_what_was_flagged_or_not_sure_waits_until_somebody_labels_it(
    sessions, plot_type, judged
):
    with transaction(sessions) as session:
        vote(session, judged[2], None, kind="flag")
        vote(session, judged[4], None, kind="unsure")
        vote(session, judged[4], None, kind="flag", who="bob")
        vote(session, judged[5], "Good")
        vote(session, judged[5], None, kind="flag")  # the label is doubted
        vote(session, judged[6], None, kind="skip")
        assert chunks(session, "flagged", plot_type) == [5, 4, 2]
        vote(session, judged[4], "Bad", who="bob")
        vote(session, judged[6], None, kind="comment", comment="dim")
        assert chunks(session, "flagged", plot_type) == [5, 2]
        assert label_queue.count(session, "flagged", [plot_type], ALL) == 2
        found = label_words.remarks(session, list(judged.values()))
        kinds = {
            each.picture_id: found[each.picture_id].kind
            for each in label_queue.by_ids(session, list(found))
        }
    assert kinds == {judged[2]: "flag", judged[5]: "flag", judged[6]: "comment"}


def test_that_what_people_and_model_disagree_on_has_queues_of_its_own(sessions, plot_type, judged):
    with transaction(sessions) as session:
        vote(session, judged[1], "Bad")
        vote(session, judged[5], "Good")
        vote(session, judged[3], "Bad")
        vote(session, judged[3], "Good", who="bob")
        assert chunks(session, "disputed", plot_type) == [3]
        # 1: said Good 0.97, labelled Bad; 3: said Bad 0.95, labelled Good. The surer one first.
        assert chunks(session, "suspect", plot_type) == [1, 3]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"run_from": 92318}, []),
        ({"run_to": 92317, "said": "Bad"}, [4, 3]),
        ({"confidence_from": 0.9, "confidence_to": 0.96}, [5, 3]),
        ({"class_name": "Good"}, [5]),
        ({"labeller": "bob"}, [4]),
        ({"text": "dead board"}, [4]),
        ({"text": "occupancy_0006"}, [6]),
        ({"since": START.replace(minute=5)}, [6, 5]),
        ({"until": START.replace(minute=2)}, [2, 1]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_that_a_filter_leaves_what_it_names(sessions, plot_type, judged, asked, expected):
    with transaction(sessions) as session:
        vote(session, judged[5], "Good")
        vote(session, judged[4], None, who="bob", kind="comment", comment="the dead board again")
        assert chunks(session, "everything", plot_type, replace(ALL, **asked)) == expected


def test_that_a_filter_with_signs_of_sql_finds_only_what_is_there(sessions, plot_type, judged):
    with sessions() as session:
        assert chunks(session, "everything", plot_type, replace(ALL, text="%")) == []


def test_that_a_taken_back_vote_gives_the_word_to_the_others(sessions, plot_type, judged):
    with transaction(sessions) as session:
        vote(session, judged[1], "Good")
        vote(session, judged[1], "Bad", who="bob")
        assert label_queue.by_ids(session, [judged[1]])[0].class_name == "Bad"
        vote(session, judged[1], None, who="bob", kind="taken_back")
        (now,) = label_queue.by_ids(session, [judged[1]])
        assert (now.class_name, now.who, now.disputed) == ("Good", "ann", False)


def test_that_under_consensus_a_tie_leaves_no_label_but_a_dispute(sessions, plot_type, judged):
    with transaction(sessions) as session:
        settings.write(session, labels.RULE, {"rule": "consensus"}, who="boss")
        vote(session, judged[1], "Good")
        vote(session, judged[1], "Bad", who="bob")
        (now,) = label_queue.by_ids(session, [judged[1]])
        assert (now.class_name, now.disputed) == ("", True)
        assert list(labels.export(session)) == []
        vote(session, judged[1], "Bad", who="cem")
        (now,) = label_queue.by_ids(session, [judged[1]])
        assert (now.class_name, now.disputed) == ("Bad", True)


def test_that_the_trail_says_who_pinned_what_and_what_it_was(sessions, judged):
    with transaction(sessions) as session:
        teaching.mark(session, [judged[1]], pin="training", weight=None, who="ann")
        teaching.mark(session, [judged[1], judged[2]], pin="validation", weight=3, who="bob")
        newest, oldest = people.trail(session, what="teaching")
    assert (newest.who, newest.what, newest.subject) == ("bob", "teaching", "CDC_occupancy")
    assert newest.before == {"pin": {"training": 1, "none": 1}, "training_weight": 1}
    assert newest.after == {
        "pin": "validation", "training_weight": 3, "pictures": 2, "the first": [judged[1], judged[2]],
    }  # fmt: skip
    assert (oldest.who, oldest.before) == ("ann", {"pin": None})


def test_that_pins_and_weights_are_kept_and_nonsense_is_refused(sessions, judged):
    with transaction(sessions) as session:
        teaching.mark(session, [judged[1], judged[2]], pin="validation", weight=3, who="ann")
        teaching.mark(session, [judged[2]], pin="", weight=None, who="ann")
        one, two = label_queue.by_ids(session, [judged[1], judged[2]])
        assert (one.pin, one.weight, two.pin, two.weight) == ("validation", 3, "", 3)
        with pytest.raises(ValueError, match="no side test"):
            teaching.mark(session, [judged[1]], pin="test", weight=None, who="ann")
        with pytest.raises(ValueError, match="weight"):
            teaching.mark(session, [judged[1]], pin=None, weight=-1, who="ann")


RUNS = {
    101: (0.5, 0.9, 0.1),
    102: (0.8,),
    103: (0.3, 0.7),
    104: (0.2,),
}  # how far the model is from sure


@pytest.fixture
def runs(sessions, plot_type):
    """Unlabelled pictures of four runs; the first chunk of each is the oldest."""
    from db import models

    with transaction(sessions) as session:
        model_id = models.add(session, model(plot_type))
        batch = [
            inference(
                plot_type, chunk, run=run, model_id=model_id,
                scores={"Good": (1 + ahead) / 2, "Bad": (1 - ahead) / 2},
            )
            for run, margins in RUNS.items()
            for chunk, ahead in enumerate(margins, 1)
        ]  # fmt: skip
        inferences.store(session, batch)


@pytest.mark.parametrize("limit", [3, 4, 100])
def test_that_runs_stay_whole_over_pages_and_are_counted_whole(sessions, plot_type, runs, limit):
    shown, sizes, after = [], {}, ()
    with sessions() as session:
        while True:
            page = label_runs.page(session, "uncertain", [plot_type], ALL, after=after, limit=limit)
            shown += [(each.run, round(each.margin, 1)) for each in page.items]
            sizes |= page.sizes
            if not (after := page.after):
                break
    assert shown == [
        (104, 0.2), (103, 0.3), (103, 0.7), (102, 0.8), (101, 0.1), (101, 0.5), (101, 0.9),
    ]  # fmt: skip
    assert sizes == {104: 1, 103: 2, 102: 1, 101: 3}


def test_that_a_run_longer_than_a_page_goes_on_with_the_next_and_is_counted_whole(
    sessions, plot_type, runs
):
    asked = replace(ALL, run_to=101)
    with sessions() as session:
        first = label_runs.page(session, "uncertain", [plot_type], asked, limit=2)
        rest = label_runs.page(session, "uncertain", [plot_type], asked, after=first.after, limit=2)
    assert [each.chunk for each in (*first.items, *rest.items)] == [3, 2, 1]
    assert first.sizes == {101: 3}
