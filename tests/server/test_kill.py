"""``kill -9`` in the middle of a thousand pictures: none is lost, and none is there twice."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from inference_server.store import PictureStore
from tests.server.live import live, until
from tests.server.pictures import plot

PLOTS = ("CDC_occupancy", "FDC_occupancy", "TOF_hits", "ST_times")


@pytest.fixture(scope="module")
def drawn():
    """A thousand different pictures, by the name of their file."""
    return {
        f"P/Run000007/{PLOTS[number % 4]}_{number:04d}.png": plot("Good", number)
        for number in range(1000)
    }


def put(server, drawn, first, last):
    for name in list(drawn)[first:last]:
        server.put(name, drawn[name])


def check(server, drawn):
    """Each picture is in the database once and in the store, and nowhere else any more."""
    until(lambda: not server.left() and not server.journalled())
    rows = server.verdicts()
    expected = Counter(hashlib.sha256(data).hexdigest() for data in drawn.values())
    assert Counter(row.picture_hash for row in rows) == expected
    assert {(row.plot_type, row.chunk) for row in rows} == {
        (PLOTS[number % 4], number) for number in range(len(drawn))
    }
    assert server.quarantined() == []
    store = PictureStore(server.config.pictures_dir)
    assert {store.read(each, "png") for each in expected} == set(drawn.values())


@pytest.mark.slow
def test_that_a_server_killed_in_the_middle_of_a_thousand_pictures_loses_none(tmp_path, drawn):
    with live(tmp_path) as (server, heard):
        put(server, drawn, 0, 600)
        until(lambda: len(heard.verdicts) > 250)
        server.kill()
        assert server.left(), "the server was too quick to be killed in the middle"
        put(server, drawn, 600, 1000)
        server.start()
        check(server, drawn)


@pytest.mark.slow
def test_that_each_role_may_be_killed_in_the_middle_and_no_picture_is_lost(tmp_path, drawn):
    with live(tmp_path) as (server, heard):
        roles = ("predict", "keeper", "gateway", "balancer", "feeder")
        for number, role in enumerate(roles):
            first = number * 200
            seen = len(heard.verdicts)
            put(server, drawn, first, first + 150)
            until(lambda seen=seen: len(heard.verdicts) > seen + 20)
            before = server.roles()[role]
            before.kill()
            put(server, drawn, first + 150, first + 200)
            until(lambda role=role, old=before: server.roles().get(role, old).pid != old.pid)
        check(server, drawn)
