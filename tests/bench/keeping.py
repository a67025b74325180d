"""The keeper by itself: verdicts a second made durable, files included."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from db import session as database
from inference_server.config import Config
from inference_server.keeper.decide import Arrival
from inference_server.keeper.journal import Journal
from inference_server.keeper.keeper import Keeper
from inference_server.messages import Frame, Opinion
from tests import mariadb
from tests.bench.figures import Figure

THUMBNAIL = bytes(12_000)  # about what one of a plot weighs
FEATURES = bytes(2 * 2560)


def measure(pictures: Sequence[bytes], folder: Path) -> list[Figure]:
    """Batches of one and of many: what gathering is worth, on each database that is here."""
    figures = _on("SQLite", Config(data_dir=folder / "sqlite"), pictures)
    if mariadb.installed():
        (folder / "server").mkdir(parents=True)
        server = mariadb.MariaDb(folder / "server")
        server.start()
        try:
            server.create("bench")
            config = Config(data_dir=folder / "mariadb", database_url=server.url("bench"))
            figures += _on("MariaDB", config, pictures)
        finally:
            server.stop()
    return figures


def _on(name: str, config: Config, pictures: Sequence[bytes]) -> list[Figure]:
    database.migrate(config.database)
    engine = database.connect(config.database)
    keeper = Keeper(config, database.sessions(engine), Journal(config.journal_dir))
    arrivals = [_arrival(number, data) for number, data in enumerate(pictures)]
    figures = []
    for size, count in ((1, 60), (16, 480)):
        taken, arrivals = arrivals[:count], arrivals[count:]
        begin = time.perf_counter()
        for start in range(0, len(taken), size):
            keeper.keep(taken[start : start + size])
        rate = len(taken) / (time.perf_counter() - begin)
        figures.append(
            Figure(name=f"keeper, {size} at a time", value=rate, unit="verdicts/s",
                   note=f"files and {name}, all flushed to disk")
        )  # fmt: skip
    keeper.close()
    engine.dispose()
    return figures


def _arrival(number: int, data: bytes) -> Arrival:
    now = datetime.now(UTC)
    frame = Frame(
        id=f"bench-0:{number}", path=f"/inbox/Run000001/Plot_{number}.png",
        plot_type=f"Plot{number % 12}", chunked=True, run_period="bench", run=1, chunk=number,
        picture_hash=hashlib.sha256(data).hexdigest(), picture_time=now, closed_at=now,
        size_bytes=len(data),
    )  # fmt: skip
    opinion = Opinion(frame=frame, worker="bench", backbone="bench", width=800, height=600)
    return Arrival(opinion, data, THUMBNAIL, FEATURES)
