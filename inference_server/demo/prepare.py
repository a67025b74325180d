"""First start of the demo: draw labelled pictures, import them, train a head for each plot type."""

from __future__ import annotations

import logging
import shutil
import threading

from sqlalchemy.orm import Session, sessionmaker

from db import catalogue, session
from inference_server import simulator, transfer
from inference_server.bus import Bus
from inference_server.config import Config
from inference_server.messages import CatalogueTouched, Prepared
from inference_server.protocol.messages import Preparation
from inference_server.training import jobs
from inference_server.training.outcome import Order

log = logging.getLogger(__name__)

PER_CLASS = 10  # pictures of each class, spread over the simulated runs
SEED = 20260101
WHO = "demo"


def run(config: Config, threads: int, stop: threading.Event) -> None:
    """Make what is missing and end. Started again after a kill, it goes on where it was."""
    sessions = session.sessions(session.connect(config.database))
    with Bus(config, "prepare", "prepare") as bus:
        todo = [plot for plot in simulator.catalogue() if plot.name not in _with_model(sessions)]
        for done, plot in enumerate(todo):
            if stop.is_set():
                return
            _say(
                bus,
                f"Preparing {plot.name}: {done + 1} of {len(todo)} plot types",
                done / len(todo),
            )
            _teach(config, sessions, plot, threads)
            bus.say(CatalogueTouched())
        _say(bus, "Ready", 1.0)


def _with_model(sessions: sessionmaker[Session]) -> set[str]:
    with sessions() as db:
        return {plot.name for plot in catalogue.load(db).plot_types if plot.model_id is not None}


def _teach(
    config: Config, sessions: sessionmaker[Session], plot: simulator.SimPlot, threads: int
) -> None:
    folder = config.data_dir / "drawn" / plot.name
    for picture in simulator.labelled(plot.name, PER_CLASS, SEED):
        path = folder / picture.label / f"{plot.name}_{picture.run:06d}_{picture.chunk:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture.png)
    transfer.import_labels(
        config,
        sessions,
        folder,
        who=WHO,
        plot_type=plot.name,
        run_period="simulated",
        threads=threads,
    )
    shutil.rmtree(folder)  # the picture store has them now
    with session.transaction(sessions) as db:
        plot_type_id = catalogue.register(db, plot.name, chunked=True)
        catalogue.update(
            db, plot_type_id, who=WHO, group=plot.group, contact=plot.contact,
            guidance=plot.guidance, description=plot.description,
        )  # fmt: skip
    jobs.train(config, sessions, plot_type_id, Order(who=WHO), threads=threads)


def _say(bus: Bus, sentence: str, fraction: float) -> None:
    log.info("%s", sentence)
    bus.say(Prepared(preparation=Preparation(sentence=sentence, fraction=fraction)))
