"""Makes the pictures of the guide's section on alarms: one fault from its first picture to its end.

``make screenshots`` runs it after ``make_screenshots.py``, with the same server and models. The
pop-up is a window of its own; it is painted where the screen would show it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import stage
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
    work, out = stage.wanted(__doc__)
    config = msgspec.structs.replace(stage.config_in(work), port=PORT)
    app = QApplication([])
    with stage.server(config):
        desk = stage.desktop(app, config, work)
        desk.preferences.set_theme("light")
        desk.preferences.set_size("fit")
        _series(app, desk, config, out)
        desk.stop()
    return 0


def _series(app: QApplication, desk: Desktop, config: Config, out: Path) -> None:
    run = stage.fresh_run()
    plots = simulator.catalogue()
    victim = plots[0]
    fault = next(each.name for each in victim.all_faults if each.label == "Bad")
    stage.feed(config, run, 1)
    stage.until(app, lambda: stage.judged(desk, run) == len(plots), "all plots")
    stage.acknowledge_all(app, desk, "shift")  # what stood from an earlier run
    stage.feed(config, run, 2, {victim.name: fault})
    stage.until(app, lambda: _state(desk, victim.name) is not None, "the alarm")
    stage.until(app, lambda: not desk.popup.popup.rows[0].picture.pixmap().isNull(), "its picture")
    stage.let_pass(app, 2)
    _shoot(desk, (desk.popup.popup,), out / "alarm_1_popup.png")
    desk.popup.popup.show_plot.click()
    view = desk.detail_page.picture
    stage.until(app, lambda: view.has_heat, "the heat map")
    stage.let_pass(app, 2)
    _shoot(desk, (), out / "alarm_2_heat_map.png")
    desk.acts.acknowledge_all()
    dialog = desk.acts.acknowledge_dialog
    dialog.person.setText("Ann")
    dialog.why.setText("High voltage of one sector is off, expert called")
    stage.let_pass(app, 0.5)
    _shoot(desk, (desk.popup.popup, dialog), out / "alarm_3_acknowledge.png")
    dialog.go.click()
    stage.until(app, lambda: not desk.alarms.waiting, "the acknowledgement")
    desk.window.show_page("run")
    stage.let_pass(app, 1)
    _shoot(desk, (), out / "alarm_4_acknowledged.png")
    stage.feed(config, run, 3)
    stage.until(app, lambda: _state(desk, victim.name) is None, "the return to normal")
    stage.until(app, lambda: stage.judged(desk, run, 3) == len(plots), "all plots")
    stage.let_pass(app, 1)
    _shoot(desk, (), out / "alarm_5_good_again.png")
    desk.window.show_page("alarms")
    desk.alarm_page.show_tab("history")
    stage.until(app, lambda: desk.book.history.rowCount() > 0, "the history")
    stage.let_pass(app, 3)
    desk.book.search("")
    stage.let_pass(app, 1)
    _shoot(desk, (), out / "alarm_6_history.png")


def _state(desk: Desktop, plot: str) -> AlarmCondition | None:
    found = (each.condition for each in desk.alarms.alarms if each.plot_type == plot)
    return next(found, None)


def _shoot(desk: Desktop, above: tuple[QWidget, ...], place: Path) -> None:
    image = desk.window.grab().toImage()
    painter = QPainter(image)
    for number, widget in enumerate(above):
        corner = QPoint(120 + 520 * number, 560 - 180 * number)
        painter.drawPixmap(corner, widget.grab())
        painter.drawRect(QRect(corner, widget.size()))  # the frame that a screen gives it
    painter.end()
    smooth = image.scaledToWidth(WIDTH, Qt.TransformationMode.SmoothTransformation)
    place.write_bytes(stage.fewer_colours(stage.png(smooth)))
    print(f"{place}: {place.stat().st_size / 1000:.0f} kB", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
