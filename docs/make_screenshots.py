"""Makes the pictures of the documentation: the real window on a real server, fed by the simulator.

``make screenshots``. The first run trains a model for each simulated plot type, which takes some
minutes; they are kept in ``--work``, so that the next run takes one. No figure in the pictures is made up.
"""

from __future__ import annotations

import sys
from pathlib import Path

import stage
from PySide6.QtCore import QRectF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hydra_desktop.app import Desktop
from inference_server import simulator
from inference_server.config import Config
from inference_server.simulator import SimPlot
from ui.label_roles import LabelRole
from ui.roles import Role as Ask

ROUNDS = 9
SEED = 7
TROUBLED_FROM = 7  # rounds before that all is well


def main() -> int:
    """Run the server, fill it, take the pictures."""
    work, out = stage.wanted(__doc__)
    config = stage.config_in(work)
    app = QApplication([])
    with stage.server(config):
        run = stage.fresh_run()
        desk = stage.desktop(app, config, work)
        try:
            _feed(app, config, run)
            _take(app, desk, out)
        finally:
            desk.stop()
    return 0


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
        stage.let_pass(app, stage.EVERY_S)


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

    stage.until(app, lambda: bool(bad()), "a Bad plot with its heat map")
    for theme in ("light", "dark"):
        desk.preferences.set_theme(theme)
        desk.window.show_page("run")
        stage.shoot(app, desk, out / f"run_{theme}.png")
        desk.detail.open(bad()[0])
        stage.until(app, lambda: " px. " in view.note.text(), "the picture in full")
        stage.until(app, lambda: view.picture.has_heat, "the heat map on it")
        stage.until(app, view.labels.isVisible, "what is known of it")
        stage.shoot(app, desk, out / f"detail_{theme}.png")
    mask(app, desk, bad()[0], out)
    label(app, desk, bad()[0], out)
    desk.window.show_page("run")
    desk.wall.show(True)
    desk.window.showNormal()  # the screen of a machine without one is small
    desk.window.resize(1920, 1080)
    stage.shoot(app, desk, out / "wall_dark.png")
    desk.wall.show(False)


def mask(app: QApplication, desk: Desktop, plot: str, out: Path) -> None:
    """A mask as it is drawn, before it is set."""
    desk.preferences.set_theme("light")
    desk.detail.open(plot)
    stage.until(app, lambda: " px. " in desk.detail_page.note.text(), "the picture in full")
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
    stage.let_pass(app, 2.0)
    (out / "mask_dialog.png").write_bytes(stage.png(dialog.grab().toImage()))
    dialog.reject()


def label(app: QApplication, desk: Desktop, plot: str, out: Path) -> None:
    """The labeler with a few labels made by key, in both themes."""
    kinds, room, page = desk.label_page.side.plot_types, desk.label, desk.label_page
    desk.window.show_page("label")
    room.open(kinds.itemData(kinds.findText(plot)))
    stage.until(
        app,
        lambda: room.model.rowCount() > 4 and room.model.rows[0].item.plot_type == plot,
        "pictures to label",
    )
    for _ in range(4):
        said = page.grid.currentIndex().data(LabelRole.SAID)
        key = next(each.key for each in room.acts.brushes if each.name in said)
        QTest.keyClicks(page.grid, key)
        stage.let_pass(app, 0.3)
    stage.until(app, lambda: room.outbox.waiting == 0, "labels that are saved")
    for theme in ("light", "dark"):
        desk.preferences.set_theme(theme)
        stage.shoot(app, desk, out / f"label_{theme}.png")


if __name__ == "__main__":
    sys.exit(main())
