"""Whether the memory of a server is flat: each role's, minute by minute, under a steady feed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from inference_server.simulator.values import SimPicture
from tests.bench import drawing, whole
from tests.bench.figures import Figure
from tests.server.live import Listening, LiveServer, live, until


def measure(folder: Path, *, minutes: int, rate: float, cores: int) -> list[Figure]:
    """Megabytes at the end; the ratio is to those after the first minute."""
    whole.teach(folder, cores)
    pictures = drawing.endless()
    sizes: dict[str, list[float]] = {}
    with live(folder, backbone="") as (server, heard):
        for _ in range(minutes + 1):
            _feed(server, heard, islice(pictures, int(60 * rate)), rate)
            for name, process in server.roles().items():
                sizes.setdefault(name, []).append(process.memory_info().rss / 1e6)
    return [_figure(name, each, rate) for name, each in sizes.items()]


def _feed(
    server: LiveServer, heard: Listening, pictures: Iterator[SimPicture], rate: float
) -> None:
    """One minute; waits for the last verdict, so that every minute ends alike."""
    heard.verdicts.clear()
    begin = time.monotonic()
    number = 0
    for number, picture in enumerate(pictures):
        threading.Event().wait(max(0.0, begin + number / rate - time.monotonic()))
        server.put(picture.file_name, picture.png)
    until(lambda: len(heard.verdicts) > number)


def _figure(name: str, sizes: list[float], rate: float) -> Figure:
    first, *rest = sizes
    each = " ".join(f"{size:.0f}" for size in rest)
    note = f"at {rate:.0f}/s; minute by minute: {each}"
    return Figure(
        name=f"memory {name}", value=rest[-1], unit="MB", ratio=rest[-1] / first, note=note
    )
