"""How soon a training that shall stop has stopped: the whole server, each depth in the middle of its work."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from db import session as database
from db import trainings
from db.values import TrainingJob
from inference_server.config import Config
from tests.bench.figures import Figure
from tests.bench.training import LABELS, TAUGHT, taught
from tests.server.live import live, until

TIMES = 2
# Depth, what it says in the middle of its work, what is wanted then.
CASES = (
    ("quick", "", "stop"),
    ("thorough", "Looks at changed copies", "stop"),
    ("thorough", "Looks at changed copies", "keep"),
    ("full", "Pass 1", "stop"),
    ("full", "Pass 2", "keep"),
)
WISHES = {"stop": "stop now", "keep": "stop and keep the best so far"}


def measure(folder: Path, *, cores: int) -> list[Figure]:
    """Seconds from the wish in the database until the training has ended there, the longest of TIMES."""
    folder.mkdir(parents=True, exist_ok=True)
    with live(folder, backbone="") as (server, _heard):
        kind = taught(server.config, TAUGHT, LABELS, cores)
        return [_figure(server.config, kind, *case) for case in CASES]


def _figure(config: Config, kind: int, depth: str, middle: str, wish: str) -> Figure:
    engine = database.connect(config.database)
    sessions = database.sessions(engine)
    took = [_once(sessions, kind, depth, middle, wish) for _ in range(TIMES)]
    engine.dispose()
    found = [each for each in took if each is not None]
    return Figure(
        name=f"{depth}: {WISHES[wish]}", value=max(found, default=float("nan")), unit="s",
        note=f"the longest of {len(found)}, {middle or 'at once'}",
    )  # fmt: skip


def _once(
    sessions: sessionmaker[Session], kind: int, depth: str, middle: str, wish: str
) -> float | None:
    """None: it had ended before the wish came."""
    with database.transaction(sessions) as session:
        settings = {"depth": depth, "patience": 100}
        number = trainings.queue(session, kind, who="bench", settings=settings)
    until(_stands(sessions, number, lambda job: job.state == "running" and middle in job.sentence))
    begin = time.perf_counter()
    try:
        with database.transaction(sessions) as session:
            trainings.wish(session, number, wish, "bench")
    except ValueError:
        return None
    until(_stands(sessions, number, lambda job: job.state != "running"))
    return time.perf_counter() - begin


def _stands(
    sessions: sessionmaker[Session], number: int, so: Callable[[TrainingJob], bool]
) -> Callable[[], bool]:
    def asked() -> bool:
        with database.transaction(sessions) as session:
            return so(trainings.one(session, number))

    return asked
