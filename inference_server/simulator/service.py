"""``hydra-server simulate``: writes the pictures of the plan into a directory, and the truth about them."""

from __future__ import annotations

import csv
import io
import logging
import os
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count as numbers
from pathlib import Path

from inference_server.simulator import hall
from inference_server.simulator.plan import Plan, Turn
from inference_server.simulator.taught import Taught
from inference_server.simulator.values import SimPicture

log = logging.getLogger(__name__)

POLL_S = 0.2
COLUMNS = ("plot_type", "run", "chunk", "label", "fault", "time", "path")


def run(
    out: Path, seed: int, rate: float, count: int | None, run: int, truth: Path | None,
    stop: threading.Event, taught: Path | None = None,
) -> None:  # fmt: skip
    """Draw until ``count`` pictures are written or ``stop`` is set.

    ``rate``: pictures a second, 0 = as fast as they can be drawn. ``run``: the first run. ``truth``:
    a CSV that gets a line for each picture once it is in place; where it ends with a picture of this
    plan, the feed goes on after that one. ``taught``: a folder that says which plots have a model
    (``taught.mark``); the others wait, and as fast as possible begins with all of them.
    Raises OSError: a file cannot be written.
    """
    plan = Plan(hall.catalogue(), seed, run)
    first, may, waiting = _resume(plan, truth), Taught(taught), dict[str, int]()
    while rate == 0 and not all(may.has(plot.name) for plot in plan.plots):
        if stop.wait(POLL_S):
            return
    began = time.monotonic()
    for n in numbers(first):
        done = n - first
        if (count is not None and done >= count) or _stopped(stop, began, done, rate):
            return
        for turn in _due(plan, n, waiting, may):
            picture = hall.draw(
                turn.plot, turn.run, turn.chunk, turn.fault, seed=seed, episode=turn.episode
            )
            path = write(out, picture)
            if truth is not None:
                _note(truth, picture, path)


def _due(plan: Plan, n: int, waiting: dict[str, int], may: Taught) -> list[Turn]:
    """Turn ``n``, and the last one of each plot in ``waiting`` that need not wait any more."""
    waiting[plan.turn(n).plot] = n
    return [plan.turn(waiting.pop(plot)) for plot in list(waiting) if may.has(plot)]


def _stopped(stop: threading.Event, began: float, done: int, rate: float) -> bool:
    """Wait for the moment of the next picture; after a hold-up the feed catches up."""
    wait = began + done / rate - time.monotonic() if rate > 0 else 0.0
    return stop.wait(wait) if wait > 0 else stop.is_set()


def write(out: Path, picture: SimPicture) -> Path:
    """Put the picture below ``out`` so that nobody sees half of it; its path. Raises OSError."""
    path = out / picture.file_name
    path.parent.mkdir(parents=True, exist_ok=True)
    hidden = path.with_name(f".{path.name}")
    hidden.write_bytes(picture.png)
    hidden.replace(path)
    return path


def _note(truth: Path, picture: SimPicture, path: Path) -> None:
    """One line in one write, so that a reader meets whole lines only."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    row = (picture.plot, picture.run, picture.chunk, picture.label, picture.fault, now, path)
    new = not truth.exists() or truth.stat().st_size == 0
    with truth.open("ab", buffering=0) as file:
        file.write(_line(COLUMNS) * new + _line(row))


def _line(values: Sequence[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator=os.linesep).writerow(values)
    return text.getvalue().encode()


def _resume(plan: Plan, truth: Path | None) -> int:
    """The number of the first picture to draw: a feed that was killed goes on where it was."""
    if truth is None or not truth.exists():
        return 0
    with truth.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["path"]]
    if not rows:
        return 0
    last = plan.number(rows[-1]["plot_type"], int(rows[-1]["run"]), int(rows[-1]["chunk"]))
    if last is None:
        return 0
    log.info("%s tells of %d pictures; the feed goes on", truth, len(rows))
    return last + 1
