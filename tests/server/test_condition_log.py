"""What is kept of beam and run: changes, not noise; and again when the database is back."""

from datetime import UTC, datetime, timedelta

import pytest

from db import conditions
from db.session import DatabaseAway, transaction
from inference_server.gateway import condition_log
from inference_server.gateway.condition_log import ConditionLog, values_of, worth
from inference_server.protocol.alarms import Conditions

NOW = datetime(2026, 5, 14, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "on"),
    [
        (Conditions(beam_current=210.0), 1.0),
        (Conditions(beam_current=0.4), 0.0),
        (Conditions(beam_current=210.0, running=False), 0.0),
        (Conditions(running=True), 1.0),
        (Conditions(), conditions.UNKNOWN),
    ],
)
def test_that_there_is_beam_where_a_run_goes_on_and_the_current_is_enough(told, on):
    assert values_of(told, 1.0)[conditions.BEAM_ON] == on


def test_that_noise_of_the_current_is_not_kept_and_a_trip_is():
    kept = values_of(Conditions(beam_current=210.0), 1.0)
    assert worth(kept, values_of(Conditions(beam_current=213.0), 1.0)) == {}
    assert worth(kept, values_of(Conditions(beam_current=0.0), 1.0)) == {
        conditions.BEAM_ON: 0.0,
        conditions.BEAM_CURRENT: 0.0,
    }


class Site:
    """A log whose clock and pool are in the hands of the test."""

    def __init__(self, sessions):
        self.now = NOW
        self.log = ConditionLog(sessions, lambda job, then: then(job()), 1.0, lambda: self.now)

    def after(self, minutes, **told):
        self.now = NOW + timedelta(minutes=minutes)
        self.log.look(Conditions(**told))


def test_that_a_trip_of_the_beam_is_found_again_in_the_database(sessions):
    site = Site(sessions)
    site.after(0)  # nobody has told anything yet
    for minutes, current in ((1, 200.0), (2, 201.0), (3, 0.0), (4, 0.0), (9, 190.0)):
        site.after(minutes, beam_current=current)
    with transaction(sessions) as session:
        found = conditions.beam_off(session, NOW, NOW + timedelta(hours=1))
    assert found == [(NOW + timedelta(minutes=3), NOW + timedelta(minutes=9))]


def test_that_what_could_not_be_kept_is_tried_again(sqlite_sessions, monkeypatch):
    site, real = Site(sqlite_sessions), condition_log.transaction

    def away(_sessions):
        raise DatabaseAway("the database is away")

    monkeypatch.setattr(condition_log, "transaction", away)
    site.after(0, beam_current=0.0)
    monkeypatch.setattr(condition_log, "transaction", real)
    site.after(0.1, beam_current=0.0)  # too early
    site.after(1, beam_current=0.0)
    with transaction(sqlite_sessions) as session:
        found = conditions.beam_off(session, NOW, NOW + timedelta(hours=1))
    assert found == [(NOW + timedelta(minutes=1), NOW + timedelta(hours=1))]
