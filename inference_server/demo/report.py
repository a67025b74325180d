"""What a demo run proves: every picture that went in is in the database exactly once."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture that the simulator put into the inbox."""

    plot_type: str
    run: int
    chunk: int
    label: str
    fault: str


@dataclass(frozen=True, slots=True)
class Found:
    """An inference in the database."""

    plot_type: str
    run: int
    chunk: int
    label: str


class Latency(msgspec.Struct, frozen=True):
    """Milliseconds from a file's close to its verdict in the hands of a client."""

    p50: float
    p99: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one run; ``lost`` and ``duplicated`` must be 0."""

    pictures_in: int
    verdicts: int
    lost: int
    duplicated: int
    latency_ms: Latency
    images_per_s: float
    seconds: float
    peak_rss_mb: float
    rss_mb: tuple[float, ...]  # the whole server, at the start, each tenth of the run, and the end
    bad_injected: int
    bad_found: int
    false_bad: int
    agreement: float  # share of verdicts that equal what was drawn
    errors_in_log: int


def read_truth(path: Path) -> list[Drawn]:
    """The simulator's table. A last line that is not yet whole is left out."""
    with path.open(newline="") as file:
        return [
            Drawn(row["plot_type"], int(row["run"]), int(row["chunk"]), row["label"], row["fault"])
            for row in csv.DictReader(file)
            if row["fault"] is not None
        ]


def judge(
    drawn: Sequence[Drawn], found: Sequence[Found], latencies_ms: Sequence[float],
    rss_mb: Sequence[float], seconds: float, errors: int, bad: Iterable[str] = ("Bad",),
) -> Report:  # fmt: skip
    """Compare what was drawn with what was found. Pure."""
    bad = frozenset(bad)
    truth = {(d.plot_type, d.run, d.chunk): d for d in drawn}
    counts = Counter((f.plot_type, f.run, f.chunk) for f in found)
    verdict = {(f.plot_type, f.run, f.chunk): f.label for f in found}
    ours = [key for key in truth if key in verdict]
    injected = [key for key in truth if truth[key].label in bad]
    ordered = sorted(latencies_ms)
    return Report(
        pictures_in=len(truth),
        verdicts=sum(counts[key] for key in ours),
        lost=len(truth) - len(ours),
        duplicated=sum(counts[key] - 1 for key in ours),
        latency_ms=Latency(p50=_quantile(ordered, 0.5), p99=_quantile(ordered, 0.99)),
        images_per_s=round(len(ours) / seconds, 2) if seconds else 0.0,
        seconds=round(seconds, 1),
        peak_rss_mb=round(max(rss_mb, default=0.0), 1),
        rss_mb=_tenths(rss_mb),
        bad_injected=len(injected),
        bad_found=sum(verdict.get(key) in bad for key in injected),
        false_bad=sum(verdict[key] in bad and truth[key].label not in bad for key in ours),
        agreement=round(sum(verdict[k] == truth[k].label for k in ours) / len(ours), 4)
        if ours
        else 0.0,
        errors_in_log=errors,
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    if not ordered:
        return 0.0
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


def _tenths(values: Sequence[float]) -> tuple[float, ...]:
    if len(values) <= 11:
        return tuple(round(value, 1) for value in values)
    last = len(values) - 1
    return tuple(round(values[round(n * last / 10)], 1) for n in range(11))
