"""Verdict and supply lines of many plots: what calls, what does not, and what a restart keeps."""

from __future__ import annotations

import msgspec
import pytest

from inference_server.alarms.rules import Rule, Share
from inference_server.alarms.standing import EVERY, Kind, decode, encode
from inference_server.protocol.alarms import (
    AlarmCondition,
    AlarmLine,
    AlarmSeverity,
    Conditions,
)
from inference_server.protocol.alarms import AlarmEventKind as Happened
from tests.alarms.factories import START, at, engine, held, ref, verdict


def told(changes):
    return [
        (event.plot_type, event.line.value, event.kind)
        for change in changes
        for event in change.events
    ]


@pytest.mark.parametrize(
    ("label", "confirmed", "severity"),
    [
        ("Bad", True, AlarmSeverity.MAJOR),
        ("Bad", False, AlarmSeverity.MINOR),
        ("Hot", True, AlarmSeverity.MINOR),
    ],
)
def test_that_a_verdict_calls_by_class_and_confirmation(label, confirmed, severity):
    made = engine()
    changes = made.observe(verdict(1, label, confirmed=confirmed), at(1))
    assert told(changes) == [("CDC_occupancy", "verdict", Happened.RAISED)]
    (state,) = made.states()
    assert (state.severity, state.run, state.first_chunk) == (severity, 92317, 1)


@pytest.mark.parametrize(("label", "confirmed"), [("Good", True), ("Good", False), ("Hot", False)])
def test_that_good_and_doubtful_warnings_call_nobody(label, confirmed):
    made = engine()
    assert told(made.observe(verdict(1, label, confirmed=confirmed), at(1))) == []
    assert made.states() == ()


def test_that_an_older_or_repeated_verdict_changes_nothing():
    made = engine()
    made.observe(verdict(5), at(5))
    assert made.observe(verdict(4, "Bad"), at(5)) == []
    assert made.observe(verdict(5, "Bad"), at(5)) == []


def test_that_a_late_plot_calls_on_its_supply_line_and_returns_with_the_next_picture():
    made = engine("A", "B")
    for chunk in (1, 2, 3, 4, 5, 6):
        made.observe(verdict(chunk, plot_type="B"), at(chunk))
        if chunk == 1:
            made.observe(verdict(1, plot_type="A"), at(1))
    assert told(made.tick(at(4))) == []  # exactly at its limit of 180 s
    assert told(made.tick(at(6.1))) == [("A", "supply", Happened.RAISED)]
    assert told(made.tick(at(6.2))) == []
    changes = made.observe(verdict(7, plot_type="A"), at(7))
    assert told(changes) == [("A", "supply", Happened.RETURNED)]


def test_that_all_plots_stopping_is_one_alarm():
    made = engine("A", "B", "C")
    for name in "ABC":
        made.observe(verdict(1, plot_type=name), at(1))
    assert told(made.tick(at(10))) == [(EVERY[0], "supply", Happened.RAISED)]
    assert told(made.observe(verdict(11, plot_type="A"), at(11))) == [
        (EVERY[0], "supply", Happened.RETURNED)
    ]


def test_that_nothing_is_late_while_no_run_goes_on():
    made = engine()
    made.observe(verdict(1), at(1))
    made.conditions = Conditions(running=False)
    assert told(made.tick(at(30))) == []


def test_that_nothing_is_late_because_of_a_time_before_the_start():
    made = engine()
    made.observe(verdict(-500), START)
    assert told(made.tick(at(2))) == []
    assert told(made.tick(at(4))) != []


def test_that_an_unreadable_picture_calls_until_one_can_be_read():
    made = engine()
    made.observe(verdict(1), at(1))
    changes = made.unreadable(("CDC_occupancy", True), "the file ends too early", at(2))
    assert told(changes) == [("CDC_occupancy", "supply", Happened.RAISED)]
    assert changes[0].standing.line.shown is AlarmSeverity.INVALID
    assert told(made.observe(verdict(3), at(3))) == [("CDC_occupancy", "supply", Happened.RETURNED)]


def test_that_acknowledging_one_line_never_touches_the_other():
    made = engine()
    made.observe(verdict(1, "Bad"), at(1))
    made.unreadable(("CDC_occupancy", True), "half written", at(2))
    made.acknowledge(ref(made, line=AlarmLine.SUPPLY), held(3))
    states = {state.line: state.condition for state in made.states()}
    assert states == {
        AlarmLine.VERDICT: AlarmCondition.UNACKNOWLEDGED,
        AlarmLine.SUPPLY: AlarmCondition.ACKNOWLEDGED,
    }


def test_that_missing_data_does_not_end_a_bad_verdict():
    made = engine()
    made.observe(verdict(1, "Bad"), at(1))
    made.tick(at(60))
    assert AlarmCondition.UNACKNOWLEDGED in {
        state.condition for state in made.states() if state.line is AlarmLine.VERDICT
    }


def test_that_no_beam_closes_the_gate_and_unknown_beam_does_not():
    made = engine()
    made.learn({("CDC_occupancy", True): Kind(1)}, {1: Rule(beam_minimum=50)})
    made.conditions = Conditions(beam_current=2.0)
    assert told(made.observe(verdict(1, "Bad"), at(1))) == []
    assert {state.condition for state in made.states()} == {AlarmCondition.SUPPRESSED}
    made.conditions = Conditions()
    assert told(made.observe(verdict(2, "Bad"), at(2))) == [
        ("CDC_occupancy", "verdict", Happened.RAISED)
    ]


def test_that_a_hidden_plot_type_calls_nobody():
    made = engine()
    made.learn({("CDC_occupancy", True): Kind(1, ignored=True)}, {})
    assert told(made.observe(verdict(1, "Bad"), at(1))) == []


def test_that_maintenance_takes_both_lines_of_a_detector_out_of_service():
    made = engine("A", "B")
    made.maintain([1, 2], held(1, hours=6), on=True)
    assert told(made.observe(verdict(2, "Bad", plot_type="A"), at(2))) == []
    assert [state.condition for state in made.states()] == [AlarmCondition.OUT_OF_SERVICE] * 4
    assert all(state.maintenance.who == "ann" for state in made.states())
    made.maintain([1], held(3), on=False)
    assert told(made.observe(verdict(4, "Bad", plot_type="A"), at(4))) == [
        ("A", "verdict", Happened.RAISED)
    ]
    with pytest.raises(ValueError, match="no plot type 9"):
        made.maintain([9], held(5), on=True)


def test_that_a_restart_goes_on_where_it_was():
    made = engine("A", "B")
    made.observe(verdict(1, "Bad", plot_type="A"), at(1))
    made.observe(verdict(1, "Bad", plot_type="B"), at(1))
    made.acknowledge(ref(made, "A"), held(2))
    made.shelve(ref(made, "B"), held(2, hours=1))
    again = engine("A", "B")
    again.restore(decode(encode(made.standings())))
    assert again.states() == made.states()
    assert told(again.observe(verdict(1, "Bad", plot_type="A"), at(3))) == []
    assert told(again.tick(at(63)))[:2] == [
        ("B", "verdict", Happened.SHELF_ENDED),
        ("B", "verdict", Happened.RAISED),
    ]


def test_that_a_state_file_of_something_else_is_an_error_and_no_alarm():
    with pytest.raises(msgspec.MsgspecError):
        decode(b'{"no": "list"}')


def test_that_an_event_keeps_who_and_why():
    made = engine()
    made.observe(verdict(1, "Bad"), at(1))
    (change,) = made.acknowledge(ref(made), held(2, why="called the expert"))
    assert (change.events[0].who, change.events[0].why) == ("ann", "called the expert")
    assert change.events[0].condition is AlarmCondition.ACKNOWLEDGED


def test_that_each_plot_type_calls_by_its_own_rule():
    made = engine("A", "B")
    kinds = {("A", True): Kind(1), ("B", True): Kind(2)}
    made.learn(kinds, {1: Rule(on=Share(2, 3))})
    assert told(made.observe(verdict(1, "Bad", plot_type="A"), at(1))) == []
    assert told(made.observe(verdict(1, "Bad", plot_type="B"), at(1))) != []
    assert told(made.observe(verdict(2, "Bad", plot_type="A"), at(2))) == [
        ("A", "verdict", Happened.RAISED)
    ]
