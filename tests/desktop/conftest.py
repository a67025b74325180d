"""Fixtures of the desktop's tests: a server, a desktop, and a watch on threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from desktop_server import SmallServer
from PySide6.QtCore import QSettings, QThread
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hydra_desktop.app import Desktop
from hydra_desktop.rooms import alarm_room
from hydra_desktop.settings import Memory, Options
from tests.patience import PATIENCE_MS


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
    assert [t for t in started if shiboken6.isValid(t) and t.isRunning()] == []


@pytest.fixture(autouse=True)
def _no_dead_man(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The small server says nothing by itself: after 5 s every desktop would call, and its pop-up take the focus."""
    if "dead_man" not in request.fixturenames:
        monkeypatch.setattr(alarm_room, "DEAD_S", 3600.0)


@pytest.fixture
def dead_man() -> None:
    """For tests of that alarm itself."""


@pytest.fixture
def server() -> Iterator[SmallServer]:
    made = SmallServer()
    yield made
    made.close()


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(QSettings(str(tmp_path / "desktop.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def desktop(qapp: QApplication, memory: Memory) -> Iterator[Callable[..., Desktop]]:
    made: list[Desktop] = []

    def make(player: object = None, **options: object) -> Desktop:
        given = {"theme": "light", "station": "here"} | options
        desk = Desktop(qapp, Options(**given), memory, player)
        made.append(desk)
        desk.window.show()
        assert QTest.qWaitForWindowActive(desk.window, PATIENCE_MS)
        return desk

    yield make
    for desk in made:
        desk.stop()
        desk.window.close()
        desk.window.deleteLater()
    qapp.processEvents()


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)]
)
def each_database(request: pytest.FixtureRequest) -> str:
    """The address of an empty database of each kind; empty: SQLite, wherever the server keeps its data."""
    if request.param == "sqlite":
        return ""
    server = request.getfixturevalue("mariadb")
    name = f"hydra_{request.module.__name__}"
    server.create(name)
    return str(server.url(name))
