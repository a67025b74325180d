"""What a training costs: the verdicts beside a full one, and the seconds of many quick ones."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path

from db import catalogue, trainings
from db import session as database
from inference_server import simulator, transfer
from inference_server.config import Config
from inference_server.simulator.values import SimPicture
from inference_server.training import jobs
from inference_server.training.outcome import Order
from tests.bench import drawing
from tests.bench.figures import Figure
from tests.bench.whole import WARM, hear_all, paced, teach
from tests.server.live import LiveServer, live, until

RATE = 5.0  # pictures a second
TAUGHT = "CDC_occupancy"
LABELS = 60  # of each class (of Bad: of each fault) of the plot type that is fine-tuned
KINDS, EACH = 12, 500  # plot types and pictures of the quick trainings
ENDLESS = {"depth": "full", "epochs": 1000, "patience": 1000}


def beside(folder: Path, *, seconds: float, cores: int) -> list[Figure]:
    """Verdict latency at RATE without a training, then during a full one in the trainer role."""
    count = int(seconds * RATE)
    pictures, _ = drawing.drawn(WARM + 2 * count)
    teach(folder, cores)
    kind = taught(LiveServer(folder, backbone="").config, TAUGHT, LABELS, cores)
    with live(folder, backbone="") as (server, heard):
        hear_all(server, heard, pictures[:WARM])
        alone = paced(server, heard, pictures[WARM : WARM + count], RATE)
        number = _begin(server, kind)
        busy = paced(server, heard, pictures[WARM + count :], RATE)
        _end(server, number)
    return [*latencies("without a training", alone), *latencies("during a full one", busy, alone)]


def latencies(when: str, waits: Sequence[float], of: Sequence[float] = ()) -> list[Figure]:
    note = f"from file close to verdict in hand, {len(waits)} pictures at {RATE:.0f}/s"
    return [
        Figure(
            name=f"p{part} {when}", value=_at(waits, part), unit="ms", note=note,
            ratio=_at(waits, part) / _at(of, part) if of else None,
        )
        for part in (50, 99)
    ]  # fmt: skip


def _at(waits: Sequence[float], part: int) -> float:
    return waits[min(len(waits) - 1, part * len(waits) // 100)]


def taught(config: Config, name: str, labels: int, cores: int) -> int:
    """Import drawn pictures of a plot type, with their features; its id."""
    engine = database.connect(config.database)
    sessions = database.sessions(engine)
    place = config.data_dir / "bench" / name
    drawn = () if place.exists() else simulator.labelled(name, labels, drawing.SEED)
    for picture in drawn:
        path = place / picture.label / f"{name}_{picture.run:06d}_{picture.chunk:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture.png)
    transfer.import_labels(
        config, sessions, place, plot_type=name, run_period="bench", threads=cores
    )
    with database.transaction(sessions) as session:
        found = catalogue.register(session, name, chunked=True)
    engine.dispose()
    return found


def _begin(server: LiveServer, plot_type_id: int) -> int:
    """Ask for a full training and wait until it learns."""
    engine = database.connect(server.config.database)
    sessions = database.sessions(engine)
    with database.transaction(sessions) as session:
        for left in trainings.unfinished(session):  # of a bench that was killed, in a kept folder
            trainings.wish(session, left, "stop", "bench")
        number = trainings.queue(session, plot_type_id, who="bench", settings=ENDLESS)

    def learns() -> bool:
        with database.transaction(sessions) as session:
            return trainings.one(session, number).sentence.startswith("Pass")

    until(learns, patience_s=300)
    engine.dispose()
    return number


def _end(server: LiveServer, number: int) -> None:
    """Raises RuntimeError: it ended before, so the figures are of no training."""
    engine = database.connect(server.config.database)
    with database.transaction(database.sessions(engine)) as session:
        found = trainings.one(session, number)
        if found.state != "running":
            raise RuntimeError(f"The training had ended: {found.sentence}")
        trainings.wish(session, number, "stop", "bench")
    engine.dispose()


def quick(folder: Path, *, cores: int) -> list[Figure]:
    """Seconds of quick trainings of KINDS plot types with EACH pictures, features cached."""
    config = Config(data_dir=folder / "quick")
    config.data_dir.mkdir(parents=True, exist_ok=True)
    database.migrate(config.database)
    names = [plot.name for plot in simulator.catalogue()][:KINDS]
    kinds = [taught(config, name, _enough(name), cores) for name in names]
    engine = database.connect(config.database)
    sessions = database.sessions(engine)
    took = []
    for kind in kinds:
        begin = time.perf_counter()
        jobs.train(config, sessions, kind, Order("bench", activate=False), threads=cores)
        took.append(time.perf_counter() - begin)
    engine.dispose()
    note = f"{KINDS} plot types, {EACH} pictures or a few more each, features cached"
    return [
        Figure(name="quick trainings", value=sum(took), unit="s", note=note),
        Figure(name="  the longest", value=max(took), unit="s"),
    ]


def _enough(name: str) -> int:
    """How many of each class make EACH pictures of a plot type."""
    drawn: list[SimPicture] = list(simulator.labelled(name, 1, drawing.SEED))
    return math.ceil(EACH / len(drawn))
