"""Suspected label errors, and a newer model's word on pictures that wait for a label."""

import pytest
from sqlalchemy import select

from db import (
    catalogue,
    evaluations,
    inferences,
    label_queue,
    labels,
    models,
    rescoring,
    suspicions,
    vocabulary,
)
from db.evaluations import Evaluated
from db.label_filter import Narrowing
from db.session import transaction
from db.tables.judging import InferenceRow
from tests.db.factories import START, inference, model

SURE = {"Good": 0.9, "Bad": 0.1}


@pytest.fixture
def site(sessions):
    """A plot type, its first model, and three pictures that it called Good."""
    with transaction(sessions) as session:
        for name, severity in (("Good", "good"), ("Bad", "bad"), ("Ignore", "neutral")):
            catalogue.ensure_class(session, name, severity)
        kind = catalogue.register(
            session, "CDC_occupancy", chunked=True, classes=("Good", "Bad", "Ignore")
        )
        vocabulary.change(
            session, kind, "Ignore", severity="neutral", colour="", key="", description="",
            who="boss", teaches=False,
        )  # fmt: skip
        first = models.add(session, model(kind))
        batch = [
            inference(kind, chunk, model_id=first, scores=SURE, confidence=0.9)
            for chunk in (1, 2, 3)
        ]
        return kind, first, [each.picture_id for each in inferences.store(session, batch)]


_votes = iter(range(10_000))


def vote(session, picture, class_name):
    labels.vote(
        session, picture_id=picture, class_name=class_name, who="ann", at=START,
        client_id=f"s{next(_votes)}", kind="label" if class_name else "taken_back",
    )  # fmt: skip


def suspects(session, kind):
    found = label_queue.page(session, "suspect", [kind], Narrowing())
    return [(each.picture_id, each.suspected, round(each.suspicion, 2)) for each in found]


def newer(session, kind, scores, purpose="validation"):
    """A second model, and what it said of pictures in its validation."""
    made = models.add(session, model(kind, name="second", folder="CDC_occupancy/2"))
    said = [Evaluated(picture, each) for picture, each in scores.items()]
    evaluations.add(session, made, purpose, said)
    return made


def test_that_a_label_is_suspected_as_long_as_it_contradicts_what_was_said(sessions, site):
    kind, _, (first, second, third) = site
    with transaction(sessions) as session:
        vote(session, first, "Bad")
        vote(session, second, "Good")
        vote(session, third, "Ignore")  # no model can say this
        assert suspects(session, kind) == [(first, "Good", 0.9)]
        vote(session, first, "Good")
        assert suspects(session, kind) == []
        vote(session, first, "Bad")
        vote(session, first, None)
        assert suspects(session, kind) == []


def test_that_a_newer_models_word_from_its_validation_counts_more(sessions, site):
    kind, _, (first, second, third) = site
    with transaction(sessions) as session:
        for picture, name in ((first, "Bad"), (second, "Good"), (third, "Good")):
            vote(session, picture, name)
        bad = {"Good": 0.3, "Bad": 0.7}
        made = newer(session, kind, {first: bad, second: bad})
        assert suspicions.renew(session, made) is None
        assert suspects(session, kind) == [(second, "Bad", 0.7)]
        vote(session, third, "Bad")  # nothing newer is known of it: what was said live stands
        vote(session, second, "Bad")
        assert suspects(session, kind) == [(third, "Good", 0.9)]


def test_that_what_a_model_learned_from_raises_no_suspicion(sessions, site):
    kind, _, (first, *_rest) = site
    with transaction(sessions) as session:
        vote(session, first, "Good")
        made = newer(session, kind, {first: {"Good": 0.1, "Bad": 0.9}}, purpose="training")
        suspicions.renew(session, made)
        assert suspects(session, kind) == []


def test_that_labels_are_compared_page_by_page(sessions, site, monkeypatch):
    kind, _, pictures = site
    monkeypatch.setattr(suspicions, "PAGE", 2)
    with transaction(sessions) as session:
        for picture in pictures:
            vote(session, picture, "Good")
        made = newer(session, kind, {each: {"Good": 0.2, "Bad": 0.8} for each in pictures})
        after = suspicions.renew(session, made)
        assert after == pictures[1]
        assert suspicions.renew(session, made, after) is None
        assert len(suspects(session, kind)) == 3


def test_that_a_renamed_class_is_no_contradiction(sessions, site):
    kind, _, (first, *_rest) = site
    with transaction(sessions) as session:
        vocabulary.rename(session, "Good", "Fine", who="boss")
        vote(session, first, "Fine")
        assert suspects(session, kind) == []


def test_that_the_uncertain_queue_follows_a_newer_model_and_the_verdict_stays(sessions, site):
    kind, first_model, (first, second, third) = site
    with transaction(sessions) as session:
        made = newer(session, kind, {})
        vote(session, third, "Good")
        assert rescoring.waiting(session, kind, 10) == [second, first]
        rescoring.keep(
            session, made, {first: {"Good": 0.45, "Bad": 0.55}, second: {"Good": 0.52, "Bad": 0.48}}
        )
        found = label_queue.page(session, "uncertain", [kind], Narrowing())
        assert [each.picture_id for each in found] == [second, first]
        assert found[1].doubts == {"Good": 0.45, "Bad": 0.55}
        assert (found[1].said, found[1].confidence, found[1].scores) == ("Good", 0.9, SURE)
        row = session.scalars(select(InferenceRow).where(InferenceRow.picture_id == first)).one()
        assert (row.model_id, row.label, row.rescored_by) == (first_model, "Good", made)
        vote(session, first, "Good")  # the newer model said Bad while it had no label
        assert suspects(session, kind) == [(first, "Bad", 0.55)]
