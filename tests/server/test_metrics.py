"""What monitoring reads: metrics that the client's own parser takes, probes that tell the truth, logs as JSON."""
# ruff: noqa: F811 - fixtures are arguments

import json
import logging
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from db.activity import Growth
from inference_server import logs
from inference_server.gateway.activity_requests import binned, forecast
from inference_server.gateway.metrics import Metrics, Vitals, alive, ready
from inference_server.gateway.stations import Stations
from inference_server.messages import Published, SetAside
from inference_server.protocol import activity as a
from inference_server.protocol.activity import BOUNDS_MS
from inference_server.protocol.messages import Component, Heartbeat, PlotTypeInfo
from tests.ports import free_ports
from tests.protocol.examples import ITEM, TRAINING, verdict
from tests.server.test_gateway import (  # noqa: F401 - fixtures
    client,
    feed,
    heard,
    key,
    role,
    running,
)
from tests.server.test_gateway import config as plain_config  # noqa: F401 - a fixture

NOW = datetime(2026, 5, 14, 8, 0, tzinfo=UTC)


@pytest.fixture
def gateway(plain_config):
    config = msgspec.structs.replace(plain_config, metrics_port=free_ports(1))
    with running(config):
        yield config


@pytest.fixture
def config(plain_config):
    return plain_config


def fetched(gateway, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{gateway.metrics_port}{path}") as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def samples(text):
    return {
        (each.name, tuple(sorted(each.labels.items()))): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


def test_that_prometheus_reads_what_was_judged(gateway, client, feed, role):
    role.say(Published(verdict=verdict(), sequence=1), b"")
    role.say(SetAside(item=ITEM))
    heard(feed, Heartbeat)
    label = (("plot_type", "CDC_occupancy"),)
    while not (found := samples(fetched(gateway, "/metrics")[1])).get(
        ("hydra_inference_failures_total", (("reason", "not_readable"),))
    ):
        heard(feed, Heartbeat)
    assert found["hydra_plots_received_total", label] == 1
    assert found["hydra_end_to_end_latency_seconds_count", ()] == 1
    assert found["hydra_clients_connected", (("role", "desktop"),)] == 1
    key = (("confirmed", "true"), ("label", "Bad"), ("plot_type", "CDC_occupancy"))
    assert found["hydra_verdicts_total", key] == 1


def test_that_the_probes_say_what_is_missing(gateway, client, feed):
    heard(feed, Heartbeat)
    assert fetched(gateway, "/livez") == (200, "alive\n")
    status, body = fetched(gateway, "/readyz")
    assert status == 503
    assert json.loads(body)["predict"] is False
    assert fetched(gateway, "/else")[0] == 404


def test_that_a_server_is_ready_while_the_journal_stands_in_for_the_database():
    roles = frozenset({"balancer", "keeper", "predict"})
    whole = Vitals(100.0, database_up=False, journal=True, alive=roles)
    assert all(ready(whole, 101.0).values())
    assert not ready(Vitals(100.0, database_up=False, alive=roles), 101.0)["database"]
    assert not alive(whole, 120.0)


def test_that_a_model_that_is_active_no_more_is_told_no_more():
    metrics = Metrics()
    kind = PlotTypeInfo(id=1, name="CDC", chunked=True, model_id=35)
    component = Component(role="keeper", name="keeper", queue=3)
    metrics.beat([component], [kind], database_up=True, clients=0)
    metrics.beat(
        [component], [msgspec.structs.replace(kind, model_id=41)], database_up=True, clients=0
    )
    metrics.trained(TRAINING)
    value = metrics.registry.get_sample_value
    assert value("hydra_model_active_info", {"plot_type": "CDC", "model_id": "41"}) == 1
    assert value("hydra_model_active_info", {"plot_type": "CDC", "model_id": "35"}) is None
    assert value("hydra_training_runs_total", {"result": "done"}) == 1
    assert value("hydra_queue_items", {"component": "keeper"}) == 3
    assert time.monotonic() - metrics.vitals.beat_at < 60


def test_that_stations_are_known_with_their_version_until_they_fall_silent(gateway, client):
    reply, _ = client.ask(a.GetStations())
    [station] = reply.stations
    assert (station.name, station.key, station.version) == (
        "counting-room-3", "counting-room-3", "0.1.0",
    )  # fmt: skip
    known = Stations()
    known.greeted("shift", "room", "1", NOW)
    assert known.connected(NOW + timedelta(hours=2)) == []
    known.heard("shift", NOW + timedelta(hours=2))
    assert len(known.connected(NOW + timedelta(hours=2))) == 1


def test_that_activity_is_told_before_anything_was_judged(gateway, client):
    reply, _ = client.ask(a.GetActivity())
    assert (reply.last_minute, reply.today, reply.days) == (0, 0, ())
    assert reply.forecast.startswith("No pictures were stored")


def test_that_times_are_counted_where_they_belong():
    told = binned("decode", [0.5, 5.0, 5.1, 9000.0])
    assert sum(told.counts) == 4
    assert (told.counts[0], told.counts[-1]) == (1, 1)
    assert told.counts[BOUNDS_MS.index(5.0)] == 1
    assert binned("decode", []).median_ms == 0.0


def test_that_the_forecast_names_the_day_when_the_disk_is_full():
    grown = Growth(stored=70_000_000_000, days=7.0)
    assert "the disk is full on 24 May 2026" in forecast(grown, 100_000_000_000, 0.0, NOW)
    assert "kept below 50 GB" in forecast(grown, 100_000_000_000, 50.0, NOW)
    assert "enough for ten years" in forecast(Growth(7_000_000, 7.0), 10**12, 0.0, NOW)


def test_that_a_log_line_is_one_json_object():
    record = logging.LogRecord("hydra", logging.WARNING, "f", 1, "disk %s", ("full",), None)
    line = json.loads(logs.JsonLines().format(record))
    assert (line["level"], line["logger"], line["message"]) == ("warning", "hydra", "disk full")
