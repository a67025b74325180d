"""A real gateway on MariaDB with judged pictures, for tests that sit down and label them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from db import catalogue, inferences
from db import session as database
from inference_server import config as settings
from inference_server.config import Config
from inference_server.protocol import keys
from tests.db.factories import inference
from tests.mariadb import MariaDb
from tests.ports import free_ports

ROOT = Path(__file__).parents[2]
Site = tuple[Config, Path, Engine]


@contextmanager
def labelling_site(folder: Path, mariadb: MariaDb, pictures: int) -> Iterator[Site]:
    """Settings of a server whose MariaDB holds judged pictures, and the key of a station."""
    mariadb.create("labelling")
    config = settings.load(
        None,
        {
            "data_dir": str(folder / "data"),
            "port": free_ports(3),
            "database_url": mariadb.url("labelling"),
        },
    )
    database.migrate(config.database)
    engine = database.connect(config.database)
    with database.transaction(database.sessions(engine)) as session:
        for name, severity in (("Good", "good"), ("Bad", "bad")):
            catalogue.ensure_class(session, name, severity)
        kind = catalogue.register(session, "CDC_occupancy", chunked=True, classes=("Good", "Bad"))
        inferences.store(session, [inference(kind, chunk) for chunk in range(1, pictures + 1)])
    key = folder / "station.key"
    keys.make_client(config.keys_dir, "here", key, "")
    yield config, key, engine
    engine.dispose()
    mariadb.drop("labelling")


@contextmanager
def gateway(config: Config, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The role in a process of its own."""
    effective = folder / "effective.json"
    effective.write_bytes(settings.dump(config))
    words = ["-m", "inference_server", "role", "gateway", "--effective", str(effective)]
    process = subprocess.Popen([sys.executable, *words], cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
