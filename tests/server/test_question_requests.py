"""The training report's questions: any label that a person gives answers them, and the report shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from db import catalogue, inferences, labels, models
from db.session import transaction
from db.values import Mistake
from inference_server.gateway.requests import Requests
from inference_server.protocol.labelling import CastVotes, Vote, VotesKept
from inference_server.protocol.questions import GetQuestions
from tests.db.factories import inference, model
from tests.server.pictures import settings

NOW = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)


@pytest.fixture
def ask(tmp_path, sqlite_sessions):
    made = Requests(settings(tmp_path), sqlite_sessions)
    yield lambda request: made.answer(request, "ann").reply
    made.close()


@pytest.fixture
def report(sqlite_sessions):
    """Two pictures labelled Good, and a model that takes both for Bad; model id and picture ids."""
    with transaction(sqlite_sessions) as session:
        for name, severity in {"Good": "good", "Bad": "bad"}.items():
            catalogue.ensure_class(session, name, severity)
        kind = catalogue.register(session, "CDC", chunked=True, classes=["Good", "Bad"])
        stored = inferences.store(session, [inference(kind, 1), inference(kind, 2)])
        ids = [each.picture_id for each in stored]
        for picture in ids:
            labels.vote(
                session, picture_id=picture, class_name="Good", who="import", at=NOW,
                client_id=f"first {picture}",
            )  # fmt: skip
        mistakes = tuple(
            Mistake(picture, "Bad", "Good", sure)
            for picture, sure in zip(ids, (0.7, 0.9), strict=True)
        )
        return models.add(session, model(kind, mistakes=mistakes)), ids


def said(picture: int, class_name: str | None, number: int = 1, **more) -> CastVotes:
    vote = Vote(
        client_id=f"answer {number}", picture_id=picture, class_name=class_name,
        at=NOW + timedelta(minutes=number), **more,
    )  # fmt: skip
    return CastVotes(votes=(vote,))


def test_that_a_report_asks_about_the_surest_mistake_first(ask, report):
    model_id, (first, second) = report
    reply = ask(GetQuestions(model_id=model_id))
    assert (reply.total, reply.answered) == (2, 0)
    assert [each.picture_id for each in reply.questions] == [second, first]
    assert (reply.questions[0].said, reply.questions[0].labelled) == ("Bad", "Good")
    assert reply.questions[0].answers == ()
    assert len(ask(GetQuestions(model_id=model_id, offset=1)).questions) == 1


def test_that_an_answer_is_kept_with_who_and_when_and_stays_in_the_report(ask, report):
    model_id, (_, second) = report
    assert isinstance(ask(said(second, "Bad", comment="Board 7 is dead.")), VotesKept)
    ask(said(second, "Good", 2, person="bob"))
    reply = ask(GetQuestions(model_id=model_id))
    assert (reply.total, reply.answered) == (2, 1)
    question = reply.questions[0]
    assert (question.labelled, question.now, question.labelled_by) == ("Good", "Good", "bob")
    assert [(each.who, each.class_name, each.comment) for each in question.answers] == [
        ("ann", "Bad", "Board 7 is dead."),
        ("bob", "Good", ""),
    ]
    assert question.answers[0].at == NOW + timedelta(minutes=1)


def test_that_the_label_is_right_is_an_answer_too_and_a_repeated_one_counts_once(ask, report):
    model_id, (first, _) = report
    ask(said(first, "Good"))
    ask(said(first, "Good"))
    (question,) = (
        each for each in ask(GetQuestions(model_id=model_id)).questions if each.picture_id == first
    )
    assert [each.class_name for each in question.answers] == ["Good"]


def test_that_what_is_no_label_is_no_answer(ask, report):
    model_id, (first, _) = report
    ask(said(first, None, kind="skip"))
    assert ask(GetQuestions(model_id=model_id)).answered == 0
