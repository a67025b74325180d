"""Counts for Prometheus what the gateway hears. Labels come from small closed sets: never a run, a file, a person."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

from inference_server.gateway.measures import Census, Measures
from inference_server.messages import Measured
from inference_server.protocol.alarms import AlarmChanged, AlarmCondition, AlarmState
from inference_server.protocol.messages import (
    Component,
    News,
    PlotTypeInfo,
    TrainingState,
    Verdict,
)
from inference_server.version import version

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
NOT_READABLE = "not_readable"
ENDS = ("done", "failed", "stopped")  # of trainings
WORKING = ("running", "degraded")  # a role that still loads its models does not work yet


@dataclass(frozen=True, slots=True)
class Vitals:
    """How the server was at ``beat_at`` (monotonic seconds)."""

    beat_at: float
    database_up: bool
    spooling: bool = False  # verdicts can be kept on disk until the database is back
    waiting: int = 0  # verdicts that are
    stuck: bool = False  # the disk takes neither pictures nor verdicts
    working: frozenset[str] = frozenset()  # roles that do their work


@dataclass(slots=True)
class Metrics:
    """Counted by one thread; the libraries' own locks let others read."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    vitals: Vitals = field(default_factory=lambda: Vitals(time.monotonic(), database_up=False))
    measures: Measures = field(default_factory=Measures)
    _made: dict[str, Counter | Gauge | Histogram] = field(default_factory=dict)
    _models: dict[tuple[str, str], None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        here = self.registry
        Info("hydra_build", "The program.", registry=here).info({"version": version()})
        for kind, name, words, labels in _FAMILIES:
            self._made[name] = kind(name, words, labels, registry=here)
        self._made[_LATENCY] = Histogram(
            _LATENCY,
            "From the closed file to the published verdict.",
            buckets=SECONDS,
            registry=here,
        )
        here.register(self.measures)
        # A counter that appears with its first event has no rate then: the event would never be seen.
        for name, known in _KNOWN.items():
            for value in known:
                self._counter(name, value)

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
        self._counter("hydra_inference_failures_total", NOT_READABLE).inc()

    def trained(self, training: TrainingState) -> None:
        """A training moved; those that ended count."""
        if training.state in ENDS:
            self._counter("hydra_training_runs_total", training.state).inc()

    def told(self, news: News) -> None:
        """News went out."""
        if isinstance(news, AlarmChanged) and news.event is not None:
            self._counter("hydra_alarm_transitions_total", news.alarm.condition.value).inc()

    def counted(self, census: Census) -> None:
        """What the database was asked for."""
        self.measures.census = census

    def beat(
        self,
        parts: Sequence[tuple[Component, Measured]],
        plot_types: Sequence[PlotTypeInfo],
        *,
        clients: int,
        alarms: Sequence[AlarmState] = (),
        refused: int = 0,
    ) -> None:
        """Once a second: how all of it is."""
        self.measures.parts, self.measures.alarms = tuple(parts), tuple(alarms)
        self.measures.refused = refused
        for each, _ in parts:
            if each.state != "absent":
                self._gauge("hydra_component_up", each.name).set(each.state != "dead")
            if each.pid:
                self._gauge("hydra_queue_items", each.name).set(each.queue)
                self._gauge("hydra_queue_oldest_age_seconds", each.name).set(each.oldest_s)
                self._gauge("hydra_resident_memory_bytes", each.name).set(each.rss_mb * 1e6)
        self._gauge("hydra_clients_connected", "desktop").set(clients)
        self._active_models(plot_types)
        self.vitals = vitals(parts)
        self._gauge("hydra_db_up").set(self.vitals.database_up)

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


def vitals(parts: Sequence[tuple[Component, Measured]]) -> Vitals:
    """What the probes go by."""
    keepers = [more for each, more in parts if each.role == "keeper" and each.state in WORKING]
    return Vitals(
        time.monotonic(),
        database_up=any(each.role == "database" and each.state == "running" for each, _ in parts),
        spooling=any(more.spooled is not None and not more.stuck for more in keepers),
        waiting=sum(more.spooled or 0 for more in keepers),
        stuck=any(more.stuck for more in keepers),
        working=frozenset(each.role for each, _ in parts if each.state in WORKING),
    )


_LATENCY = "hydra_end_to_end_latency_seconds"
_KNOWN: dict[str, tuple[str, ...]] = {
    "hydra_inference_failures_total": (NOT_READABLE,),
    "hydra_training_runs_total": ENDS,
    "hydra_alarm_transitions_total": tuple(each.value for each in AlarmCondition),
}
_FAMILIES: tuple[tuple[type[Counter] | type[Gauge], str, str, tuple[str, ...]], ...] = (
    (Counter, "hydra_plots_received_total", "Pictures that were judged.", ("plot_type",)),
    (Counter, "hydra_verdicts_total", "Verdicts.", ("plot_type", "label", "confirmed")),
    (Counter, "hydra_inference_failures_total", "Pictures set aside.", ("reason",)),
    (Counter, "hydra_training_runs_total", "Trainings that ended.", ("result",)),
    (Counter, "hydra_alarm_transitions_total", "Alarms that moved to this state.", ("to",)),
    (
        Gauge,
        "hydra_plot_last_received_timestamp_seconds",
        "When the newest picture was judged.",
        ("plot_type",),
    ),
    (Gauge, "hydra_queue_items", "What waits in a component.", ("component",)),
    (
        Gauge,
        "hydra_queue_oldest_age_seconds",
        "How long the first of what waits has been waiting.",
        ("component",),
    ),
    (Gauge, "hydra_component_up", "Whether a component talks.", ("component",)),
    (Gauge, "hydra_resident_memory_bytes", "Memory of a component.", ("component",)),
    (Gauge, "hydra_db_up", "Whether the database answers.", ()),
    (Gauge, "hydra_clients_connected", "Stations heard in the last hour.", ("role",)),
    (Gauge, "hydra_model_active_info", "The active model.", ("plot_type", "model_id")),
)
