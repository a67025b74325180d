# ruff: noqa: F811 - fixtures are arguments
"""The log and the timeline over the real socket, and where a curve is said to change."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from db import catalogue, conditions, inferences, models
from db.session import transaction
from inference_server.changes import change_points
from inference_server.protocol import messages as m
from inference_server.protocol import records as r
from inference_server.protocol.alarms import Conditions, SetConditions
from inference_server.protocol.client import Refusal
from tests.db.factories import START, inference, model
from tests.server.both_databases import client, config, gateway, key  # noqa: F401 - fixtures
from tests.server.test_gateway import tries

A_MINUTE = timedelta(minutes=1)
BAD = {"label": "Bad", "severity": "bad", "scores": {"Good": 0.1, "Bad": 0.9}, "confidence": 0.9}


@pytest.fixture
def plot(sessions):
    """A plot type with forty verdicts, five of them Bad in one streak."""
    with transaction(sessions) as session:
        catalogue.ensure_class(session, "Good", "good")
        catalogue.ensure_class(session, "Bad", "bad")
        plot = catalogue.register(
            session, "CDC_occupancy", True, group="CDC", classes=("Good", "Bad")
        )
        made = models.add(session, model(plot))
        inferences.store(
            session,
            [
                inference(plot, chunk, model_id=made, **(BAD if 21 <= chunk <= 25 else {}))
                for chunk in range(1, 41)
            ],
        )
        models.activate(session, plot, made, who="ann", reason="first")
    return plot


def test_that_the_log_comes_in_pages_with_what_a_person_wants_to_know(plot, client):
    page, _ = client.ask(r.GetLogPage(limit=1))
    [row] = page.streaks
    assert (row.plot_type, row.group, row.run) == ("CDC_occupancy", "CDC", 92317)
    assert (row.first_chunk, row.last_chunk, row.length, row.open) == (21, 25, 5, False)
    assert not page.more
    nothing, _ = client.ask(r.GetLogPage(wanted=r.LogFilter(text="no such plot")))
    assert nothing.streaks == ()


def test_that_a_streak_is_opened_and_commented_on(plot, client):
    page, _ = client.ask(r.GetLogPage())
    number = page.streaks[0].id
    client.ask(r.CommentOnStreak(streak_id=number, text="Crate 7 was off", person="Ann"))
    shown, _ = client.ask(r.GetStreak(streak_id=number))
    assert [each.chunk for each in shown.pictures] == [21, 22, 23, 24, 25]
    assert [(each.who, each.text) for each in shown.comments] == [("Ann", "Crate 7 was off")]
    with pytest.raises(Refusal, match="no streak 99"):
        client.ask(r.GetStreak(streak_id=99))


def test_that_a_timeline_tells_each_verdict_with_its_threshold_and_picture(plot, client):
    shown, _ = client.ask(
        r.GetTimeline(plot_type_id=plot, since=START, until=START + timedelta(hours=1))
    )
    assert (shown.step, len(shown.times), shown.chunks[0]) == ("point", 40, 1)
    good = shown.curves[0]
    assert (good.name, good.mean[0], good.threshold[0], good.low) == ("Good", 0.97, 0.5, ())
    assert shown.hashes[0] == inference(plot, 1).picture_hash
    assert sum(shown.noteworthy) == 5


def test_that_a_timeline_tells_when_there_was_no_beam(plot, client, sessions):
    with transaction(sessions) as session:
        for minutes, on in ((5, 0.0), (7, 1.0)):
            at = START + timedelta(minutes=minutes)
            conditions.put(session, at, {conditions.BEAM_ON: on}, "nA")
    request = r.GetTimeline(plot_type_id=plot, since=START, until=START + timedelta(hours=1))
    [(begin, end)] = client.ask(request)[0].beam_off
    assert (begin - START.timestamp(), end - begin) == (300.0, 120.0)


def test_that_beam_as_a_desktop_tells_it_is_kept_for_the_history(plot, client):
    client.ask(SetConditions(conditions=Conditions(beam_current=0.0)))
    now = datetime.now(UTC)
    request = r.GetTimeline(plot_type_id=plot, since=now - A_MINUTE, until=now + A_MINUTE)
    assert any(client.ask(request)[0].beam_off for _ in tries())


def test_that_runs_are_a_way_to_ask_for_a_timeline(plot, client):
    shown, _ = client.ask(r.GetTimeline(plot_type_id=plot, first_run=92317, last_run=92317))
    assert len(shown.times) == 40
    with pytest.raises(Refusal, match="no runs from 1 to 2"):
        client.ask(r.GetTimeline(plot_type_id=plot, first_run=1, last_run=2))


def test_that_runs_stand_side_by_side_with_all_that_is_marked_in_them(plot, client, sessions):
    next_day = START + timedelta(days=1)
    with transaction(sessions) as session:
        inferences.store(
            session,
            [
                inference(plot, chunk, run=92318, judged_at=next_day + chunk * A_MINUTE, **BAD)
                for chunk in range(1, 11)
            ],
        )
        for at, on in ((START + 10 * A_MINUTE, 0.0), (next_day + 5 * A_MINUTE, 1.0)):
            conditions.put(session, at, {conditions.BEAM_ON: on}, "nA")
    request = r.GetTimeline(plot_type_id=plot, first_run=92317, last_run=92318, by_run=True)
    shown, _ = client.ask(request)
    assert (shown.first_place, shown.last_place, shown.step) == (0.0, 2.0, "point")
    assert [(mark.place, mark.run) for mark in shown.run_marks] == [(0, 92317), (1, 92318)]
    assert (shown.places[0], shown.places[39], shown.places[40]) == (0.0125, 0.9875, 1.05)
    assert (shown.runs[40], shown.chunks[40]) == (92318, 1)
    [(begin, end)] = shown.off_places
    assert (begin, end) == pytest.approx((shown.places[9], shown.places[44]))
    change = shown.changes[-1]
    assert change.place == shown.places[40]
    assert change.after == pytest.approx(0.1)
    part, _ = client.ask(
        r.GetTimeline(plot_type_id=plot, by_run=True, first_place=1.0, last_place=1.5)
    )
    assert set(part.runs) == {92318}
    assert (part.first_place, part.last_place) == (1.0, 1.5)
    whole, _ = client.ask(r.GetTimeline(plot_type_id=plot, by_run=True))
    assert (whole.first_place, whole.last_place) == (0.0, 2.0)
    with pytest.raises(Refusal, match="end before they begin"):
        client.ask(r.GetTimeline(plot_type_id=plot, by_run=True, first_place=2.0, last_place=1.0))


def test_that_a_model_change_is_marked_with_who_and_why(plot, client):
    now = datetime.now(UTC)
    shown, _ = client.ask(
        r.GetTimeline(
            plot_type_id=plot, since=now - timedelta(hours=1), until=now + timedelta(hours=1)
        )
    )
    [switch] = shown.switches
    assert (switch.before, switch.after, switch.who) == ("", "1", "ann")


def test_that_a_model_change_between_two_runs_stands_between_them(plot, client, sessions):
    later = datetime.now(UTC) + timedelta(days=1)
    with transaction(sessions) as session:
        inferences.store(session, [inference(plot, 1, run=92318, judged_at=later)])
    shown, _ = client.ask(
        r.GetTimeline(plot_type_id=plot, by_run=True, first_place=0.0, last_place=2.0)
    )
    [switch] = shown.switches
    assert (switch.after, switch.place) == ("1", 1.0)


def test_that_the_run_periods_are_known(plot, client):
    reply, _ = client.ask(r.GetRunPeriods())
    assert reply.names == ("RunPeriod-2026-05",)
    assert isinstance(client.ask(m.GetMyRights())[0], m.MyRights)


def test_that_a_step_is_found_where_it_is_and_noise_is_left_alone():
    dice = np.random.default_rng(1)
    noise = 0.9 + 0.03 * dice.standard_normal(800)
    assert change_points(noise) == []
    stepped = noise.copy()
    stepped[500:] -= 0.3
    [change] = change_points(stepped)
    assert abs(change.index - 500) <= 2
    assert change.before == pytest.approx(0.9, abs=0.01)
    assert change.after == pytest.approx(0.6, abs=0.01)


def test_that_a_short_dip_is_a_streak_and_no_change_of_level():
    values = np.full(200, 0.95)
    values[100:104] = 0.1
    assert change_points(values) == []
    assert change_points(np.array([])) == []
