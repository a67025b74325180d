"""Heat maps in the database: what there can be one of, and which Bad pictures lack theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db import catalogue, heatmaps, inferences, models
from db.session import transaction
from tests.db.factories import START, inference, model

HASH = "c" * 64
BAD = {"label": "Bad", "severity": "bad"}


@pytest.fixture
def known(sessions):
    """A plot type with a model and three pictures: Bad, Good, Bad but not kept."""
    with transaction(sessions) as session:
        kind = catalogue.register(session, "CDC_occupancy", chunked=True)
        made = models.add(session, model(kind))
        chosen = [
            inference(kind, 1, model_id=made, **BAD),
            inference(kind, 2, model_id=made),
            inference(kind, 3, model_id=made, stored=False, **BAD),
        ]
        inferences.store(session, chosen)
    return kind, made, [each.picture_hash for each in chosen]


def test_that_only_a_kept_bad_picture_waits_and_no_more_once_it_has_its_map(sessions, known):
    _, made, hashes = known
    with transaction(sessions) as session:
        (waiting,) = heatmaps.waiting(session, START, 10)
        assert (waiting.picture_hash, waiting.model_id) == (hashes[0], made)
        assert waiting.class_name == "Bad"
        heatmaps.put(session, waiting, HASH, START)
        heatmaps.put(session, waiting, "d" * 64, START)  # made twice: the first one stays
        assert heatmaps.waiting(session, START, 10) == []
        assert heatmaps.file_of(session, waiting) == HASH


def test_that_an_old_bad_picture_does_not_wait(sessions, known):
    with transaction(sessions) as session:
        assert heatmaps.waiting(session, START + timedelta(hours=1), 10) == []


def test_that_any_class_of_the_model_can_be_asked_for(sessions, known):
    kind, made, hashes = known
    with transaction(sessions) as session:
        assert heatmaps.subject(session, hashes[1]).class_name == "Good"
        other = heatmaps.subject(session, hashes[1], "Bad", kind)
        assert (other.class_name, other.model_id) == ("Bad", made)
        assert heatmaps.file_of(session, other) is None


def test_that_what_cannot_be_explained_is_said_in_a_sentence(sessions, known):
    _, _, hashes = known
    with transaction(sessions) as session:
        with pytest.raises(KeyError, match="does not know this picture"):
            heatmaps.subject(session, "f" * 64)
        with pytest.raises(ValueError, match="does not know the class LED; it knows Bad, Good"):
            heatmaps.subject(session, hashes[0], "LED")
        bare = catalogue.register(session, "New_plot", chunked=True)
        inferences.store(session, [inference(bare, 9, label="NoModel", severity="neutral")])
        unseen = inference(bare, 9).picture_hash
        with pytest.raises(ValueError, match="New_plot has no model"):
            heatmaps.subject(session, unseen)
