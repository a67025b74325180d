"""Pictures for the bench: what the simulated hall draws, never the same twice in one data directory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count, islice

from inference_server.simulator import hall
from inference_server.simulator.plan import Plan
from inference_server.simulator.values import SimPicture

SEED = 7


def drawn(number: int) -> tuple[list[SimPicture], float]:
    """So many pictures, and how many were drawn in a second."""
    begin = time.perf_counter()
    pictures = list(islice(endless(), number))
    return pictures, number / (time.perf_counter() - begin)


def endless() -> Iterator[SimPicture]:
    """Pictures of runs that begin now."""
    plan = Plan(hall.catalogue(), SEED, int(time.time()) % 1_000_000)
    for turn in map(plan.turn, count()):
        yield hall.draw(
            turn.plot, turn.run, turn.chunk, turn.fault, seed=SEED, episode=turn.episode
        )
