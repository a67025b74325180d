"""Half a minute without the database, and the server killed meanwhile: a desktop hears on."""

from __future__ import annotations

import secrets
import time
import urllib.request
from itertools import count

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.ports import free_ports
from tests.server.live import live, ready, until
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


def told(port):
    """``/readyz`` and ``/metrics``: the status, whether the database is there as each says, what waits for it."""
    status, checks = ready(port)
    if not status:
        return 0, False, False, 0.0
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        families = text_string_to_metric_families(answer.read().decode())
        found = {each.name: each.value for family in families for each in family.samples}
    up, waiting = found["hydra_db_up"] == 1, found["hydra_db_spool_items"]
    return status, checks["database"], up, waiting


def well(port):
    return told(port) == (200, True, True, 0.0)


def spools(port):
    """Ready all the same: the database is away, and verdicts wait on disk."""
    *said, waiting = told(port)
    return said == [200, False, False] and waiting > 0


@pytest.mark.slow
@pytest.mark.mariadb
def test_that_a_desktop_hears_on_through_a_long_outage_and_a_kill_and_nothing_is_lost(
    fragile_mariadb, tmp_path, monkeypatch
):
    port = free_ports(1)
    monkeypatch.setenv("HYDRA_METRICS_PORT", str(port))
    name = f"live_{secrets.token_hex(4)}"
    fragile_mariadb.create(name)
    with live(tmp_path, database_url=fragile_mariadb.url(name)) as (server, heard):
        feed = Feed(server, heard)
        feed.for_a_while(2)
        assert all(each.inference_id for each in heard.verdicts)
        until(lambda: well(port))
        fragile_mariadb.stop()
        feed.for_a_while(OUTAGE_S / 2)
        until(lambda: spools(port))
        server.kill()
        server.start()
        feed.for_a_while(OUTAGE_S / 2)
        assert server.journalled()
        until(lambda: spools(port))
        assert heard.verdicts[-1].inference_id is None
        fragile_mariadb.start()
        until(lambda: not server.journalled())
        until(lambda: well(port))
        feed.one()
        assert heard.verdicts[-1].inference_id
        until(lambda: not server.left())
        rows = [(row.plot_type, row.chunk) for row in server.verdicts()]
        assert sorted(rows) == sorted(feed.fed)
        assert set(feed.in_order()) == set(feed.fed)
        assert server.quarantined() == []
