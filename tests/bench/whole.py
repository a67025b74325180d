"""The whole path: files into the inbox of a real server, verdicts out of its public feed."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from db import session as database
from inference_server.demo import prepare
from inference_server.simulator.values import SimPicture
from tests.bench.figures import Figure
from tests.server.live import Listening, LiveServer, live, until

WARM = 64  # pictures before the clock starts
LABELS = 10  # pictures of each class that the heads are trained on


def measure(
    pictures: Sequence[SimPicture],
    folder: Path,
    *,
    seconds: float,
    rate: float,
    bare: float | None,
    cores: int,
) -> list[Figure]:
    """Throughput with a full inbox, then the time from file close to verdict at ``rate``."""
    paced = int(seconds * rate)
    assert len(pictures) > WARM + paced
    warm, slow, fast = pictures[:WARM], pictures[WARM : WARM + paced], pictures[WARM + paced :]
    teach(folder, cores)
    with live(folder, backbone="") as (server, heard):
        hear_all(server, heard, warm)
        figures = _full_speed(server, heard, fast, bare)
        return figures + _at_a_pace(server, heard, slow, rate)


def teach(folder: Path, cores: int) -> None:
    """Heads for all plot types, as the demo has them; nothing to do where they are from before."""
    folder.mkdir(parents=True, exist_ok=True)
    server = LiveServer(folder, backbone="")
    database.migrate(server.config.database)
    prepare.run(server.config, cores, LABELS, prepare.Share(), threading.Event())


def _full_speed(
    server: LiveServer, heard: Listening, pictures: Sequence[SimPicture], bare: float | None
) -> list[Figure]:
    busy = Busy(server)
    seconds = hear_all(server, heard, pictures)
    rate = len(pictures) / seconds
    figures = [
        Figure(name="whole path", value=rate, unit="pictures/s", ratio=rate / bare if bare else None,
               note=f"{len(pictures)} files dropped at once, until the last verdict is heard"),
    ]  # fmt: skip
    return figures + busy.figures(len(pictures))


def _at_a_pace(
    server: LiveServer, heard: Listening, pictures: Sequence[SimPicture], rate: float
) -> list[Figure]:
    waits = paced(server, heard, pictures, rate)
    note = f"from file close to verdict in hand, {len(waits)} pictures at {rate:.0f}/s"
    parts = ((50, 0.5), (99, 0.99), (100, 1.0))
    return [
        Figure(name=f"latency p{name}", value=waits[min(len(waits) - 1, int(part * len(waits)))],
               unit="ms", note=note)
        for name, part in parts
    ]  # fmt: skip


def paced(
    server: LiveServer, heard: Listening, pictures: Sequence[SimPicture], rate: float
) -> list[float]:
    """Milliseconds from file close to verdict in hand, the shortest first, at ``rate`` a second."""
    done = len(heard.verdicts)
    closed: dict[tuple[str, int, int], float] = {}
    begin = time.monotonic()
    for number, picture in enumerate(pictures):
        threading.Event().wait(max(0.0, begin + number / rate - time.monotonic()))
        server.put(picture.file_name, picture.png)
        closed[picture.plot, picture.run, picture.chunk] = time.time()
    until(lambda: len(heard.verdicts) >= done + len(pictures))
    return sorted(
        1e3 * (at - closed[each.plot_type, each.run, each.chunk])
        for each, at in zip(heard.verdicts[done:], heard.heard_at[done:], strict=True)
    )


def hear_all(server: LiveServer, heard: Listening, pictures: Sequence[SimPicture]) -> float:
    """Seconds from the first file to the last verdict."""
    done = len(heard.verdicts)
    begin = time.monotonic()
    for picture in pictures:
        server.put(picture.file_name, picture.png)
    until(lambda: len(heard.verdicts) >= done + len(pictures), patience_s=600)
    return time.monotonic() - begin


class Busy:
    """What each role spends of the processor meanwhile."""

    def __init__(self, server: LiveServer) -> None:
        self._roles = server.roles()
        self._before = self._seconds()

    def figures(self, pictures: int) -> list[Figure]:
        """Processor milliseconds per picture, and memory."""
        figures = []
        for name, after in self._seconds().items():
            spent = 1e3 * (after - self._before[name]) / pictures
            size = self._roles[name].memory_info().rss / 1e6
            figures.append(
                Figure(name=f"  {name}", value=spent, unit="CPU ms each", note=f"{size:.0f} MB")
            )
        return figures

    def _seconds(self) -> dict[str, float]:
        times = {}
        for name, process in self._roles.items():
            with suppress(psutil.NoSuchProcess):
                spent = process.cpu_times()
                times[name] = spent.user + spent.system
        return times
