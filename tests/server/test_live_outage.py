"""Half a minute without the database, and the server killed meanwhile: a desktop hears on."""

from __future__ import annotations

import secrets
import time
from itertools import count

import pytest

from tests.server.live import live, until
from tests.server.pictures import plot

OUTAGE_S = 30.0


class Feed:
    """Puts pictures into the inbox, one when the one before has been judged."""

    def __init__(self, server, heard):
        self.server, self.heard = server, heard
        self.fed = []
        self._numbers = count(1)

    def one(self):
        number = next(self._numbers)
        name = f"plot{number % 5}"
        self.server.put(f"P/Run000007/{name}_{number:04d}.png", plot("Good", number))
        self.fed.append((name, number))
        until(lambda: (name, number) in self.in_order())

    def for_a_while(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.one()

    def in_order(self):
        return [(each.plot_type, each.chunk) for each in self.heard.verdicts]


@pytest.mark.slow
@pytest.mark.mariadb
def test_that_a_desktop_hears_on_through_a_long_outage_and_a_kill_and_nothing_is_lost(
    fragile_mariadb, tmp_path
):
    name = f"live_{secrets.token_hex(4)}"
    fragile_mariadb.create(name)
    with live(tmp_path, database_url=fragile_mariadb.url(name)) as (server, heard):
        feed = Feed(server, heard)
        feed.for_a_while(2)
        assert all(each.inference_id for each in heard.verdicts)
        fragile_mariadb.stop()
        feed.for_a_while(OUTAGE_S / 2)
        server.kill()
        server.start()
        feed.for_a_while(OUTAGE_S / 2)
        assert server.journalled()
        assert heard.verdicts[-1].inference_id is None
        fragile_mariadb.start()
        until(lambda: not server.journalled())
        feed.one()
        assert heard.verdicts[-1].inference_id
        until(lambda: not server.left())
        rows = [(row.plot_type, row.chunk) for row in server.verdicts()]
        assert sorted(rows) == sorted(feed.fed)
        assert set(feed.in_order()) == set(feed.fed)
        assert server.quarantined() == []
