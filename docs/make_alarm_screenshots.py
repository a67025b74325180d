# ruff: noqa: SLF001 - the same stage as the other pictures, by its own names
"""Makes the pictures of the guide's section on alarms: one fault from its first picture to its end.

``make screenshots`` runs it after ``make_screenshots.py``, with the same server and models. The
pop-up is a window of its own; it is painted where the screen would show it.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import make_screenshots as stage
import msgspec
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QWidget

from hydra_desktop.app import Desktop
from inference_server import simulator
from inference_server.config import Config
from inference_server.protocol.alarms import AlarmCondition

WIDTH = 1200  # pixels of a picture in the guide
PORT = 5793  # beside the other pictures' server


def main() -> int:
    """Run the server, break a plot, mend it, and take a picture of each step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--out", type=Path, default=stage.IMAGES)
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    given.out.mkdir(parents=True, exist_ok=True)
    config = msgspec.structs.replace(stage._config(given.work.resolve()), port=PORT)
    app = QApplication([])
    with stage._server(config):
        desk = stage._desktop(app, config, given.work)
        desk.preferences.set_theme("light")
        desk.preferences.set_size("fit")
        _series(app, desk, config, given.out)
        desk.stop()
    return 0


def _series(app: QApplication, desk: Desktop, config: Config, out: Path) -> None:
    run = int(time.time()) % 100_000 + 100_000  # so that no picture was ever seen before
    plots = simulator.catalogue()
    victim = plots[0]
    fault = next(each.name for each in victim.all_faults if each.label == "Bad")
    _feed(config, run, 1)
    stage._until(app, lambda: _judged(desk, run) == len(plots), "all plots")
    _acknowledge_all(app, desk, "shift")  # what stood from an earlier run
    _feed(config, run, 2, {victim.name: fault})
    stage._until(app, lambda: _state(desk, victim.name) is not None, "the alarm")
    stage._until(app, lambda: not desk.popup.popup.rows[0].picture.pixmap().isNull(), "its picture")
    stage._pass(app, 2)
    _shoot(desk, (desk.popup.popup,), out / "alarm_1_popup.png")
    desk.popup.popup.show_plot.click()
    view = desk.detail_page.picture
    stage._until(app, lambda: view.has_heat, "the heat map")
    stage._pass(app, 2)
    _shoot(desk, (), out / "alarm_2_heat_map.png")
    desk.acts.acknowledge_all()
    dialog = desk.acts.acknowledge_dialog
    dialog.person.setText("Ann")
    dialog.why.setText("High voltage of one sector is off, expert called")
    stage._pass(app, 0.5)
    _shoot(desk, (desk.popup.popup, dialog), out / "alarm_3_acknowledge.png")
    dialog.go.click()
    stage._until(app, lambda: not desk.alarms.waiting, "the acknowledgement")
    desk.window.show_page("run")
    stage._pass(app, 1)
    _shoot(desk, (), out / "alarm_4_acknowledged.png")
    _feed(config, run, 3)
    stage._until(app, lambda: _state(desk, victim.name) is None, "the return to normal")
    stage._until(app, lambda: _judged(desk, run, 3) == len(plots), "all plots")
    stage._pass(app, 1)
    _shoot(desk, (), out / "alarm_5_good_again.png")
    desk.window.show_page("alarms")
    desk.alarm_page.show_tab("history")
    stage._until(app, lambda: desk.book.history.rowCount() > 0, "the history")
    stage._pass(app, 3)
    desk.book.search("")
    stage._pass(app, 1)
    _shoot(desk, (), out / "alarm_6_history.png")


def _feed(config: Config, run: int, chunk: int, faults: dict[str, str] | None = None) -> None:
    folder = config.inboxes[0].path / f"Run{run:06d}"
    folder.mkdir(exist_ok=True)
    for plot in simulator.catalogue():
        fault = (faults or {}).get(plot.name, "")
        drawn = simulator.draw(plot.name, run, chunk, fault, seed=run, episode=7)
        part = folder / f".{plot.name}_{chunk:04d}.png"
        part.write_bytes(drawn.png)
        part.rename(folder / part.name.removeprefix("."))


def _judged(desk: Desktop, run: int, chunk: int = 1) -> int:
    verdicts = (row.verdict for row in desk.run.model.rows)
    return sum(
        each is not None and each.run == run and (each.chunk >= chunk or not each.chunked)
        for each in verdicts
    )


def _state(desk: Desktop, plot: str) -> AlarmCondition | None:
    found = (each.condition for each in desk.alarms.alarms if each.plot_type == plot)
    return next(found, None)


def _acknowledge_all(app: QApplication, desk: Desktop, who: str) -> None:
    stage._pass(app, 3)
    if not desk.alarms.waiting:
        return
    desk.acts.acknowledge_all()
    desk.acts.acknowledge_dialog.person.setText(who)
    desk.acts.acknowledge_dialog.go.click()
    stage._until(app, lambda: not desk.alarms.waiting, "the acknowledgement")


def _shoot(desk: Desktop, above: tuple[QWidget, ...], place: Path) -> None:
    image = desk.window.grab().toImage()
    painter = QPainter(image)
    for number, widget in enumerate(above):
        corner = QPoint(120 + 520 * number, 560 - 180 * number)
        painter.drawPixmap(corner, widget.grab())
        painter.drawRect(QRect(corner, widget.size()))  # the frame that a screen gives it
    painter.end()
    smooth = image.scaledToWidth(WIDTH, Qt.TransformationMode.SmoothTransformation)
    place.write_bytes(stage._fewer_colours(stage._png(smooth)))
    print(f"{place}: {place.stat().st_size / 1000:.0f} kB", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
