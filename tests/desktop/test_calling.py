"""Which sound when: once, repeated, quiet, muted, and what breaks through."""

from __future__ import annotations

import msgspec
import pytest
from alarm_factory import alarm

from hydra_desktop.calling import NAG_LOUDNESS, NAG_S, REPEAT_S, Calling, Ring
from inference_server.protocol.alarms import AlarmCondition as C
from inference_server.protocol.alarms import AlarmSeverity as S


@pytest.mark.parametrize("severity", [S.MINOR, S.MAJOR, S.INVALID, S.UNDEFINED])
def test_that_each_call_is_heard_at_once(severity):
    assert Calling().ring([alarm(severity=severity)], 0) == Ring(severity)


def test_that_a_major_repeats_until_somebody_acknowledges_it():
    calling, bad = Calling(), alarm(severity=S.MAJOR)
    assert calling.ring([bad], 0)
    assert calling.ring([bad], REPEAT_S - 0.1) is None
    assert calling.ring([bad], REPEAT_S) == Ring(S.MAJOR)
    seen = msgspec.structs.replace(bad, condition=C.ACKNOWLEDGED)
    assert calling.ring([seen], 2 * REPEAT_S) is None


def test_that_the_others_are_heard_once_and_then_quietly_every_quarter_of_an_hour():
    calling, minor = Calling(), alarm(severity=S.MINOR)
    assert calling.ring([minor], 0) == Ring(S.MINOR)
    assert calling.ring([minor], NAG_S - 1) is None
    assert calling.ring([minor], NAG_S) == Ring(S.MINOR, NAG_LOUDNESS)


@pytest.mark.parametrize(
    "condition", [C.SHELVED, C.SUPPRESSED, C.OUT_OF_SERVICE, C.ACKNOWLEDGED, C.NORMAL]
)
def test_that_what_nobody_has_to_acknowledge_is_silent(condition):
    assert Calling().ring([alarm(severity=S.MAJOR, condition=condition)], 0) is None


def test_that_the_worst_of_several_is_heard():
    both = [alarm("A", severity=S.MINOR), alarm("B", severity=S.MAJOR)]
    assert Calling().ring(both, 0) == Ring(S.MAJOR)


def test_that_a_new_occurrence_is_heard_again():
    calling, minor = Calling(), alarm(severity=S.MINOR)
    calling.ring([minor], 0)
    assert calling.ring([msgspec.structs.replace(minor, serial=2)], 1) == Ring(S.MINOR)


def test_that_a_mute_is_silent_until_its_end_and_counts_down():
    calling, bad = Calling(), alarm(severity=S.MAJOR)
    calling.mute(5, [bad], 0)
    assert calling.ring([bad], 10) is None
    assert calling.muted_s(60) == 240
    assert calling.ring([bad], 301) == Ring(S.MAJOR)
    assert calling.muted_s(302) == 0


def test_that_a_worse_alarm_breaks_through_a_mute_and_an_equal_one_does_not():
    calling, minor = Calling(), alarm("A", severity=S.MINOR)
    calling.mute(60, [minor], 0)
    assert calling.ring([minor, alarm("B", severity=S.MINOR)], 1) is None
    assert calling.ring([minor, alarm("C", severity=S.MAJOR)], 2) == Ring(S.MAJOR)
    assert calling.muted_s(3) == 0


def test_that_a_returned_major_waits_without_shouting():
    calling = Calling()
    gone = alarm(severity=S.MAJOR, condition=C.RETURNED, active=False)
    assert calling.ring([gone], 0) == Ring(S.MAJOR)
    assert calling.ring([gone], REPEAT_S) is None
