"""Beam and run over time: when there was none."""

from datetime import timedelta

import pytest

from db import conditions
from db.conditions import BEAM_CURRENT, BEAM_ON, UNKNOWN
from db.session import transaction
from tests.db.factories import START


@pytest.fixture
def base(sessions):
    with transaction(sessions) as session:
        yield session


def at(minutes):
    return START + timedelta(minutes=minutes)


def told(session, minutes, on, current=200.0):
    conditions.put(session, at(minutes), {BEAM_ON: on, BEAM_CURRENT: current}, "nA")


def test_that_stretches_without_beam_are_cut_to_what_is_asked_for(base):
    for minutes, on in ((0, 1.0), (10, 0.0), (20, 1.0), (30, 0.0)):
        told(base, minutes, on)
    assert conditions.beam_off(base, at(-5), at(60)) == [(at(10), at(20)), (at(30), at(60))]
    assert conditions.beam_off(base, at(15), at(25)) == [(at(15), at(20))]
    assert conditions.beam_off(base, at(21), at(29)) == []


def test_that_what_is_unknown_counts_as_beam(base):
    told(base, 0, 0.0)
    told(base, 5, UNKNOWN, UNKNOWN)
    assert conditions.beam_off(base, at(0), at(60)) == [(at(0), at(5))]
