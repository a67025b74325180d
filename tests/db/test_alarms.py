"""Alarm states, history, settings and shelves, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from db import alarms, catalogue
from db.session import transaction
from db.tables.alarms import AlarmShelfRow
from db.tables.people import AuditRow
from tests.db.factories import START


def event(number: int = 1, **fields):
    known = {
        "uid": f"s-{number}", "at": START + timedelta(minutes=number), "kind": "raised",
        "plot_type": "CDC_occupancy", "chunked": True, "line": "verdict", "severity": "major",
        "condition": "unacknowledged", "sentence": "is Bad, 97 % sure", "who": "", "why": "",
        "run": 92317, "chunk": number, "picture_hash": "a" * 64,
    }  # fmt: skip
    return alarms.StoredEvent(**(known | fields))


def state(condition: str = "unacknowledged", **fields):
    known = {
        "plot_type": "CDC_occupancy", "chunked": True, "line": "verdict", "condition": condition,
        "severity": "major", "since": START, "state": {"serial": 3},
    }  # fmt: skip
    return alarms.StoredState(**(known | fields))


def test_that_a_state_is_one_row_and_an_event_told_twice_is_one(sessions):
    for condition in ("unacknowledged", "acknowledged"):
        with transaction(sessions) as session:
            alarms.store(session, [state(condition)], [event()])
    with transaction(sessions) as session:
        (held,) = alarms.states(session)
        page, following = alarms.history(session, alarms.Search())
    assert (held.condition, held.state, held.since) == ("acknowledged", {"serial": 3}, START)
    assert ([each.uid for each in page], following) == (["s-1"], None)


def test_that_the_history_is_searched_and_paged_newest_first(sessions):
    with transaction(sessions) as session:
        alarms.store(session, [], [event(n) for n in range(1, 6)])
        ann = event(6, kind="acknowledged", who="ann", why="called the 50 % expert")
        alarms.store(session, [], [ann, event(7, plot_type="FCAL_hits")])
    with transaction(sessions) as session:
        first, following = alarms.history(session, alarms.Search(limit=4))
        second, end = alarms.history(session, alarms.Search(limit=4, before=following))
        assert [each.uid for each in (*first, *second)] == [f"s-{n}" for n in range(7, 0, -1)]
        assert end is None

        def found(**wanted):
            return [each.uid for each in alarms.history(session, alarms.Search(**wanted))[0]]

        assert found(text="fcal") == ["s-7"]
        assert found(text="50 %") == ["s-6"]
        assert found(text="Ann") == ["s-6"]
        assert found(kinds=("acknowledged",)) == ["s-6"]
        assert found(since=START + timedelta(minutes=6)) == ["s-7", "s-6"]
        assert found(until=START + timedelta(minutes=2)) == ["s-1"]
        oldest = alarms.between(session, START, START + timedelta(minutes=3))
    assert [each.uid for each in oldest] == ["s-1", "s-2"]


def test_that_settings_are_kept_with_who_changed_them(sessions):
    wanted = alarms.StoredSettings(
        on_count=2, on_of=3, off_count=1, off_of=1, latch=False, beam_minimum=50.0,
        run_needed=True, watch_supply=False, chatter_raises=4, chatter_s=600.0,
    )  # fmt: skip
    with transaction(sessions) as session:
        number = catalogue.register(session, "CDC_occupancy", chunked=True)
        alarms.set_settings(session, number, wanted, who="ann", reason="flickers")
    with transaction(sessions) as session:
        assert alarms.settings(session) == {number: wanted}
        entry = session.scalars(select(AuditRow).where(AuditRow.what == "alarm settings")).one()
        assert (entry.who, entry.subject, entry.after["reason"]) == (
            "ann",
            "CDC_occupancy",
            "flickers",
        )
    with transaction(sessions) as session, pytest.raises(KeyError, match="no plot type 99"):
        alarms.set_settings(session, 99, wanted, who="ann", reason="")


def test_that_a_shelf_is_kept_with_its_end(sessions):
    shelf = alarms.StoredShelf(
        uid="s-2", plot_type="CDC_occupancy", chunked=True, line="verdict", who="ann", why="noisy",
        since=START + timedelta(minutes=2), until=START + timedelta(hours=1),
    )  # fmt: skip
    with transaction(sessions) as session:
        alarms.store(session, [], [event(2, kind="shelved", who="ann")], [shelf])
        alarms.store(session, [], [event(9, kind="unshelved", who="bob")])
    with transaction(sessions) as session:
        row = session.scalars(select(AlarmShelfRow)).one()
        assert (row.who, row.ended_by, row.ended_at) == ("ann", "bob", START + timedelta(minutes=9))
