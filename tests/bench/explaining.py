"""What heat maps cost the verdicts: their latency while every picture is Bad, and with the explain role held.

``python -m tests.bench --only heat``. Turns of both, one after the other, so that other work on the machine
meets both alike. A held role is stopped by signal: it lives, asks nothing, computes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from inference_server import simulator
from inference_server.simulator.values import SimPicture
from tests.bench.drawing import SEED
from tests.bench.figures import Figure
from tests.bench.whole import WARM, hear_all, paced, teach
from tests.server.live import live

RATE = 5.0  # pictures a second, each of them a fault
TURNS = 3  # of each kind


def measure(folder: Path, *, seconds: float, cores: int) -> list[Figure]:
    """Latency over ``seconds`` of each kind."""
    turn = int(seconds * RATE / TURNS)
    pictures = list(islice(_faults(), WARM + 2 * TURNS * turn))
    teach(folder, cores)
    waits: dict[str, list[float]] = {"made": [], "held": []}
    with live(folder, backbone="") as (server, heard):
        hear_all(server, heard, pictures[:WARM])
        explain, rest = server.roles()["explain"], pictures[WARM:]
        before = sum(explain.cpu_times()[:2])
        for number, kind in enumerate(("made", "held") * TURNS):
            explain.suspend() if kind == "held" else explain.resume()
            waits[kind] += paced(server, heard, rest[number * turn : (number + 1) * turn], RATE)
        explain.resume()
        spent = (sum(explain.cpu_times()[:2]) - before) / (TURNS * turn)
    made = Figure(
        name="heat maps", value=1e3 * spent, unit="CPU ms a Bad", note="spent by the explain role"
    )
    return [*_latencies(waits["held"], waits["made"]), made]


def _latencies(held: Sequence[float], made: Sequence[float]) -> Iterator[Figure]:
    note = f"from file close to verdict in hand, {len(held)} faulty pictures at {RATE:.0f}/s"
    for part in (50, 99):
        without, with_maps = _at(held, part), _at(made, part)
        yield Figure(name=f"p{part} without heat maps", value=without, unit="ms", note=note)
        yield Figure(
            name=f"p{part} with heat maps",
            value=with_maps,
            unit="ms",
            ratio=with_maps / without,
            note=note,
        )


def _at(waits: Sequence[float], part: int) -> float:
    ordered = sorted(waits)
    return ordered[min(len(ordered) - 1, part * len(ordered) // 100)]


def _faults() -> Iterator[SimPicture]:
    """Bad pictures of all plot types, of runs that begin now."""
    run = int(time.time()) % 1_000_000
    faulty = [
        (plot.name, next(fault.name for fault in plot.all_faults if fault.label == "Bad"))
        for plot in simulator.catalogue()
        if any(fault.label == "Bad" for fault in plot.all_faults)
    ]
    for number, (name, fault) in enumerate(cycle(faulty)):
        chunk = 1 + number // len(faulty)
        yield simulator.draw(name, run, chunk, fault, seed=SEED, episode=chunk)
