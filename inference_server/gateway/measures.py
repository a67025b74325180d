"""What roles and the database have counted themselves, as families of metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from inference_server.messages import BATCHES, Counts, Measured
from inference_server.protocol.activity import BOUNDS_MS, Times
from inference_server.protocol.alarms import AlarmCondition, AlarmSeverity, AlarmState
from inference_server.protocol.messages import Component

_SECONDS = tuple(bound / 1e3 for bound in BOUNDS_MS)


@dataclass(frozen=True, slots=True)
class Census:
    """What the database counts: votes by plot type and source, accuracy by plot type (0..1)."""

    labels: tuple[tuple[str, str, int], ...] = ()
    accuracy: tuple[tuple[str, float], ...] = ()


@dataclass(slots=True, eq=False)
class Measures(Collector):
    """Each field is replaced as a whole by the gateway's thread and read by those of HTTP."""

    parts: Sequence[tuple[Component, Measured]] = ()
    alarms: Sequence[AlarmState] = ()
    refused: int = 0
    census: Census = field(default_factory=Census)

    def collect(self) -> Iterable[Metric]:
        """All families, with or without samples."""
        parts = self.parts
        yield self._steps(parts)
        yield self._inference(parts)
        yield _histogram(
            "hydra_batch_items", "Pictures judged in one pass.", BATCHES,
            ((each.name, more.batches, 1.0) for each, more in parts),
        )  # fmt: skip
        yield _histogram(
            "hydra_model_load_duration_seconds", "Loading and trying a model.", _SECONDS,
            ((each.name, more.loads, 1e3) for each, more in parts),
        )  # fmt: skip
        yield self._failures(parts)
        yield from self._totals(parts)
        yield self._alarms()
        yield from self._counted()

    def _steps(self, parts: Sequence[tuple[Component, Measured]]) -> Metric:
        family = HistogramMetricFamily(
            "hydra_step_duration_seconds", "Each step on the way of a picture.",
            labels=("component", "step"),
        )  # fmt: skip
        for each, _ in parts:
            for times in each.times:
                _add(family, (each.name, times.name), _SECONDS, _counts(times), 1e3)
        return family

    def _inference(self, parts: Sequence[tuple[Component, Measured]]) -> Metric:
        judged = (
            (each.name, _counts(times), 1e3)
            for each, _ in parts
            for times in each.times
            if times.name == "forward"
        )
        words = "Judging one picture, its share of the batch."
        return _histogram("hydra_inference_duration_seconds", words, _SECONDS, judged)

    def _failures(self, parts: Sequence[tuple[Component, Measured]]) -> Metric:
        family = CounterMetricFamily(
            "hydra_model_load_failures", "Models that could not be used.", labels=("component",)
        )
        for each, more in parts:
            if each.role == "predict":
                family.add_metric((each.name,), more.load_failures)
        return family

    def _totals(self, parts: Sequence[tuple[Component, Measured]]) -> Iterable[Metric]:
        refused = self.refused + sum(more.refused for _, more in parts)
        yield CounterMetricFamily(
            "hydra_client_auth_failures", "Clients whose key is not known.", value=refused
        )
        waiting = sum(more.spooled or 0 for _, more in parts)
        yield GaugeMetricFamily(
            "hydra_db_spool_items", "Verdicts that wait on disk for the database.", value=waiting
        )
        memory = GaugeMetricFamily(
            "hydra_gpu_memory_used_bytes", "Memory in use on a graphics card.", labels=("gpu",)
        )
        cards = {each.device: more.gpu_used_bytes for each, more in parts}
        for name, used in cards.items():
            if used is not None:
                memory.add_metric((name,), used)
        yield memory

    def _alarms(self) -> Metric:
        counted = Counter((each.severity, each.condition) for each in self.alarms)
        family = GaugeMetricFamily(
            "hydra_alarms", "Lines that are not normal.", labels=("severity", "state")
        )
        for severity in (AlarmSeverity.MINOR, AlarmSeverity.MAJOR, AlarmSeverity.INVALID):
            for state in AlarmCondition:
                if state is not AlarmCondition.NORMAL:
                    key = (severity.value, state.value)
                    family.add_metric(key, counted[severity, state])
        return family

    def _counted(self) -> Iterable[Metric]:
        labels = CounterMetricFamily("hydra_labels", "Votes.", labels=("plot_type", "source"))
        for plot_type, source, count in self.census.labels:
            labels.add_metric((plot_type, source), count)
        accuracy = GaugeMetricFamily(
            "hydra_trailing_accuracy_ratio",
            "Right verdicts among the newest labelled pictures that were drawn at random.",
            labels=("plot_type",),
        )
        for plot_type, ratio in self.census.accuracy:
            accuracy.add_metric((plot_type,), ratio)
        yield labels
        yield accuracy


def _histogram(
    name: str, words: str, bounds: Sequence[float], rows: Iterable[tuple[str, Counts, float]]
) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, words, labels=("component",))
    for component, counts, scale in rows:
        if counts.counts:
            _add(family, (component,), bounds, counts, scale)
    return family


def _add(
    family: HistogramMetricFamily,
    labels: Sequence[str],
    bounds: Sequence[float],
    counts: Counts,
    scale: float,
) -> None:
    limits = (*map(floatToGoString, bounds), "+Inf")
    below = list(zip(limits, accumulate(counts.counts), strict=False))
    family.add_metric(labels, buckets=below, sum_value=counts.sum / scale)


def _counts(times: Times) -> Counts:
    return Counts(counts=times.total, sum=times.sum_ms)
