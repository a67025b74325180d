"""What all tests share: databases that are real, and threads that must not be left behind."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import hypothesis
import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication
from sqlalchemy.orm import Session, sessionmaker

from db import session as database
from tests.mariadb import MariaDb, installed
from tests.patience import PatientBot

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# The same examples at each run, however long one takes on a busy machine.
hypothesis.settings.register_profile(
    "certain", deadline=None, derandomize=True, suppress_health_check=list(hypothesis.HealthCheck)
)
hypothesis.settings.load_profile("certain")
_numbers = count(1)


@pytest.fixture(autouse=True)
def _no_thread_left_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A QThread that outlives its test crashes some other test; fail the guilty one instead."""
    started: list[QThread] = []
    start = QThread.start

    def remember(thread: QThread, *args: object) -> None:
        started.append(thread)
        start(thread, *args)

    monkeypatch.setattr(QThread, "start", remember)
    yield
    assert [thread for thread in started if thread.isRunning()] == []


@pytest.fixture(scope="session", autouse=True)
def _short_sockets() -> Iterator[None]:
    """The servers' internal sockets: their paths stay short, however long that of temporary files is."""
    with (
        tempfile.TemporaryDirectory(prefix="hydra-", dir="/tmp") as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("XDG_RUNTIME_DIR", folder)
        yield


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> PatientBot:
    """In place of pytest-qt's."""
    return PatientBot(request)


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    """One server for all tests that do not stop it.

    In memory where that can be: making tables for each test costs seconds on a busy disk.
    """
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield from _server(tmp_path_factory.mktemp("mariadb"))
        return
    with tempfile.TemporaryDirectory(prefix="hydra-tests-", dir=memory) as folder:
        yield from _server(Path(folder))


@pytest.fixture(scope="module")
def fragile_mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    """A server of one's own, to be stopped and started in outage tests."""
    yield from _server(tmp_path_factory.mktemp("fragile"))


def _server(folder: Path) -> Iterator[MariaDb]:
    if not installed() and "CI" not in os.environ:
        pytest.skip("needs Debian's mariadb-server")
    server = MariaDb(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, on each of the two kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'hydra.sqlite'}"
        return
    server: MariaDb = request.getfixturevalue("mariadb")
    name = f"hydra_{next(_numbers)}"
    server.create(name)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def sessions(database_url: str, migrated: Path, tmp_path: Path) -> Iterator[sessionmaker[Session]]:
    """Sessions on a migrated database, on each of the two kinds."""
    if database_url.startswith("sqlite"):
        shutil.copy(migrated, tmp_path / "hydra.sqlite")
    yield from _sessions(database_url)


@pytest.fixture
def sqlite_sessions(tmp_path: Path, migrated: Path) -> Iterator[sessionmaker[Session]]:
    """Sessions on a migrated SQLite database, for tests that are not about the database."""
    shutil.copy(migrated, tmp_path / "hydra.sqlite")
    yield from _sessions(f"sqlite:///{tmp_path / 'hydra.sqlite'}")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, to be copied: quicker than migrating for each test."""
    path = tmp_path_factory.mktemp("migrated") / "hydra.sqlite"
    database.migrate(f"sqlite:///{path}")
    return path


def _sessions(url: str) -> Iterator[sessionmaker[Session]]:
    database.migrate(url)
    engine = database.connect(url)
    yield database.sessions(engine)
    engine.dispose()
