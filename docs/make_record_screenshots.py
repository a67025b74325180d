# ruff: noqa: SLF001 - the same stage as the other pictures, by its own names
"""Makes the pictures of the guide's sections on log, history and replay: two runs, the first with trouble.

``make screenshots`` runs it after the others, with the same server and models.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import make_alarm_screenshots as feeder
import make_screenshots as stage
import msgspec
from PySide6.QtWidgets import QApplication

from hydra_desktop.app import Desktop
from inference_server import simulator
from inference_server.config import ConditionSource, Config
from inference_server.simulator import SimPlot
from inference_server.simulator.values import BEAM_TRIP

PORT = 5796  # beside the other pictures' servers
CHUNKS = 8
TROUBLE = range(4, 7)  # chunks of the first run in which two plots are broken
TRIP = 2  # the chunk in which there is no beam


def main() -> int:
    """Run the server, feed two runs, look back at them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--out", type=Path, default=stage.IMAGES)
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    given.out.mkdir(parents=True, exist_ok=True)
    beam = given.work.resolve() / "conditions.toml"
    config = msgspec.structs.replace(
        stage._config(given.work.resolve()), port=PORT, conditions=ConditionSource(file=beam)
    )
    app = QApplication([])
    with stage._server(config):
        desk = stage._desktop(app, config, given.work)
        try:
            _feed_runs(app, desk, config)
            _take(app, desk, given.out)
        finally:
            desk.stop()
    return 0


def _feed_runs(app: QApplication, desk: Desktop, config: Config) -> None:
    run = int(time.time()) % 100_000 + 100_000  # so that no picture was ever seen before
    plots = simulator.catalogue()
    assert config.conditions.file is not None
    for chunk in range(1, CHUNKS + 1):
        faults = _faults(plots) if chunk in TROUBLE else {}
        if chunk == TRIP:
            faults = {plot.name: BEAM_TRIP.name for plot in plots if BEAM_TRIP in plot.all_faults}
        config.conditions.file.write_text(f"beam_current = {0.0 if chunk == TRIP else 210.0}\n")
        feeder._feed(config, run, chunk, faults)
        stage._pass(app, stage.EVERY_S)
    for chunk in (1, 2):
        feeder._feed(config, run + 1, chunk)
        stage._pass(app, stage.EVERY_S)
    stage._until(app, lambda: feeder._judged(desk, run + 1) == len(plots), "all plots")


def _faults(plots: tuple[SimPlot, ...]) -> dict[str, str]:
    return {
        plot.name: next(each.name for each in plot.all_faults if each.label == "Bad")
        for plot in (plots[0], plots[5])
    }


def _take(app: QApplication, desk: Desktop, out: Path) -> None:
    feeder._acknowledge_all(app, desk, "shift")
    _log(app, desk, out)
    _history(app, desk, out)
    _replay(app, desk, out)


def _log(app: QApplication, desk: Desktop, out: Path) -> None:
    desk.window.show_page("log")
    view, model = desk.log_page.preview, desk.log.model
    stage._until(app, lambda: len(model.streaks()) > 1, "the log")
    longest = max(model.streaks(), key=lambda row: row.length)
    desk.log_page.rows.setCurrentIndex(model.find(longest.id))
    stage._until(app, view.picture.isVisible, "the picture of a streak")
    view.comment.setText("Crate 7 was off, back at once.")
    view.add.click()
    stage._until(app, lambda: "Crate 7" in view.comments.text(), "the comment")
    desk.preferences.set_theme("light")
    stage._shoot(app, desk, out / "log_page.png")
    desk.preferences.set_theme("dark")
    stage._shoot(app, desk, out / "log_dark.png")


def _history(app: QApplication, desk: Desktop, out: Path) -> None:
    """The two plots that broke, one below the other."""
    page = desk.history_page
    desk.window.show_page("history")
    stage._until(app, lambda: bool(page.plots), "a plot of the history")
    for number in list(page.plots):
        page.removed.emit(number)
    broken = [plot.name for plot in (simulator.catalogue()[0], simulator.catalogue()[5])]
    numbers = [page.kinds.itemData(page.kinds.findText(name)) for name in broken]
    for number in numbers:
        desk.history.show(number)
    stage._until(app, lambda: set(page.plots) == set(numbers), "both plots")
    newest = desk.history._shown[numbers[0]].times
    began = newest[-CHUNKS - 2] - 5
    page.show_stretch(began, newest[-1] + 5)
    desk.history._look_at(began, newest[-1] + 5)
    stage._pass(app, 1.0)
    page.pressed.emit(numbers[0], 5)
    stage._until(app, page.open.isVisible, "the picture of a step")
    for theme in ("light", "dark"):
        desk.preferences.set_theme(theme)
        name = "history_page" if theme == "light" else "history_dark"
        stage._shoot(app, desk, out / f"{name}.png")


def _replay(app: QApplication, desk: Desktop, out: Path) -> None:
    desk.window.replay_wanted.emit()
    dialog = desk.replay.choice.dialog
    stage._until(app, lambda: dialog is not None and dialog.list.count() > 1, "the runs")
    assert dialog is not None
    dialog.list.setCurrentRow(1)
    dialog.start.click()
    stage._until(app, lambda: desk.replay.on, "the replay")
    desk.replay._beat.stop()
    stage._until(app, lambda: desk.replay.player.reel.complete, "the whole run")
    while not desk.run_page.lane.count.text().isdigit():
        desk.replay.step()
    for _ in range(8):
        desk.replay.step()
        stage._pass(app, 0.1)
    for theme in ("light", "dark"):
        desk.preferences.set_theme(theme)
        stage._shoot(app, desk, out / f"replay_{theme}.png")
    desk.replay._set_speed(float("inf"))
    desk.replay._toggle()
    while not desk.replay.player.ended:
        desk.replay.beat()
    stage._pass(app, 0.5)
    summary = desk.replay.summary
    if summary is not None:
        summary.resize(1000, 640)
        stage._pass(app, 0.5)
        summary.grab().save(str(out / "replay_summary_dark.png"))
        summary.close()
    desk.replay.end()


if __name__ == "__main__":
    sys.exit(main())
