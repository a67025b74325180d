"""Pictures: which are kept, which may go, and what is known of their files."""

from datetime import timedelta

import pytest

from db import catalogue, dropping, inferences, labels, pictures
from db.session import transaction
from tests.db.factories import START, inference

SAME = "a" * 64


@pytest.fixture
def plot_type(sessions):
    with transaction(sessions) as session:
        catalogue.ensure_class(session, "Good", "good")
        return catalogue.register(session, "CDC_occupancy", chunked=True, classes=["Good"])


def store(session, *given):
    return [place.picture_id for place in inferences.store(session, given)]


def test_that_retention_takes_the_oldest_and_never_a_labelled_one(sessions, plot_type):
    with transaction(sessions) as session:
        ids = store(session, *(inference(plot_type, chunk) for chunk in (3, 1, 2)))
        labels.vote(
            session, picture_id=ids[1], class_name="Good", who="ann", at=START, client_id="1"
        )
        assert [each.id for each in dropping.candidates(session)] == [ids[2], ids[0]]
        early = dropping.candidates(session, before=START + timedelta(minutes=2.5))
        assert [each.id for each in early] == [ids[2]]


def test_that_what_was_collected_goes_only_where_asked_for(sessions, plot_type):
    with transaction(sessions) as session:
        ids = store(session, inference(plot_type, 1, collected="bad"), inference(plot_type, 2))
        assert [each.id for each in dropping.candidates(session)] == [ids[1]]
        assert [each.id for each in dropping.candidates(session, collected=True)] == ids


def test_that_a_file_that_another_picture_needs_stays(sessions, plot_type):
    with transaction(sessions) as session:
        blank = [inference(plot_type, chunk, picture_hash=SAME) for chunk in (1, 2)]
        ids = store(session, *blank)
        assert dropping.mark_dropped(session, ids[:1]) == set()
        assert pictures.by_hash(session, SAME).id == ids[1]
        assert dropping.mark_dropped(session, ids[1:]) == {SAME}
        assert not pictures.by_hash(session, SAME).stored
        assert pictures.stored_bytes(session) == 0


def test_that_what_was_labelled_meanwhile_is_not_dropped(sessions, plot_type):
    with transaction(sessions) as session:
        ids = store(session, inference(plot_type, 1), inference(plot_type, 2))
        labels.vote(session, picture_id=ids[0], class_name="Good", who="a", at=START, client_id="1")
        assert len(dropping.mark_dropped(session, ids)) == 1
        assert pictures.stored_bytes(session) > 0


def test_that_a_dropped_picture_that_comes_again_has_its_file_again(sessions, plot_type):
    given = inferences._picture(inference(plot_type))
    with transaction(sessions) as session:
        known = pictures.add(session, given)
        dropping.mark_dropped(session, [known])
        assert pictures.add_all(session, [given, given]) == [(known, False), (known, False)]
        assert pictures.by_hash(session, given.picture_hash).stored


def test_that_features_once_kept_stay_as_they_are(sessions, plot_type):
    with transaction(sessions) as session:
        (picture,) = store(session, inference(plot_type))
        labels.vote(
            session, picture_id=picture, class_name="Good", who="a", at=START, client_id="1"
        )
        pictures.put_features(session, [(picture, "net@224", b"\x00\xff\x27\x00")])
        pictures.put_features(session, [(picture, "net@224", b"other"), (picture, "net@384", b"")])
        (found,) = pictures.labelled(session, plot_type, "net@224")
        assert found.features == b"\x00\xff\x27\x00"


def test_that_an_unknown_hash_is_nowhere(sessions):
    with transaction(sessions) as session:
        assert pictures.by_hash(session, SAME) is None
