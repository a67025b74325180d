"""The figures of a shift, counted by hand on a small night."""

from __future__ import annotations

from inference_server.alarms.figures import figures
from inference_server.protocol.alarms import AlarmSeverity
from tests.alarms.factories import at, engine, held, ref, verdict


def test_that_a_shift_is_counted_as_eemua_191_wants_it():
    made = engine("A", "B")
    changes = []
    for chunk in range(1, 12):  # A calls 11 times in 20 min and returns each time
        changes += made.observe(verdict(2 * chunk, "Bad", plot_type="A"), at(2 * chunk))
        changes += made.observe(verdict(2 * chunk + 1, plot_type="A"), at(2 * chunk + 1))
    changes += made.observe(verdict(3, "Bad", confirmed=False, plot_type="B"), at(3))
    changes += made.acknowledge(ref(made, "B"), held(5))
    events = sorted((e for c in changes for e in c.events), key=lambda event: event.at)
    told = figures(events, made.standings(), at(0), at(60))
    assert told.worst == (("A", 5), ("B", 1))  # the fifth call of A was "chattering"
    assert told.chattering == ("A",)
    assert (told.raised, told.per_10_min, told.worst_10_min, told.floods) == (6, 1.0, 5, 0)
    assert told.by_severity == {AlarmSeverity.MAJOR: 5, AlarmSeverity.MINOR: 1}
    assert told.acknowledge_s == 120.0
    assert figures(events, made.standings(), at(0), at(60 * 25)).stale == ("A", "B")


def test_that_ten_calls_in_ten_minutes_are_a_flood():
    names = [f"P{number}" for number in range(10)]
    made = engine(*names)
    events = [
        event
        for name in names
        for change in made.observe(verdict(1, "Bad", plot_type=name), at(1))
        for event in change.events
    ]
    assert figures(events, [], at(0), at(60)).floods == 1


def test_that_a_quiet_shift_is_all_zero():
    told = figures([], [], at(0), at(60))
    assert (told.raised, told.per_10_min, told.worst, told.acknowledge_s) == (0, 0.0, (), None)
