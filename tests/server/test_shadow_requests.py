"""A candidate in the shadow beside the live model, as a desktop asks for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from db import catalogue, inferences, labels, models
from db.session import transaction
from inference_server.gateway.requests import Requests
from inference_server.protocol import library as lib
from inference_server.protocol.shadow import GetShadow, SaidBoth
from tests.db.factories import inference, model
from tests.server.pictures import settings


@pytest.fixture
def requests(tmp_path, sqlite_sessions):
    made = Requests(settings(tmp_path), sqlite_sessions)
    yield made
    made.close()


@pytest.fixture
def plot_type(sqlite_sessions):
    with transaction(sqlite_sessions) as session:
        for name, severity in {"Good": "good", "Bad": "bad"}.items():
            catalogue.ensure_class(session, name, severity)
        return catalogue.register(session, "CDC", chunked=True, classes=["Good", "Bad"])


@pytest.fixture
def pair(sqlite_sessions, plot_type):
    """The live model and a candidate."""
    with transaction(sqlite_sessions) as session:
        live, candidate = (
            models.add(session, model(plot_type, name=name, folder=name)) for name in ("a", "b")
        )
        models.activate(session, plot_type, live, who="ann", reason="first")
    return live, candidate


def judged(sessions, plot_type, pair, rows):
    """Live pictures of (live label, candidate's confidence in Bad, a person's label or none)."""
    with transaction(sessions) as session:
        batch = [
            inference(
                plot_type, chunk, model_id=pair[0], label=live,
                severity="bad" if live == "Bad" else "good", shadow_id=pair[1],
                shadow_scores={"Bad": bad, "Good": 1 - bad},
            )
            for chunk, (live, bad, _) in enumerate(rows, 1)
        ]  # fmt: skip
        places = inferences.store(session, batch)
        for place, (_, _, said) in zip(places, rows, strict=True):
            if said:
                labels.vote(
                    session, picture_id=place.picture_id, class_name=said, who="ann",
                    at=datetime.now(UTC), client_id=f"v{place.picture_id}",
                )  # fmt: skip


def test_that_without_a_candidate_there_is_nothing_to_compare(requests, plot_type, pair):
    reply = requests.answer(GetShadow(plot_type_id=plot_type), "ann").reply
    assert (reply.model_id, reply.active_id, reply.judged) == (None, pair[0], 0)


def test_that_the_running_comparison_counts_what_both_judged(
    requests, sqlite_sessions, plot_type, pair
):
    wish = lib.SetShadow(plot_type_id=plot_type, model_id=pair[1])
    result = requests.answer(wish, "ann")
    assert result.catalogue_changed, "the workers have to hear of it"
    rows = [("Good", 0.1, "Good"), ("Good", 0.9, "Bad"), ("Bad", 0.6, ""), ("Good", 0.2, "")]
    judged(sqlite_sessions, plot_type, pair, rows)
    found = requests.answer(GetShadow(plot_type_id=plot_type), "ann").reply
    assert (found.model_id, found.active_id) == (pair[1], pair[0])
    assert (found.judged, found.same) == (4, 3)
    assert found.since is not None
    # The third is below the candidate's threshold of 0.65, so it would not have called.
    assert (found.calls, found.shadow_calls) == (1, 1)
    assert (found.labelled, found.right, found.shadow_right) == (2, 1, 2)
    assert SaidBoth(live="Good", said="Bad", count=1) in found.said
    (difference,) = found.differences
    assert (difference.chunk, difference.live, difference.said) == (2, "Good", "Bad")
    assert difference.confidence == pytest.approx(0.9)
