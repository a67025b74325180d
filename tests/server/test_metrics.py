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
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from db import activity, catalogue, inferences, labels, models
from db.session import transaction
from inference_server import logs
from inference_server.forecast import Growing, forecast
from inference_server.gateway.census import CensusTaker
from inference_server.gateway.measures import Census
from inference_server.gateway.metrics import Metrics, vitals
from inference_server.gateway.probes import alive, ready
from inference_server.gateway.stations import Stations
from inference_server.messages import BATCHES, Measured, Published, SetAside
from inference_server.protocol import activity as a
from inference_server.protocol.activity import BOUNDS_MS
from inference_server.protocol.alarms import (
    AlarmChanged,
    AlarmCondition,
    AlarmSeverity,
    StationReport,
)
from inference_server.protocol.messages import Component, Heartbeat, PlotTypeInfo
from inference_server.retention_rules import Rules
from inference_server.spread import Spread, binned
from tests.db.factories import inference, model
from tests.ports import free_ports
from tests.protocol.examples import ALARM, ALARM_EVENT, ITEM, TRAINING, verdict
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


def part(role, state="running", **more):
    return Component(role=role, name=role, state=state, pid=7, **more)


WORKING = (part("balancer"), part("predict"))


def test_that_a_server_is_ready_as_long_as_verdicts_are_kept():
    def judged(keeper, measured, base):
        parts = [(each, Measured()) for each in (*WORKING, base)]
        return vitals([*parts, (keeper, measured)])

    away, there = part("database", "dead"), part("database")
    spooling = judged(part("keeper", "degraded"), Measured(spooled=12), away)
    assert (spooling.waiting, spooling.database_up) == (12, False)
    assert all(ready(spooling, spooling.beat_at).values())
    stuck = judged(part("keeper", "degraded"), Measured(spooled=12, stuck=True), away)
    assert not ready(stuck, stuck.beat_at)["verdicts_kept"]
    full = judged(part("keeper", "degraded"), Measured(spooled=0, stuck=True), there)
    assert not ready(full, full.beat_at)["verdicts_kept"], "pictures cannot be written"
    dead = judged(part("keeper", "dead"), Measured(spooled=0), there)
    assert not ready(dead, dead.beat_at)["keeper"]
    assert not alive(spooling, spooling.beat_at + 20)


def test_that_a_worker_that_loads_its_models_is_not_ready():
    loading = vitals([(part("predict", "starting"), Measured()), (part("database"), Measured())])
    assert not ready(loading, loading.beat_at)["predict"]


def test_that_counters_are_there_before_the_first_event():
    """Else the first one has no rate, and nobody sees it."""
    value = Metrics().registry.get_sample_value
    assert value("hydra_inference_failures_total", {"reason": "not_readable"}) == 0
    assert value("hydra_training_runs_total", {"result": "failed"}) == 0
    assert value("hydra_alarm_transitions_total", {"to": "unacknowledged"}) == 0


def test_that_a_model_that_is_active_no_more_is_told_no_more():
    metrics = Metrics()
    kind = PlotTypeInfo(id=1, name="CDC", chunked=True, model_id=35)
    parts = [(part("keeper", queue=3), Measured())]
    metrics.beat(parts, [kind], clients=0)
    metrics.beat(parts, [msgspec.structs.replace(kind, model_id=41)], clients=0)
    metrics.trained(TRAINING)
    value = metrics.registry.get_sample_value
    assert value("hydra_model_active_info", {"plot_type": "CDC", "model_id": "41"}) == 1
    assert value("hydra_model_active_info", {"plot_type": "CDC", "model_id": "35"}) is None
    assert value("hydra_training_runs_total", {"result": "done"}) == 1
    assert value("hydra_queue_items", {"component": "keeper"}) == 3
    assert time.monotonic() - metrics.vitals.beat_at < 60


# Those that monitoring of other halls' programs expects; see docs/configuration.md.
NAMES = [
    "hydra_build_info",
    "hydra_plots_received_total",
    "hydra_plot_last_received_timestamp_seconds",
    "hydra_inference_duration_seconds_bucket",
    "hydra_end_to_end_latency_seconds_bucket",
    "hydra_inference_failures_total",
    "hydra_verdicts_total",
    "hydra_queue_items",
    "hydra_queue_oldest_age_seconds",
    "hydra_batch_items_bucket",
    "hydra_alarms",
    "hydra_alarm_transitions_total",
    "hydra_model_active_info",
    "hydra_model_load_duration_seconds_bucket",
    "hydra_model_load_failures_total",
    "hydra_trailing_accuracy_ratio",
    "hydra_clients_connected",
    "hydra_client_auth_failures_total",
    "hydra_db_up",
    "hydra_db_spool_items",
    "hydra_gpu_memory_used_bytes",
    "hydra_training_runs_total",
    "hydra_labels_total",
    "hydra_step_duration_seconds_bucket",
]


def measured_server():
    """A server with something behind each name."""
    judging, batches, loads = Spread("forward"), Spread("batch", BATCHES), Spread("load")
    judging.add(15.0, 3)
    batches.add(3)
    loads.add(120.0)
    worker = part("predict", queue=2, oldest_s=4.5, times=(judging.times(),), device="H100")
    more = Measured(
        batches=batches.counts(), loads=loads.counts(), load_failures=1, refused=2,
        gpu_used_bytes=5_000_000, gpu_total_bytes=80_000_000,
    )  # fmt: skip
    return [(worker, more), (part("keeper"), Measured(spooled=12)), (part("database"), Measured())]


def calling(severity, condition):
    return msgspec.structs.replace(ALARM, severity=severity, condition=condition)


def test_that_every_name_is_there_with_its_figure():
    metrics = Metrics()
    alarm = calling(AlarmSeverity.MAJOR, AlarmCondition.UNACKNOWLEDGED)
    metrics.judged(verdict())
    metrics.set_aside()
    metrics.trained(TRAINING)
    metrics.told(AlarmChanged(alarm=alarm, event=ALARM_EVENT))
    metrics.counted(Census(labels=(("CDC", "live", 40),), accuracy=(("CDC", 0.95),)))
    kind = PlotTypeInfo(id=1, name="CDC", chunked=True, model_id=35)
    metrics.beat(measured_server(), [kind], clients=1, alarms=[alarm], refused=3)
    found = samples(generate_latest(metrics.registry).decode())
    assert {name for name, _ in found} >= set(NAMES)
    worker = ("component", "predict")
    assert found["hydra_inference_duration_seconds_bucket", (worker, ("le", "0.02"))] == 3
    assert found["hydra_inference_duration_seconds_bucket", (worker, ("le", "0.01"))] == 0
    assert found["hydra_inference_duration_seconds_sum", (worker,)] == pytest.approx(0.045)
    assert found["hydra_batch_items_bucket", (worker, ("le", "4.0"))] == 1
    assert found["hydra_model_load_duration_seconds_count", (worker,)] == 1
    assert found["hydra_queue_oldest_age_seconds", (worker,)] == 4.5
    assert found["hydra_client_auth_failures_total", ()] == 5
    assert found["hydra_db_spool_items", ()] == 12
    assert found["hydra_db_up", ()] == 1
    assert found["hydra_gpu_memory_used_bytes", (("gpu", "H100"),)] == 5_000_000
    state = (("severity", "major"), ("state", "unacknowledged"))
    assert found["hydra_alarms", state] == 1
    assert found["hydra_alarm_transitions_total", (("to", "unacknowledged"),)] == 1
    assert found["hydra_labels_total", (("plot_type", "CDC"), ("source", "live"))] == 40
    assert found["hydra_trailing_accuracy_ratio", (("plot_type", "CDC"),)] == 0.95


def test_that_an_alarm_that_is_over_counts_no_more():
    metrics = Metrics()
    alarm = calling(AlarmSeverity.INVALID, AlarmCondition.ACKNOWLEDGED)
    metrics.beat([], [], clients=0, alarms=[alarm])
    metrics.beat([], [], clients=0)
    state = {"severity": "invalid", "state": "acknowledged"}
    assert metrics.registry.get_sample_value("hydra_alarms", state) == 0


def test_that_votes_and_trailing_accuracy_are_counted(sessions):
    with transaction(sessions) as session:
        for name in ("Good", "Bad"):
            catalogue.ensure_class(session, name, name.lower())
        plot = catalogue.register(session, "CDC", True, classes=("Good", "Bad"))
        number = models.add(session, model(plot))
        drawn = [inference(plot, n, model_id=number, unbiased=True) for n in range(1, 13)]
        for place, row in enumerate(inferences.store(session, drawn)):
            labels.vote(
                session, picture_id=row.picture_id, class_name="Good" if place < 9 else "Bad",
                who="ann", at=NOW, client_id=str(place),
            )  # fmt: skip
    taker = CensusTaker(sessions)
    found = taker.take()
    assert (found.labels, found.accuracy) == ((("CDC", "live", 12),), (("CDC", 0.75),))
    assert taker.take() == found, "votes are counted once"


def test_that_stations_are_known_with_their_version_until_they_fall_silent(gateway, client):
    silent = StationReport(station="counting-room-3", sound_works=False, sentence="No device.")
    client.ask(silent)
    reply, _ = client.ask(a.GetStations())
    [station] = reply.stations
    assert (station.sound, station.sentence) == (False, "No device.")
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


def growing(**more):
    known = {
        "store": 10e9,
        "base": 20e6,
        "base_size": 6 * 10**9,
        "free": 100 * 10**9,
        "here": False,
    }
    return Growing(**(known | more))


def test_that_the_forecast_names_the_day_when_the_disk_is_full():
    plain = forecast(growing(), Rules(0.0, 0.0), NOW)
    assert plain == (
        "The picture store grows by 10 GB a day, the database (6 GB) by 20 MB. "
        "100 GB are free: at this rate the disk is full on 24 May 2026."
    )
    here = forecast(growing(base=10e9, here=True), Rules(0.0, 0.0), NOW)
    assert "the disk is full on 19 May 2026." in here, "the database is on the same disk"
    ruled = forecast(growing(), Rules(3.0, 50.0), NOW)
    assert "older than 3 days go, so that about 30 GB stay and go beyond 50 GB" in ruled
    assert "labelled or logged stays" in ruled
    assert ruled.endswith("if the rules removed nothing.")
    assert "enough for ten years" in forecast(growing(store=1e6, free=10**12), Rules(0, 0), NOW)
    assert forecast(growing(store=0.0), Rules(0.0, 0.0), NOW).startswith("No pictures were stored")


def test_that_the_database_tells_its_size(sessions):
    with transaction(sessions) as session:
        found = activity.base(session)
    assert found.size > 100_000
    assert found.row == activity.TYPICAL, "a handful of verdicts says nothing"


def test_that_a_log_line_is_one_json_object():
    record = logging.LogRecord("hydra", logging.WARNING, "f", 1, "disk %s", ("full",), None)
    line = json.loads(logs.JsonLines().format(record))
    assert (line["level"], line["logger"], line["message"]) == ("warning", "hydra", "disk full")
