"""A thousand labels by keys alone, through a lost link and a killed program: each exactly once, in order."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db import catalogue, inferences
from db import session as database
from db.tables.people import CurrentLabelRow, LabelRow
from inference_server import config as settings
from inference_server.config import Config
from inference_server.protocol import keys
from tests.db.factories import inference
from tests.ports import free_ports
from tests.server.live import until

DRIVER = Path(__file__).parent / "labelling_driver.py"
ROOT = Path(__file__).parents[2]
PICTURES = 1000


@pytest.fixture
def site(tmp_path, mariadb, monkeypatch):
    """Settings of a server whose MariaDB holds a thousand judged pictures, and a key for a station."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    mariadb.create("labelling")
    config = settings.load(
        None,
        {
            "data_dir": str(tmp_path / "data"),
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
        inferences.store(session, [inference(kind, chunk) for chunk in range(1, PICTURES + 1)])
    key = tmp_path / "station.key"
    keys.make_client(config.keys_dir, "here", key, "")
    yield config, key, engine
    engine.dispose()
    mariadb.drop("labelling")


@contextmanager
def gateway(config: Config, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The role in a process of its own."""
    effective = folder / "effective.json"
    effective.write_bytes(settings.dump(config))
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "inference_server",
            "role",
            "gateway",
            "--effective",
            str(effective),
        ],
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def person(site, tmp_path: Path, count: int, then: str) -> subprocess.Popen[bytes]:
    config, key, _ = site
    return subprocess.Popen(
        [sys.executable, str(DRIVER), f"tcp://127.0.0.1:{config.port}", str(key), str(tmp_path),
         str(tmp_path / "pressed"), str(count), then],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip


def votes(engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count(LabelRow.id))) or 0


@pytest.mark.slow
@pytest.mark.mariadb
@pytest.mark.timeout(400)
def test_that_a_thousand_labels_survive_a_lost_link_and_a_killed_program(site, tmp_path):
    config, _, engine = site
    with gateway(config, tmp_path):
        first = person(site, tmp_path, 600, "die")
        until(lambda: votes(engine) >= 300)
    # The link is gone in the middle of it; the person goes on, and then the program is killed.
    first.wait(200)
    assert votes(engine) == 300
    with gateway(config, tmp_path):
        second = person(site, tmp_path, PICTURES - 600, "leave")
        assert second.wait(200) == 0
    pressed = [line.split() for line in (tmp_path / "pressed").read_text().splitlines()]
    with engine.connect() as connection:
        stored = connection.execute(
            select(LabelRow.picture_id, LabelRow.class_name).order_by(LabelRow.id)
        ).all()
        current = connection.scalar(select(func.count(CurrentLabelRow.picture_id)))
    assert [(str(picture), name) for picture, name in stored] == [tuple(each) for each in pressed]
    assert len(stored) == current == PICTURES
