"""First start of the demo: draw labelled pictures, import them, train a head for each plot type."""

from __future__ import annotations

import logging
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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

SEED = 20260101
WHO = "demo"


def run(config: Config, threads: int, labels: int, stop: threading.Event) -> None:
    """Make what is missing and end. Started again after a kill, it goes on where it was.

    ``labels``: pictures of each class, see ``simulator.labelled``.
    """
    sessions = session.sessions(session.connect(config.database))
    drawing = ThreadPoolExecutor(
        1, "draw"
    )  # draws ahead while the network looks and heads are fitted
    with Bus(config, "prepare", "prepare") as bus:
        known = _with_model(sessions)
        todo = [plot for plot in simulator.catalogue() if plot.name not in known]
        folders = [drawing.submit(_draw, config.data_dir / "drawn", plot, labels) for plot in todo]
        try:
            for done, (plot, folder) in enumerate(zip(todo, folders, strict=True)):
                if stop.is_set():
                    return
                sentence = f"Preparing {plot.name}: {done + 1} of {len(todo)} plot types"
                _say(bus, sentence, done / len(todo))
                _teach(config, sessions, plot, folder.result(), threads)
                bus.say(CatalogueTouched())
            _say(bus, "Ready", 1.0)
        finally:
            drawing.shutdown(cancel_futures=True)


def _with_model(sessions: sessionmaker[Session]) -> set[str]:
    with sessions() as db:
        return {plot.name for plot in catalogue.load(db).plot_types if plot.model_id is not None}


def _draw(root: Path, plot: simulator.SimPlot, labels: int) -> Path:
    """Labelled pictures as ``import-labels`` reads them; their folder."""
    folder = root / plot.name
    for picture in simulator.labelled(plot.name, labels, SEED):
        path = folder / picture.label / f"{plot.name}_{picture.run:06d}_{picture.chunk:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture.png)
    return folder


def _teach(
    config: Config, sessions: sessionmaker[Session], plot: simulator.SimPlot, folder: Path, threads: int
) -> None:  # fmt: skip
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
