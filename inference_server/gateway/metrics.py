"""What monitoring systems ask over HTTP: ``/metrics`` for Prometheus, ``/livez`` and ``/readyz``.

The gateway's thread counts and leaves a picture of the server each second; the HTTP threads read only that.
Labels come from small closed sets: never a run, a file or a person.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    generate_latest,
)

from inference_server.protocol.messages import Component, PlotTypeInfo, TrainingState, Verdict

log = logging.getLogger(__name__)

STUCK_S = 10.0  # a loop that has not turned for so long is not alive
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
NEEDED = ("balancer", "keeper", "predict")


@dataclass(frozen=True, slots=True)
class Vitals:
    """How the server was at ``beat_at`` (monotonic seconds)."""

    beat_at: float
    database_up: bool
    journal: bool = False  # verdicts go on although the database is away
    alive: frozenset[str] = frozenset()  # roles that talk


@dataclass(slots=True)
class Metrics:
    """Counted by one thread; the libraries' own locks let others read."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    vitals: Vitals = field(default_factory=lambda: Vitals(time.monotonic(), database_up=False))
    _made: dict[str, Counter | Gauge | Histogram] = field(default_factory=dict)
    _models: dict[tuple[str, str], None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        here = self.registry
        Info("hydra_build", "The program.", registry=here).info({"version": _version()})
        for kind, name, words, labels in _FAMILIES:
            self._made[name] = kind(name, words, labels, registry=here)
        self._made[_LATENCY] = Histogram(
            _LATENCY,
            "From the closed file to the published verdict.",
            buckets=SECONDS,
            registry=here,
        )

    def judged(self, verdict: Verdict) -> None:
        """A verdict was published."""
        plot = verdict.plot_type
        sure = "true" if verdict.confirmed else "false"
        self._counter("hydra_plots_received_total", plot).inc()
        self._counter("hydra_verdicts_total", plot, verdict.label, sure).inc()
        last = verdict.judged_at.timestamp()
        self._gauge("hydra_plot_last_received_timestamp_seconds", plot).set(last)
        latency = self._made[_LATENCY]
        assert isinstance(latency, Histogram)
        latency.observe(verdict.latency_ms / 1e3)

    def set_aside(self) -> None:
        """A picture went to quarantine."""
        self._counter("hydra_inference_failures_total", "not_readable").inc()

    def trained(self, training: TrainingState) -> None:
        """A training moved; those that ended count."""
        if training.state in {"done", "failed", "stopped"}:
            self._counter("hydra_training_runs_total", training.state).inc()

    def beat(
        self,
        components: Sequence[Component],
        plot_types: Sequence[PlotTypeInfo],
        *,
        database_up: bool,
        clients: int,
    ) -> None:
        """Once a second: how all of it is."""
        for each in components:
            self._gauge("hydra_queue_items", each.name).set(each.queue)
            self._gauge("hydra_component_up", each.name).set(each.state != "dead")
            self._gauge("hydra_resident_memory_bytes", each.name).set(each.rss_mb * 1e6)
        self._gauge("hydra_db_up").set(database_up)
        self._gauge("hydra_clients_connected", "desktop").set(clients)
        self._active_models(plot_types)
        talking = frozenset(each.role for each in components if each.state != "dead")
        self.vitals = Vitals(
            time.monotonic(), database_up, journal="keeper" in talking, alive=talking
        )

    def _active_models(self, plot_types: Sequence[PlotTypeInfo]) -> None:
        now = {
            (each.name, str(each.model_id)): None
            for each in plot_types
            if each.model_id is not None
        }
        family = self._made["hydra_model_active_info"]
        for gone in self._models.keys() - now.keys():
            family.remove(*gone)
        for key in now:
            self._gauge("hydra_model_active_info", *key).set(1)
        self._models = now

    def _counter(self, name: str, *labels: str) -> Counter:
        family = self._made[name]
        assert isinstance(family, Counter)
        return family.labels(*labels) if labels else family

    def _gauge(self, name: str, *labels: str) -> Gauge:
        family = self._made[name]
        assert isinstance(family, Gauge)
        return family.labels(*labels) if labels else family


_LATENCY = "hydra_end_to_end_latency_seconds"
_FAMILIES: tuple[tuple[type[Counter] | type[Gauge], str, str, tuple[str, ...]], ...] = (
    (Counter, "hydra_plots_received_total", "Pictures that were judged.", ("plot_type",)),
    (Counter, "hydra_verdicts_total", "Verdicts.", ("plot_type", "label", "confirmed")),
    (Counter, "hydra_inference_failures_total", "Pictures set aside.", ("reason",)),
    (Counter, "hydra_training_runs_total", "Trainings that ended.", ("result",)),
    (
        Gauge,
        "hydra_plot_last_received_timestamp_seconds",
        "When the newest picture was judged.",
        ("plot_type",),
    ),
    (Gauge, "hydra_queue_items", "What waits in a component.", ("component",)),
    (Gauge, "hydra_component_up", "Whether a component talks.", ("component",)),
    (Gauge, "hydra_resident_memory_bytes", "Memory of a component.", ("component",)),
    (Gauge, "hydra_db_up", "Whether the database answers.", ()),
    (Gauge, "hydra_clients_connected", "Stations heard in the last hour.", ("role",)),
    (Gauge, "hydra_model_active_info", "The active model.", ("plot_type", "model_id")),
)


def ready(vitals: Vitals, now: float) -> dict[str, bool]:
    """The checks of ``/readyz``: ready where all of them hold.

    A database that is away does not count against it as long as the keeper takes verdicts into its journal.
    """
    checks = {"loop": alive(vitals, now), "database": vitals.database_up or vitals.journal}
    return checks | {role: role in vitals.alive for role in NEEDED}


def alive(vitals: Vitals, now: float) -> bool:
    """Whether the gateway's loop turns."""
    return now - vitals.beat_at < STUCK_S


class Http:
    """The server on its own threads; a context manager. Raises OSError: the port is in use."""

    def __init__(self, host: str, port: int, metrics: Metrics) -> None:
        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_GET(self) -> None:
                status, media, body = _answer(metrics, self.path)
                self.send_response(status)
                self.send_header("Content-Type", media)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
                log.debug(format, *args)

        self._server = ThreadingHTTPServer(("" if host == "*" else host, port), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="metrics", daemon=True, args=(0.2,)
        )

    def __enter__(self) -> Http:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _answer(metrics: Metrics, path: str) -> tuple[int, str, bytes]:
    vitals, now = metrics.vitals, time.monotonic()
    match path.partition("?")[0]:
        case "/metrics":
            return 200, CONTENT_TYPE_LATEST, generate_latest(metrics.registry)
        case "/livez":
            lives = alive(vitals, now)
            return 200 if lives else 503, "text/plain", b"alive\n" if lives else b"stuck\n"
        case "/readyz":
            checks = ready(vitals, now)
            body = json.dumps(checks, indent=2).encode() + b"\n"
            return 200 if all(checks.values()) else 503, "application/json", body
    return 404, "text/plain", b"/metrics, /livez, /readyz\n"


def _version() -> str:
    try:
        return version("hydra-dqm")
    except PackageNotFoundError:
        return "0+checkout"
