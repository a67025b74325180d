"""How soon one desktop falls silent when somebody acknowledges at another: two real ones, one gateway.

``python -m tests.bench --only alarms``. From the click on Acknowledge at one desktop until the other has
no pop-up, no sound and the word on its tile, while other plots are judged at a pace. Both desktops share
one Qt thread here, so the other one is served last: at two stations it is sooner.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, QTimer, Signal, qInstallMessageHandler
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from db import catalogue
from db import session as database
from hydra_desktop.app import Desktop
from hydra_desktop.settings import Memory, Options
from inference_server import config as settings
from inference_server.bus import Bus
from inference_server.config import Config
from inference_server.messages import Published
from inference_server.protocol import keys
from inference_server.protocol.messages import Severity, Verdict
from tests.bench.figures import Figure
from tests.ports import free_ports
from ui.roles import Role

PATIENCE_S = 60.0
PACE_MS = 50  # between two verdicts of other plots
TIMES = 30


def measure(folder: Path) -> list[Figure]:
    """Milliseconds of ``TIMES`` acknowledgements, each of another plot's alarm."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    qInstallMessageHandler(lambda *_words: None)  # offscreen windows complain of each pop-up
    with ExitStack() as stack:
        config, key = _site(folder)
        stack.enter_context(_gateway(config, folder))
        hall = Hall(stack.enter_context(Bus(config, "keeper", "keeper")))
        one, other = (stack.enter_context(_desk(app, folder / n, config, key)) for n in "ab")
        _until(lambda: len(other.run.model.rows) == len(one.run.model.rows) == TIMES + 1)
        pace = QTimer(interval=PACE_MS)
        pace.timeout.connect(lambda: hall.judge(TIMES, "Good"))
        pace.start()
        waits = sorted(_acknowledged(one, other, hall, number) for number in range(TIMES))
        pace.stop()
    note = f"from a click at one desktop to silence at the other, {TIMES} alarms"
    share = waits[int(0.95 * (len(waits) - 1))]
    found = (("median", statistics.median(waits)), ("p95", share), ("longest", waits[-1]))
    return [
        Figure(name=f"acknowledge {name}", value=value, unit="ms", note=note)
        for name, value in found
    ]


class Hall:
    """Says verdicts as the keeper does."""

    def __init__(self, bus: Bus) -> None:
        self._bus, self._number = bus, 0

    def judge(self, plot: int, label: str) -> None:
        """A confirmed verdict of one plot type."""
        self._number += 1
        at = datetime.now(UTC)
        severity = Severity.BAD if label == "Bad" else Severity.GOOD
        told = Verdict(
            plot_type_id=plot + 1, plot_type=_name(plot), chunked=True, run_period="bench", run=1,
            chunk=self._number, picture_hash=f"{self._number:064}", label=label, severity=severity,
            confidence=0.97, confirmed=True, model_id=1, picture_time=at, judged_at=at,
        )  # fmt: skip
        self._bus.say(Published(verdict=told, sequence=self._number), b"")


class Loudspeaker(QObject):
    """Plays nothing, and knows whether it was told to be silent."""

    changed = Signal(bool, str)
    works = True
    silent = True

    def start(self, files: object, volume: float) -> None: ...
    def play(self, _name: str, _loudness: float = 1.0) -> bool:
        self.silent = False
        return True

    def hush(self) -> None:
        self.silent = True

    def set_volume(self, volume: float) -> None: ...
    def set_file(self, name: str, file: Path) -> None: ...
    def close(self) -> None: ...


def _acknowledged(one: Desktop, other: Desktop, hall: Hall, plot: int) -> float:
    """Milliseconds from the click until the other desktop is silent."""
    row = other.run.model.row_of(_name(plot))

    def called() -> bool:
        hall.judge(plot, "Bad")
        return bool(one.alarms.waiting and other.popup.popup.isVisible() and not _silent(other))

    _until(called)
    _until(lambda: "Bad" in str(row.data(Role.VERDICT)))
    one.acts.acknowledge_all()
    dialog = one.acts.acknowledge_dialog
    dialog.person.setText("ann")
    began = time.perf_counter()
    dialog.go.click()
    _until(
        lambda: (
            _silent(other)
            and not other.popup.popup.isVisible()
            and "seen" in str(row.data(Role.VERDICT))
        )
    )
    waited = 1e3 * (time.perf_counter() - began)
    _until(lambda: not dialog.isVisible())
    return waited


def _silent(desk: Desktop) -> bool:
    player = desk.sound._player
    assert isinstance(player, Loudspeaker)
    return player.silent


def _name(plot: int) -> str:
    return f"Plot_{plot:02}"


def _site(folder: Path) -> tuple[Config, Path]:
    (folder / "run").mkdir(parents=True)
    (folder / "run").chmod(0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
    config = settings.load(None, {"data_dir": str(folder / "data"), "port": free_ports(3)})
    database.migrate(config.database)
    engine = database.connect(config.database)
    with database.transaction(database.sessions(engine)) as session:
        for name, severity in (("Good", "good"), ("Bad", "bad")):
            catalogue.ensure_class(session, name, severity)
        for plot in range(TIMES + 1):
            catalogue.register(session, _name(plot), chunked=True, classes=("Good", "Bad"))
    engine.dispose()
    key = folder / "station.key"
    keys.server_keys(config.keys_dir)
    keys.make_client(config.keys_dir, "room", key, "")
    return config, key


@contextmanager
def _gateway(config: Config, folder: Path) -> Iterator[None]:
    file = folder / "effective.json"
    file.write_bytes(settings.dump(config))
    words = ["-m", "inference_server", "role", "gateway", "--effective", str(file)]
    role = subprocess.Popen([sys.executable, *words])
    try:
        yield
    finally:
        role.terminate()
        role.wait(PATIENCE_S)


@contextmanager
def _desk(app: QApplication, folder: Path, config: Config, key: Path) -> Iterator[Desktop]:
    folder.mkdir()
    memory = Memory(QSettings(str(folder / "desktop.ini"), QSettings.Format.IniFormat))
    options = Options(
        server=f"tcp://127.0.0.1:{config.port}", key=key, station=folder.name, theme="light"
    )
    desk = Desktop(app, options, memory, Loudspeaker())
    desk.window.show()
    desk.start()
    yield desk
    desk.stop()
    desk.window.close()


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        QTest.qWait(1)
