"""Masks on both databases: what may be set, what is in force, what fills them, how they end."""

from datetime import timedelta

import pytest

from db import (
    catalogue,
    census,
    detail,
    dropping,
    heatmaps,
    inferences,
    labels,
    masks,
    matrix,
    models,
)
from db.session import transaction
from db.tables.people import AuditRow
from db.values import Area
from tests.db.factories import START, inference, model

CORNER = Area(left=0.1, top=0.2, right=0.3, bottom=0.4)
NOW = START + timedelta(hours=1)


@pytest.fixture
def plot_type(sessions):
    with transaction(sessions) as session:
        for name in ("Good", "Bad"):
            catalogue.ensure_class(session, name, name.lower())
        return catalogue.register(session, "CDC", chunked=True, classes=["Good", "Bad"])


def put(sessions, plot_type, areas=(CORNER,), **fields):
    given = {"reason": "Board 7 is off.", "contact": "log 41", "who": "ann", "at": NOW}
    with transaction(sessions) as session:
        return masks.add(session, plot_type, areas, **(given | fields))


def current(sessions, at=NOW):
    with transaction(sessions) as session:
        return masks.current(session, at)


def test_that_a_mask_is_in_force_until_its_time_or_until_somebody_ends_it(sessions, plot_type):
    day = put(sessions, plot_type, until=NOW + timedelta(days=1))
    open_end = put(sessions, plot_type)
    assert [each.id for each in current(sessions)] == [day, open_end]
    assert [each.id for each in current(sessions, NOW + timedelta(days=1))] == [open_end]
    with transaction(sessions) as session:
        masks.end(session, open_end, who="bob", at=NOW)
    assert [each.id for each in current(sessions)] == [day]
    with transaction(sessions) as session:
        held = {each.id: each for each in masks.every(session, 10)}
        trail = session.query(AuditRow).filter_by(what="mask").order_by(AuditRow.id).all()
    assert (held[open_end].ended_by, held[open_end].ended_at) == ("bob", NOW)
    assert [(row.who, bool(row.before)) for row in trail] == [
        ("ann", False), ("ann", False), ("bob", True),
    ]  # fmt: skip
    with transaction(sessions) as session, pytest.raises(ValueError, match="bob has ended"):
        masks.end(session, open_end, who="cat", at=NOW)


def test_that_a_mask_of_a_run_period_holds_for_its_pictures_only(sessions, plot_type):
    with pytest.raises(ValueError, match="name no run period"):
        put(sessions, plot_type, this_period=True)
    with transaction(sessions) as session:
        inferences.store(session, [inference(plot_type)])
    put(sessions, plot_type, this_period=True)
    (held,) = current(sessions)
    assert held.run_period == "RunPeriod-2026-05"
    assert masks.in_force([held], "RunPeriod-2026-05", NOW)
    assert not masks.in_force([held], "RunPeriod-2026-06", NOW)


@pytest.mark.parametrize(
    ("areas", "why"),
    [
        ((), "1 to 12 areas"),
        ((Area(left=0.3, top=0.1, right=0.1, bottom=0.2),), "outside the picture"),
        ((Area(left=0.9, top=0.1, right=1.1, bottom=0.2),), "outside the picture"),
        ((Area(left=0.1, top=0.1, right=0.101, bottom=0.9),), "too thin"),
        ((Area(left=0.0, top=0.0, right=1.0, bottom=0.6),), "60% of the picture"),
    ],
    ids=["none", "turned round", "outside", "thin", "most of it"],
)
def test_that_areas_without_sense_are_refused(areas, why):
    with pytest.raises(ValueError, match=why):
        masks.check(areas)


def test_that_a_mask_needs_a_reason_and_an_end_that_lies_ahead(sessions, plot_type):
    with pytest.raises(ValueError, match="needs a reason"):
        put(sessions, plot_type, reason=" ")
    with pytest.raises(ValueError, match="before it begins"):
        put(sessions, plot_type, until=NOW)
    assert current(sessions) == ()


def test_that_it_is_filled_from_the_last_good_picture_that_had_no_mask(sessions, plot_type):
    number = put(sessions, plot_type)
    with transaction(sessions) as session:
        assert masks.one(session, number).reference_hash == ""
        held = Area(left=0.1, top=0.2, right=0.3, bottom=0.4, mask_id=number)
        good, bad = inference(plot_type, 1), inference(plot_type, 2, label="Bad", severity="bad")
        masked = inference(plot_type, 3, masked=(held,))
        places = inferences.store(session, [good, bad, masked])
        found = inferences.read(session, inferences.joined())
    assert [each.masked for each in found] == [(), (), (held,)]
    with transaction(sessions) as session:
        fresh = masks.one(session, put(sessions, plot_type))
        assert fresh.reference_hash == good.picture_hash
        assert detail.reference(session, plot_type, None).picture_hash == good.picture_hash
        # and the retention leaves that picture alone
        kept = {each.id for each in dropping.candidates(session)}
        assert places[0].picture_id not in kept
        assert places[2].picture_id in kept
        dropping.mark_dropped(session, [places[0].picture_id])
    with transaction(sessions) as session:
        assert detail.reference(session, plot_type, None) is not None


def test_that_where_no_model_called_any_good_a_persons_word_counts(sessions, plot_type):
    with transaction(sessions) as session:
        bad = inference(plot_type, 1, label="Bad", severity="bad")
        (place,) = inferences.store(session, [bad])
        labels.vote(
            session, picture_id=place.picture_id, class_name="Good", who="ann", at=START,
            client_id="one",
        )  # fmt: skip
    put(sessions, plot_type)
    assert current(sessions)[0].reference_hash == bad.picture_hash


def test_that_masked_verdicts_keep_out_of_the_unbiased_accuracy(sessions, plot_type):
    area = Area(left=0.1, top=0.2, right=0.3, bottom=0.4, mask_id=1)
    with transaction(sessions) as session:
        number = models.add(session, model(plot_type))
        whole = census.LEAST - 1
        rows = [
            inference(plot_type, n, model_id=number, unbiased=True, masked=(area,) * (n > whole))
            for n in range(1, census.LEAST + 1)
        ]
        for place in inferences.store(session, rows):
            labels.vote(
                session, picture_id=place.picture_id, class_name="Good", who="ann", at=START,
                client_id=str(place.picture_id),
            )  # fmt: skip
        assert sum(each.count for each in matrix.tally(session, number, "unbiased")) == whole
        assert census.trailing(session) == {}
        assert heatmaps.subject(session, rows[-1].picture_hash, "Good").masked == (area,)
        assert heatmaps.subject(session, rows[0].picture_hash, "Good").masked == ()
