"""What all scripts that make pictures share: the real window on a real server, fed by the simulator."""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSettings, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from hydra_desktop.app import Desktop
from hydra_desktop.settings import Memory, Options
from inference_server import config as settings
from inference_server import simulator, supervise
from inference_server.cli.serve import prepare
from inference_server.config import Config
from inference_server.protocol import keys
from inference_server.supervise import Role, Supervisor

IMAGES = Path(__file__).parent / "images"
WORK = Path("build/screenshots")  # with the models, once they are trained
LARGEST = 700_000  # bytes of a picture; beyond it colours are left out
PATIENCE_S = 1800.0  # for the trainings of the first run
EVERY_S = 3.0  # from one chunk to the next
SIZE = (1600, 1000)


def wanted(description: str | None, work: Path = WORK) -> tuple[Path, Path]:
    """Where to work, and where the pictures go, as the command line says."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--work", type=Path, default=work)
    parser.add_argument("--out", type=Path, default=IMAGES)
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    given.out.mkdir(parents=True, exist_ok=True)
    return given.work.resolve(), given.out


def fresh_run() -> int:
    """A run of which no picture was ever seen before."""
    return int(time.time()) % 100_000 + 100_000


def config_in(work: Path) -> Config:
    """A server of the simulated hall."""
    inbox = work / "inbox"
    shutil.rmtree(inbox, ignore_errors=True)
    inbox.mkdir(parents=True)
    return settings.load(
        None,
        {
            "experiment": "Simulated hall",
            "data_dir": str(work / "data"),
            "port": 5790,
            "collect_fraction": 0.0,
            "inboxes": [{"path": str(inbox), "run_period": "RunPeriod-2026-05"}],
            "logbook": {"kind": "file", "folder": str(work / "logbook")},
        },
    )


@contextmanager
def server(config: Config) -> Iterator[None]:
    """All roles, with a model for each plot type."""
    stop = threading.Event()
    supervisor = Supervisor(config)
    teacher = Role("prepare-demo", ("prepare-demo",), once=True)
    with supervise.only_one(config):
        prepare(config)
        supervisor.start((*supervise.roles(config, os.cpu_count() or 1), teacher))
        deadline = time.monotonic() + PATIENCE_S
        try:
            while not supervisor.finished("prepare-demo"):
                supervisor.check()
                if time.monotonic() > deadline:
                    raise TimeoutError(f"The models are not ready; see {config.log_dir}.")
                time.sleep(0.5)
            watching = threading.Thread(target=supervisor.watch, args=(stop,))
            watching.start()
            yield
            stop.set()
            watching.join()
        finally:
            stop.set()
            supervisor.stop()


class _Loudspeaker(QObject):
    """A control room has one; where the pictures are made there may be none."""

    changed = Signal(bool, str)
    works = True

    def start(self, files: Mapping[str, Path], volume: float) -> None:
        """Nothing is heard."""

    def play(self, name: str, loudness: float = 1.0) -> bool:  # noqa: ARG002 - the names of the protocol
        """Nothing is heard."""
        return True

    def hush(self) -> None:
        """Nothing is heard."""

    def set_volume(self, volume: float) -> None:
        """Nothing is heard."""

    def set_file(self, name: str, file: Path) -> None:
        """Nothing is heard."""

    def close(self) -> None:
        """Nothing is open."""


def desktop(app: QApplication, config: Config, work: Path) -> Desktop:
    """The desktop, connected."""
    path = config.keys_dir / "screenshots.hydra-key"
    if not path.exists():
        keys.make_client(config.keys_dir, "counting-room-3", path, f"tcp://127.0.0.1:{config.port}")
    store = QSettings(str(work / "desktop.ini"), QSettings.Format.IniFormat)
    store.clear()
    # The key remembers the server that it was made for: another script's, on another port.
    address = f"tcp://127.0.0.1:{config.port}"
    options = Options(server=address, key=path, station="counting-room-3", theme="dark")
    desk = Desktop(app, options, Memory(store), _Loudspeaker())
    desk.window.resize(*SIZE)
    desk.window.show()
    desk.start()
    until(app, lambda: bool(desk.run.model.rows), "the server's plot types")
    return desk


def shoot(app: QApplication, desk: Desktop, place: Path) -> None:
    let_pass(app, 1.5)
    image = desk.window.grab().toImage()
    data = png(image)
    if len(data) > LARGEST:
        data = fewer_colours(data)
    place.write_bytes(data)
    print(f"{place}: {len(data) / 1000:.0f} kB", file=sys.stderr)


def png(image: QImage) -> bytes:
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG", 0)  # type: ignore[call-overload]
    return bytes(held.data())


def fewer_colours(data: bytes) -> bytes:
    """Packed tighter; where that is not enough, with the 256 colours that suit the picture best."""
    with Image.open(io.BytesIO(data)) as full:
        plain = full.convert("RGB")
    for candidate in (plain, plain.quantize(256, dither=Image.Dither.NONE)):
        held = io.BytesIO()
        candidate.save(held, "PNG", optimize=True)
        if held.tell() <= LARGEST:
            break
    return held.getvalue()


def let_pass(app: QApplication, seconds: float) -> None:
    """Let the desktop work for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        app.processEvents()
        time.sleep(0.01)


def until(app: QApplication, condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 120
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"Waited in vain for {what}.")
        let_pass(app, 0.1)


def feed(config: Config, run: int, chunk: int, faults: dict[str, str] | None = None) -> None:
    folder = config.inboxes[0].path / f"Run{run:06d}"
    folder.mkdir(exist_ok=True)
    for plot in simulator.catalogue():
        fault = (faults or {}).get(plot.name, "")
        drawn = simulator.draw(plot.name, run, chunk, fault, seed=run, episode=7)
        part = folder / f".{plot.name}_{chunk:04d}.png"
        part.write_bytes(drawn.png)
        part.rename(folder / part.name.removeprefix("."))


def judged(desk: Desktop, run: int, chunk: int = 1) -> int:
    verdicts = (row.verdict for row in desk.run.model.rows)
    return sum(
        each is not None and each.run == run and (each.chunk >= chunk or not each.chunked)
        for each in verdicts
    )


def acknowledge_all(app: QApplication, desk: Desktop, who: str) -> None:
    let_pass(app, 3)
    if not desk.alarms.waiting:
        return
    desk.acts.acknowledge_all()
    desk.acts.acknowledge_dialog.person.setText(who)
    desk.acts.acknowledge_dialog.go.click()
    until(app, lambda: not desk.alarms.waiting, "the acknowledgement")
