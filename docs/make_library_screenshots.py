"""Makes the pictures of the library: the real window on a real server with trained models.

Part of ``make screenshots``; shares the server's directory with ``make_screenshots``, and its models.
"""

from __future__ import annotations

import sys
from pathlib import Path

import stage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hydra_desktop.app import Desktop

PLOT = "CDC_occupancy"


def main() -> int:
    """Run the server, train once more, take the pictures."""
    work, out = stage.wanted(__doc__)
    config = stage.config_in(work)
    app = QApplication([])
    with stage.server(config):
        desk = stage.desktop(app, config, work)
        try:
            _open(app, desk)
            _train(app, desk)
            for theme in ("light", "dark"):
                desk.preferences.set_theme(theme)
                _take(app, desk, out, theme)
        finally:
            desk.stop()
    return 0


def _open(app: QApplication, desk: Desktop) -> None:
    box = desk.library_page.models.plot_types
    desk.window.show_page("library")
    stage.until(app, lambda: box.findText(PLOT) >= 0, "the plot type")
    box.setCurrentIndex(box.findText(PLOT))
    stage.until(app, lambda: bool(desk.library_page.matrix.figures.bars.sum()), "the matrix")


def _train(app: QApplication, desk: Desktop) -> None:
    """A second model, from the active one; nothing where an earlier run left one."""
    if desk.library.models is not None and len(desk.library.models.models) > 1:
        return
    page = desk.training_page.wish
    desk.window.show_page("training")
    page.plot_types.setCurrentIndex(page.plot_types.findText(PLOT))
    stage.let_pass(app, 1)
    page.choose_depth("thorough")
    page.train.click()
    stage.until(
        app,
        lambda: desk.library.models is not None and len(desk.library.models.models) > 1,
        "the second model",
    )


def _take(app: QApplication, desk: Desktop, out: Path, theme: str) -> None:
    page, bar = desk.library_page, desk.library_page.models
    desk.window.show_page("library")
    models = desk.library.models
    assert models is not None
    oldest = min(each.id for each in models.models)
    desk.library.show_model(oldest)
    page.show_view("matrix")
    stage.until(app, lambda: bool(page.matrix.figures.bars.sum()), "the matrix")
    figures = page.matrix.figures
    row, column = divmod(int(_mistakes(figures.counts).argmax()), len(figures.classes))
    page.matrix.cell_chosen.emit(row, column)
    page.thresholds.try_value(figures.classes[0].name, 0.9)
    stage.shoot(app, desk, out / f"library_{theme}.png")
    page.thresholds.stop_trying()
    page.show_view("curves")
    stage.shoot(app, desk, out / f"library_curves_{theme}.png")
    page.show_view("comparison")
    stage.shoot(app, desk, out / f"library_compare_{theme}.png")
    page.show_view("matrix")
    bar.sign.click()
    stage.shoot(app, desk, out / f"library_report_{theme}.png")
    bar.ledger.click()
    dialog = desk.ledger.dialog
    assert dialog is not None
    dialog.ask.click()
    stage.let_pass(app, 1)
    dialog.grab().save(str(out / f"library_ledger_{theme}.png"))
    dialog.reject()
    bar.edit.click()
    form = desk.plot_type.dialog
    assert form is not None
    stage.let_pass(app, 2)
    form.grab().save(str(out / f"plot_type_{theme}.png"))
    form.reject()
    QTest.qWait(200)


def _mistakes(counts):  # type: ignore[no-untyped-def]
    found = counts.copy()
    for place in range(len(found)):
        found[place, place] = 0
    return found


if __name__ == "__main__":
    sys.exit(main())
