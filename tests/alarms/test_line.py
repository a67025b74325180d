"""The alarm line as a table of what leads where, and under random sequences."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_server.alarms import line as acts
from inference_server.alarms.line import Line
from inference_server.alarms.rules import Rule, Share, level_of, worse
from inference_server.protocol.alarms import SHELF_HOURS, AlarmCondition, AlarmSeverity
from inference_server.protocol.alarms import AlarmEventKind as Kind
from tests.alarms.factories import at, held

NONE, MINOR, MAJOR = AlarmSeverity.NONE, AlarmSeverity.MINOR, AlarmSeverity.MAJOR
SIGNS = {".": NONE, "m": MINOR, "M": MAJOR}


def after(script: str, rule: Rule | None = None, line: Line | None = None):
    """The line after a script: . m M are pictures, a acknowledges, s shelves, u unshelves,
    g closes the gate, o opens it, w takes it out of service, r puts it back."""
    line, told = line or Line(), []
    for minute, sign in enumerate(script, 1):
        moved = _step(line, sign, rule or Rule(), minute)
        line, told = moved.line, told + list(moved.kinds)
    return line, told


def _step(line, sign, rule, minute):
    now = at(minute)
    match sign:
        case "a":
            return acts.acknowledged(line, line.serial, held(minute))
        case "s":
            return acts.shelved(line, held(minute, hours=1))
        case "u":
            return acts.unshelved(line, now)
        case "g":
            return acts.suppressed(line, "No beam.")
        case "o":
            return acts.suppressed(line, "")
        case "w":
            return acts.out_of_service(line, held(minute))
        case "r":
            return acts.in_service(line)
    return acts.signalled(line, SIGNS[sign], rule, now)


C = AlarmCondition
TABLE = [
    (".", C.NORMAL, NONE, "good pictures are normal"),
    ("M", C.UNACKNOWLEDGED, MAJOR, "a bad one calls"),
    ("Ma", C.ACKNOWLEDGED, MAJOR, "somebody has seen it"),
    ("M.", C.RETURNED, MAJOR, "latched: the cause is gone and it still waits"),
    ("M.a", C.NORMAL, NONE, "acknowledged after its return"),
    ("Ma.", C.NORMAL, NONE, "returned after it was acknowledged"),
    ("m", C.UNACKNOWLEDGED, MINOR, "an unconfirmed bad one calls softly"),
    ("mM", C.UNACKNOWLEDGED, MAJOR, "it got worse"),
    ("maM", C.UNACKNOWLEDGED, MAJOR, "worse than what was acknowledged calls anew"),
    ("Mam", C.ACKNOWLEDGED, MINOR, "easing calls nobody"),
    ("MamM", C.UNACKNOWLEDGED, MAJOR, "worse again calls again"),
    ("Mm", C.UNACKNOWLEDGED, MAJOR, "the worst stays shown until it is seen"),
    ("Mma", C.ACKNOWLEDGED, MINOR, "then what is there now is shown"),
    ("M.M", C.UNACKNOWLEDGED, MAJOR, "back again"),
    ("Ms", C.SHELVED, MAJOR, "shelved"),
    ("sM", C.SHELVED, MAJOR, "shelved before it came"),
    ("sMu", C.UNACKNOWLEDGED, MAJOR, "unshelved while it is bad"),
    ("Masu", C.UNACKNOWLEDGED, MAJOR, "a shelf's end asks again"),
    ("Ms.u", C.RETURNED, MAJOR, "nobody acknowledged it on its shelf"),
    ("su", C.NORMAL, NONE, "nothing was wrong on the shelf"),
    ("gM", C.SUPPRESSED, NONE, "no alarm behind a closed gate"),
    ("gMo", C.NORMAL, NONE, "what was not judged is not raised later"),
    ("Mg", C.SUPPRESSED, MAJOR, "what stood before is kept"),
    ("Mgo", C.UNACKNOWLEDGED, MAJOR, "and waits when the gate opens"),
    ("Mago", C.NORMAL, NONE, "what was seen is judged anew"),
    ("MagoM", C.UNACKNOWLEDGED, MAJOR, "and calls if it is still bad"),
    ("wM", C.OUT_OF_SERVICE, NONE, "no alarm in maintenance"),
    ("Mw", C.OUT_OF_SERVICE, MAJOR, "kept during maintenance"),
    ("Mwr", C.UNACKNOWLEDGED, MAJOR, "and waits afterwards"),
    ("Msw", C.OUT_OF_SERVICE, MAJOR, "maintenance stands before a shelf"),
]


@pytest.mark.parametrize(("script", "condition", "shown", "why"), TABLE, ids=[t[3] for t in TABLE])
def test_that_a_line_stands_where_the_table_says(script, condition, shown, why):
    line, _ = after(script)
    assert (line.condition, line.shown) == (condition, shown)


def test_that_each_step_tells_what_happened():
    _, told = after("mM.aMasu.")
    assert told == [
        Kind.RAISED, Kind.WORSENED, Kind.RETURNED, Kind.ACKNOWLEDGED, Kind.RAISED,
        Kind.ACKNOWLEDGED, Kind.SHELVED, Kind.UNSHELVED, Kind.RAISED, Kind.RETURNED,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("on", "off", "script", "active"),
    [
        ((2, 3), (1, 1), "M", False),
        ((2, 3), (1, 1), "M.M", True),
        ((2, 3), (1, 1), "M..M", False),
        ((1, 1), (3, 3), "M..", True),
        ((1, 1), (3, 3), "M...", False),
        ((1, 1), (2, 3), "M.M.", False),
        ((1, 5), (1, 1), "M..", False),
    ],
)
def test_that_on_and_off_delays_count_n_of_m_pictures(on, off, script, active):
    line, _ = after(script, Rule(on=Share(*on), off=Share(*off)))
    assert line.active is active


def test_that_without_a_latch_a_return_needs_nobody():
    line, told = after("M.", Rule(latch=False))
    assert (line.condition, told) == (C.NORMAL, [Kind.RAISED, Kind.RETURNED])


def test_that_a_chattering_plot_gives_one_chattering_alarm_and_not_fifty():
    line, told = after("M." * 50, Rule(chatter_raises=3, chatter_s=1800))
    assert told.count(Kind.RAISED) == 2
    assert told.count(Kind.CHATTERING) == 1
    assert (line.chattering, line.condition) == (True, C.UNACKNOWLEDGED)


def test_that_chattering_ends_when_it_has_been_quiet_and_then_returns():
    rule = Rule(chatter_raises=3, chatter_s=600)
    line, _ = after("M.M.M.", rule)
    assert line.chattering
    moved = acts.tick(line, rule, at(6 + 11))
    assert moved.kinds == (Kind.CALMED, Kind.RETURNED)
    assert moved.line.condition is C.RETURNED


def test_that_a_worse_picture_breaks_through_acknowledged_chattering():
    rule = Rule(chatter_raises=3, chatter_s=1800)
    line, _ = after("m.m.m.a", rule)
    line, told = after("mM", rule, line)
    assert (told, line.shown, line.condition) == ([Kind.WORSENED], MAJOR, C.UNACKNOWLEDGED)


def test_that_an_old_acknowledgement_does_not_cover_what_came_after_it():
    line, _ = after("mM")
    with pytest.raises(ValueError, match="called again meanwhile"):
        acts.acknowledged(line, line.serial - 1, held(3))
    line, _ = after("Ma")
    with pytest.raises(ValueError, match="nothing to acknowledge"):
        acts.acknowledged(line, line.serial, held(3))


def test_that_a_shelf_needs_a_reason_and_one_of_the_spans():
    with pytest.raises(ValueError, match="reason"):
        acts.shelved(Line(), held(hours=1, why=" "))
    for hours in SHELF_HOURS:
        acts.shelved(Line(), held(hours=hours))
    with pytest.raises(ValueError, match="1 h, 6 h, 12 h, 1 d or 7 d"):
        acts.shelved(Line(), held(hours=2))
    with pytest.raises(ValueError, match="1 h"):
        acts.shelved(Line(), held())


def test_that_a_shelf_and_a_maintenance_end_by_themselves():
    line, _ = after("sM")
    assert acts.tick(line, Rule(), at(60)).kinds == ()
    moved = acts.tick(line, Rule(), at(61))
    assert moved.kinds[0] is Kind.SHELF_ENDED
    assert moved.line.condition is C.UNACKNOWLEDGED
    line = acts.out_of_service(Line(), held(hours=1)).line
    assert acts.tick(line, Rule(), at(61)).kinds == (Kind.IN_SERVICE,)


rules = st.builds(
    lambda a, b, c, d, latch, n: Rule(
        on=Share(min(a, b), max(a, b)), off=Share(min(c, d), max(c, d)), latch=latch, chatter_raises=n
    ),
    *[st.integers(1, 5)] * 4, st.booleans(), st.integers(2, 6),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(script=st.text("...mMMasugowrtT", max_size=60), rule=rules)
def test_that_no_sequence_loses_an_alarm_or_lets_a_shelved_one_sound(script, rule):
    line, minute = Line(), 0.0
    for sign in script:
        minute += 700 if sign == "T" else 1
        before = line
        try:
            moved = (
                acts.tick(line, rule, at(minute))
                if sign in "tT"
                else _step(line, sign, rule, minute)
            )
        except ValueError:
            continue
        line = moved.line
        _check(before, moved, sign, rule)


def _check(before, moved, sign, rule):
    line, kinds = moved.line, moved.kinds
    silent = {C.SHELVED, C.SUPPRESSED, C.OUT_OF_SERVICE}
    calls = {C.UNACKNOWLEDGED, C.RETURNED}
    if not before.seen and line.seen:  # it left the list: somebody saw it, or it has no latch
        assert Kind.ACKNOWLEDGED in kinds or (not rule.latch and Kind.RETURNED in kinds)
    if worse(line.shown, before.shown):  # worse always calls
        assert line.serial > before.serial
        assert not line.seen
        assert {Kind.RAISED, Kind.WORSENED, Kind.CHATTERING} & set(kinds)
    if line.shelf or line.asleep:
        assert line.condition in silent
    else:
        assert line.condition is line.base
    assert (line.condition in calls) <= (not line.seen)
    assert line.serial >= before.serial
    if before.asleep and line.asleep and sign in ".mM":
        assert line == before
    if line.seen and not line.active:
        assert line.shown is NONE
    if kinds == () and sign in ".mM":
        assert line.seen == before.seen


@given(
    recent=st.lists(st.sampled_from([NONE, MINOR, MAJOR]), max_size=20),
    level=st.sampled_from([NONE, MINOR, MAJOR]),
    rule=rules,
)
def test_that_a_level_moves_towards_the_newest_signal_only(recent, level, rule):
    new = level_of(recent, level, rule)
    if not recent or recent[-1] is level:
        assert new is level
    elif worse(recent[-1], level):
        assert not worse(level, new)
    else:
        assert not worse(new, level)
