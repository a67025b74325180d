"""Makes the pictures of the guide's sections on log, history and replay: two runs, the first with trouble.

``make screenshots`` runs it after the others, with the same server and models.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import stage
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
    work, out = stage.wanted(__doc__)
    beam = work / "conditions.toml"
    config = msgspec.structs.replace(
        stage.config_in(work), port=PORT, conditions=ConditionSource(file=beam)
    )
    app = QApplication([])
    with stage.server(config):
        desk = stage.desktop(app, config, work)
        try:
            run = _feed_runs(app, desk, config)
            _take(app, desk, out, run)
        finally:
            desk.stop()
    return 0


def _feed_runs(app: QApplication, desk: Desktop, config: Config) -> int:
    """The number of the first."""
    run = stage.fresh_run()
    plots = simulator.catalogue()
    assert config.conditions.file is not None
    for chunk in range(1, CHUNKS + 1):
        faults = _faults(plots) if chunk in TROUBLE else {}
        if chunk == TRIP:
            faults = {plot.name: BEAM_TRIP.name for plot in plots if BEAM_TRIP in plot.all_faults}
        config.conditions.file.write_text(f"beam_current = {0.0 if chunk == TRIP else 210.0}\n")
        stage.feed(config, run, chunk, faults)
        stage.let_pass(app, stage.EVERY_S)
    for chunk in (1, 2):
        stage.feed(config, run + 1, chunk)
        stage.let_pass(app, stage.EVERY_S)
    stage.until(app, lambda: stage.judged(desk, run + 1) == len(plots), "all plots")
    return run


def _faults(plots: tuple[SimPlot, ...]) -> dict[str, str]:
    return {
        plot.name: next(each.name for each in plot.all_faults if each.label == "Bad")
        for plot in (plots[0], plots[5])
    }


def _take(app: QApplication, desk: Desktop, out: Path, run: int) -> None:
    stage.acknowledge_all(app, desk, "shift")
    _log(app, desk, out)
    _history(app, desk, out, run)
    _replay(app, desk, out)


def _log(app: QApplication, desk: Desktop, out: Path) -> None:
    desk.window.show_page("log")
    view, model = desk.log_page.preview, desk.log.model
    stage.until(app, lambda: len(model.streaks()) > 1, "the log")
    longest = max(model.streaks(), key=lambda row: row.length)
    desk.log_page.rows.setCurrentIndex(model.find(longest.id))
    stage.until(app, view.picture.isVisible, "the picture of a streak")
    view.comment.setText("Crate 7 was off, back at once.")
    view.add.click()
    stage.until(app, lambda: "Crate 7" in view.comments.text(), "the comment")
    desk.preferences.set_theme("light")
    stage.shoot(app, desk, out / "log_page.png")
    desk.preferences.set_theme("dark")
    stage.shoot(app, desk, out / "log_dark.png")


def _history(app: QApplication, desk: Desktop, out: Path, run: int) -> None:
    """The two plots that broke, one below the other: the two runs, then all runs side by side."""
    page = desk.history_page
    desk.window.show_page("history")
    stage.until(app, lambda: bool(page.plots), "a plot of the history")
    for number in list(page.plots):
        page.removed.emit(number)
    broken = [plot.name for plot in (simulator.catalogue()[0], simulator.catalogue()[5])]
    numbers = [page.kinds.itemData(page.kinds.findText(name)) for name in broken]
    for number in numbers:
        desk.history.show(number)
    stage.until(app, lambda: set(page.plots) == set(numbers), "both plots")
    page.runs_wanted.emit(f"{run}-{run + 1}")
    stage.let_pass(app, 2.0)
    page.pressed.emit(numbers[0], 5)
    stage.until(app, page.open.isVisible, "the picture of a step")
    for theme in ("light", "dark"):
        desk.preferences.set_theme(theme)
        name = "history_page" if theme == "light" else "history_dark"
        stage.shoot(app, desk, out / f"{name}.png")
    page.axis.setCurrentIndex(page.axis.findData(True))
    page.axis.activated.emit(page.axis.currentIndex())
    page.days_wanted.emit(730.0)
    stage.let_pass(app, 2.0)
    for theme in ("dark", "light"):
        desk.preferences.set_theme(theme)
        stage.shoot(app, desk, out / f"history_runs_{theme}.png")
    desk.preferences.set_theme("dark")


def _replay(app: QApplication, desk: Desktop, out: Path) -> None:
    desk.window.replay_wanted.emit()
    dialog = desk.replay.choice.dialog
    stage.until(app, lambda: dialog is not None and dialog.list.count() > 1, "the runs")
    assert dialog is not None
    dialog.list.setCurrentRow(1)
    dialog.start.click()
    stage.until(app, lambda: desk.replay.on, "the replay")
    bar = desk.window.replay_bar
    bar.play.click()  # it stands still
    stage.until(app, lambda: desk.replay.player.reel.complete, "the whole run")
    while not desk.run_page.lane.count.text().isdigit():
        desk.replay.step()
    for _ in range(8):
        desk.replay.step()
        stage.let_pass(app, 0.1)
    for theme in ("light", "dark"):
        desk.preferences.set_theme(theme)
        stage.shoot(app, desk, out / f"replay_{theme}.png")
    bar.speed.setCurrentIndex(bar.speed.count() - 1)
    bar.play.click()
    stage.until(app, lambda: desk.replay.summary is not None, "the end of the replay")
    summary = desk.replay.summary
    if summary is not None:
        summary.resize(1000, 640)
        stage.let_pass(app, 0.5)
        summary.grab().save(str(out / "replay_summary_dark.png"))
        summary.close()
    desk.replay.end()


if __name__ == "__main__":
    sys.exit(main())
