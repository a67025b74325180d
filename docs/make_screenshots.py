"""Makes the pictures of the documentation: the real window on a real server, fed by the simulator.

``make screenshots``. The first run trains a model for each simulated plot type, which takes some
minutes; they are kept in ``--work``, so that the next run takes one. No figure in the pictures is made up.
"""

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
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QRectF, QSettings, Signal
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hydra_desktop.app import Desktop
from hydra_desktop.settings import Memory, Options
from inference_server import config as settings
from inference_server import simulator, supervise
from inference_server.cli.serve import prepare
from inference_server.config import Config
from inference_server.protocol import keys
from inference_server.simulator import SimPlot
from inference_server.supervise import Role, Supervisor
from ui.label_roles import LabelRole
from ui.roles import Role as Ask

IMAGES = Path(__file__).parent / "images"
LARGEST = 400_000  # bytes of a picture
PATIENCE_S = 1800.0  # for the trainings of the first run
ROUNDS, EVERY_S = 9, 3.0
SEED = 7
TROUBLED_FROM = 7  # rounds before that all is well
SIZE = (1600, 1000)


def main() -> int:
    """Run the server, fill it, take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--out", type=Path, default=IMAGES)
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    given.out.mkdir(parents=True, exist_ok=True)
    config = _config(given.work.resolve())
    app = QApplication([])
    with _server(config):
        run = int(time.time()) % 100_000 + 100_000  # so that no picture was ever seen before
        desk = _desktop(app, config, given.work)
        try:
            _feed(app, config, run)
            _take(app, desk, given.out)
        finally:
            desk.stop()
    return 0


def _config(work: Path) -> Config:
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
def _server(config: Config) -> Iterator[None]:
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


def _desktop(app: QApplication, config: Config, work: Path) -> Desktop:
    """The desktop, connected."""
    path = config.keys_dir / "screenshots.hydra-key"
    if not path.exists():
        keys.make_client(config.keys_dir, "counting-room-3", path, f"tcp://127.0.0.1:{config.port}")
    store = QSettings(str(work / "desktop.ini"), QSettings.Format.IniFormat)
    store.clear()
    options = Options(key=path, station="counting-room-3", theme="dark")
    desk = Desktop(app, options, Memory(store), _Loudspeaker())
    desk.window.resize(*SIZE)
    desk.window.show()
    desk.start()
    _until(app, lambda: bool(desk.run.model.rows), "the server's plot types")
    return desk


def _feed(app: QApplication, config: Config, run: int) -> None:
    """Rounds of every plot; in the last ones some are in trouble."""
    plots = simulator.catalogue()
    for number in range(1, ROUNDS + 1):
        for place, plot in enumerate(plots):
            fault = _fault(place, plot) if number >= TROUBLED_FROM else ""
            picture = simulator.draw(plot.name, run, number, fault, seed=SEED, episode=7)
            folder = config.inboxes[0].path / f"Run{run:06d}"
            folder.mkdir(exist_ok=True)
            part = folder / f".{plot.name}_{number:04d}.png"
            part.write_bytes(picture.png)
            part.rename(folder / part.name.removeprefix("."))
        _pass(app, EVERY_S)


def _fault(place: int, plot: SimPlot) -> str:
    """Trouble of three kinds, each for one plot."""
    wanted = {3: "HotChannel", 5: "hv_off", 10: "NoData"}.get(place)
    return next((each.name for each in plot.all_faults if wanted in (each.name, each.label)), "")


def _take(app: QApplication, desk: Desktop, out: Path) -> None:
    """Each page in both themes."""
    rows, view = desk.run.model, desk.detail_page

    def bad() -> list[str]:
        """The plots that are Bad and have their heat map."""
        every = (rows.index(place, 0) for place in range(rows.rowCount()))
        return [row.data(Ask.NAME) for row in every if row.data(Ask.HEAT) is not None]

    _until(app, lambda: bool(bad()), "a Bad plot with its heat map")
    for theme in ("light", "dark"):
        desk.preferences.set_theme(theme)
        desk.window.show_page("run")
        _shoot(app, desk, out / f"run_{theme}.png")
        desk.detail.open(bad()[0])
        _until(app, lambda: " px. " in view.note.text(), "the picture in full")
        _until(app, lambda: view.picture.has_heat, "the heat map on it")
        _until(app, view.labels.isVisible, "what is known of it")
        _shoot(app, desk, out / f"detail_{theme}.png")
    mask(app, desk, bad()[0], out)
    label(app, desk, bad()[0], out)
    desk.window.show_page("run")
    desk.wall.show(True)
    _shoot(app, desk, out / "wall_dark.png")
    desk.wall.show(False)


def mask(app: QApplication, desk: Desktop, plot: str, out: Path) -> None:
    """A mask as it is drawn, before it is set."""
    desk.preferences.set_theme("light")
    desk.detail.open(plot)
    _until(app, lambda: " px. " in desk.detail_page.note.text(), "the picture in full")
    desk.masks.open(plot)
    dialog = desk.masks.dialog
    assert dialog is not None
    dialog.areas.append(QRectF(0.65, 0.28, 0.16, 0.18))
    for field, words in (
        (dialog.person, "ann"),
        (dialog.why, "Sector 7 has no high voltage until the access in summer."),
        (dialog.contact, "Log entry 4711"),
    ):
        field.setText(words)
    _pass(app, 2.0)
    (out / "mask_dialog.png").write_bytes(_png(dialog.grab().toImage()))
    dialog.reject()


def label(app: QApplication, desk: Desktop, plot: str, out: Path) -> None:
    """The labeler with a few labels made by key, in both themes."""
    kinds, room, page = desk.label_page.side.plot_types, desk.label, desk.label_page
    desk.window.show_page("label")
    room.open(kinds.itemData(kinds.findText(plot)))
    _until(
        app,
        lambda: room.model.rowCount() > 4 and room.model.rows[0].item.plot_type == plot,
        "pictures to label",
    )
    for _ in range(4):
        said = page.grid.currentIndex().data(LabelRole.SAID)
        key = next(each.key for each in room.acts.brushes if each.name in said)
        QTest.keyClicks(page.grid, key)
        _pass(app, 0.3)
    _until(app, lambda: room.outbox.waiting == 0, "labels that are saved")
    for theme in ("light", "dark"):
        desk.preferences.set_theme(theme)
        _shoot(app, desk, out / f"label_{theme}.png")


def _shoot(app: QApplication, desk: Desktop, place: Path) -> None:
    _pass(app, 1.5)
    image = desk.window.grab().toImage()
    data = _png(image)
    if len(data) > LARGEST:
        data = _fewer_colours(data)
    place.write_bytes(data)
    print(f"{place}: {len(data) / 1000:.0f} kB", file=sys.stderr)


def _png(image: QImage) -> bytes:
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG", 0)  # type: ignore[call-overload]
    return bytes(held.data())


def _fewer_colours(data: bytes) -> bytes:
    """Packed tighter; where that is not enough, with the 256 colours that suit the picture best."""
    with Image.open(io.BytesIO(data)) as full:
        plain = full.convert("RGB")
    for candidate in (plain, plain.quantize(256, dither=Image.Dither.NONE)):
        held = io.BytesIO()
        candidate.save(held, "PNG", optimize=True)
        if held.tell() <= LARGEST:
            break
    return held.getvalue()


def _pass(app: QApplication, seconds: float) -> None:
    """Let the desktop work for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        app.processEvents()
        time.sleep(0.01)


def _until(app: QApplication, condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 120
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"Waited in vain for {what}.")
        _pass(app, 0.1)


if __name__ == "__main__":
    sys.exit(main())
