"""What a run of the bench found: figures with units, the machine, a table and a JSON file."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec

PACKAGES = ("onnxruntime", "torch", "opencv-python-headless", "numpy", "pyzmq")


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One measured value. ``ratio`` is to the bare loop of the same run, where that says something."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    note: str = ""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Where it was measured; ``load`` is the 1-minute average before and after."""

    cpu: str
    cores: int
    python: str
    packages: dict[str, str]
    load: tuple[float, float]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """All of one run."""

    at: datetime
    machine: Machine
    figures: tuple[Figure, ...]


def finished(figures: list[Figure], load_before: float) -> Run:
    """The figures together with what one has to know to compare them."""
    machine = Machine(
        cpu=_cpu(),
        cores=len(os.sched_getaffinity(0)),
        python=platform.python_version(),
        packages={name: version(name) for name in PACKAGES},
        load=(load_before, os.getloadavg()[0]),
    )
    return Run(at=datetime.now(UTC), machine=machine, figures=tuple(figures))


def table(run: Run) -> str:
    """For people."""
    machine = run.machine
    rows = [("figure", "value", "", "ratio", ""), *(_row(each) for each in run.figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}} {row[2]:<{widths[2]}}  {row[3]:>{widths[3]}}  {row[4]}".rstrip()
        for row in rows
    ]
    packages = ", ".join(f"{name} {number}" for name, number in machine.packages.items())
    before, after = machine.load
    return "\n".join(
        [
            f"{machine.cpu}, {machine.cores} cores; Python {machine.python}, {packages}",
            f"load before {before:.1f}, after {after:.1f} (other work on the machine makes figures worse)",
            "",
            *lines,
        ]
    )


def write(run: Run, path: Path) -> None:
    """For programs."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=2) + b"\n")


def _row(figure: Figure) -> tuple[str, str, str, str, str]:
    digits = 0 if figure.value >= 100 else 1 if figure.value >= 10 else 2
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    return figure.name, f"{figure.value:.{digits}f}", figure.unit, ratio, figure.note


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
