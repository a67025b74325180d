"""First start of the demo: draw labelled pictures, import them, train a head for each plot type."""

from __future__ import annotations

import logging
import shutil
import threading
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from db import catalogue, session
from inference_server import simulator, transfer
from inference_server.bus import Bus
from inference_server.config import Config
from inference_server.messages import CatalogueTouched, Prepared
from inference_server.protocol.messages import Preparation
from inference_server.simulator import taught
from inference_server.training import jobs
from inference_server.training.features import Extractor
from inference_server.training.outcome import Order

log = logging.getLogger(__name__)

SEED = 20260101
WHO = "demo"
AHEAD = 2  # plots whose pictures are drawn before they are needed


@dataclass(frozen=True, slots=True)
class Share:
    """Which plot types one of several processes teaches: every ``of``-th, from ``number`` on."""

    number: int = 0
    of: int = 1


def run(config: Config, threads: int, labels: int, share: Share, stop: threading.Event) -> None:
    """Make what is missing of ``share`` and end. Started again after a kill, it goes on where it was.

    ``labels``: pictures of each class, see ``simulator.labelled``.
    """
    sessions = session.sessions(session.connect(config.database))
    teacher = _Teacher(config, sessions, Extractor(config, threads), threads)
    mine = simulator.catalogue()[share.number :: share.of]
    with (
        Bus(config, "prepare", f"prepare-{share.number}") as bus,
        closing(_Drawing(config.data_dir / "drawn", labels)) as drawing,
    ):
        _register(sessions)
        bus.say(CatalogueTouched())
        known = _with_model(sessions)
        for plot in mine:
            if plot.name in known:
                taught.mark(config.data_dir / taught.FOLDER, plot.name)
        for plot, folder in drawing.of([plot for plot in mine if plot.name not in known]):
            if stop.is_set():
                return
            _say(bus, _progress(plot, _with_model(sessions)))
            teacher.teach(plot, folder.result())
            bus.say(CatalogueTouched())
            taught.mark(config.data_dir / taught.FOLDER, plot.name)
        if len(_with_model(sessions)) == len(simulator.catalogue()):  # the last one to end says so
            _say(bus, Preparation(sentence="Ready", fraction=1.0))


def _register(sessions: sessionmaker[Session]) -> None:
    """All plot types at once, so that each has its place on the grid before it can be judged."""
    with session.transaction(sessions) as db:
        for plot in simulator.catalogue():
            plot_type_id = catalogue.register(db, plot.name, chunked=True)
            catalogue.update(
                db, plot_type_id, who=WHO, group=plot.group, contact=plot.contact,
                guidance=plot.guidance, description=plot.description,
            )  # fmt: skip


def _progress(plot: simulator.SimPlot, known: Collection[str]) -> Preparation:
    total = len(simulator.catalogue())
    sentence = f"Preparing {plot.name}: {len(known) + 1} of {total} plot types"
    return Preparation(sentence=sentence, fraction=len(known) / total)


def _with_model(sessions: sessionmaker[Session]) -> set[str]:
    """Names of the simulated plot types that can be judged."""
    ours = {plot.name for plot in simulator.catalogue()}
    with sessions() as db:
        present = catalogue.load(db).plot_types
    return {plot.name for plot in present if plot.model_id is not None} & ours


class _Drawing:
    """Draws the pictures of the next plots while the network looks at those of one."""

    def __init__(self, root: Path, labels: int) -> None:
        self._root, self._labels = root, labels
        self._pool = ThreadPoolExecutor(1, "draw")

    def of(
        self, plots: Iterable[simulator.SimPlot]
    ) -> Iterator[tuple[simulator.SimPlot, Future[Path]]]:
        """Each plot with the folder of its pictures; not all at once, so that the first is soon taught."""
        coming: deque[tuple[simulator.SimPlot, Future[Path]]] = deque()
        for plot in plots:
            coming.append((plot, self._pool.submit(self._draw, plot)))
            if len(coming) > AHEAD:
                yield coming.popleft()
        yield from coming

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _draw(self, plot: simulator.SimPlot) -> Path:
        """Labelled pictures as ``import-labels`` reads them; their folder."""
        folder = self._root / plot.name
        for picture in simulator.labelled(plot.name, self._labels, SEED):
            path = folder / picture.label / f"{plot.name}_{picture.run:06d}_{picture.chunk:04d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture.png)
        return folder


@dataclass(frozen=True, slots=True)
class _Teacher:
    config: Config
    sessions: sessionmaker[Session]
    extractor: Extractor
    threads: int

    def teach(self, plot: simulator.SimPlot, folder: Path) -> None:
        """Import the pictures in ``folder`` and train a model on them."""
        transfer.import_labels(
            self.config,
            self.sessions,
            folder,
            who=WHO,
            plot_type=plot.name,
            run_period="simulated",
            extractor=self.extractor,
        )
        shutil.rmtree(folder)  # the picture store has them now
        with session.transaction(self.sessions) as db:
            plot_type_id = catalogue.register(db, plot.name, chunked=True)
        jobs.train(self.config, self.sessions, plot_type_id, Order(who=WHO), threads=self.threads)


def _say(bus: Bus, preparation: Preparation) -> None:
    log.info("%s", preparation.sentence)
    bus.say(Prepared(preparation=preparation))
