"""A new user's path, all through the window: from a folder of pictures to a model that judges the next one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from hydra_desktop.app import Desktop
from hydra_desktop.link.state import Stage
from inference_server.protocol import keys
from inference_server.protocol.messages import Verdict
from tests.server.live import LiveServer, live
from tests.server.pictures import plot
from ui.ask_dialog import AskDialog

NAME = "CDC_occupancy"
LEFT = Qt.MouseButton.LeftButton
PATIENCE_MS = 120_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    with live(tmp_path) as (running, _heard):
        yield running


@pytest.fixture
def desk(
    desktop: Callable[..., Desktop], server: LiveServer, tmp_path: Path, qtbot: QtBot
) -> Desktop:
    key = str(tmp_path / "here.key")
    keys.make_client(server.config.keys_dir, "here", tmp_path / "here.key", "")
    made = desktop(server=f"tcp://127.0.0.1:{server.config.port}", key=key)
    made.start()
    qtbot.waitUntil(lambda: made.link.state.stage is Stage.CONNECTED, timeout=PATIENCE_MS)
    return made


def folder_of_pictures() -> dict[str, tuple[str, bytes]]:
    """Twenty of each class from four runs: name below the inbox to class and file."""
    found = {}
    for run in range(100, 104):
        for chunk in range(10):
            label = "Good" if chunk % 2 else "Bad"
            data = plot(label, run * 100 + chunk)
            found[f"Run{run:06d}/{NAME}_{chunk + 1:04d}.png"] = label, data
    return found


def make_plot_type(desk: Desktop, qtbot: QtBot) -> None:
    desk.window.show_page("library")
    qtbot.mouseClick(desk.library_page.models.new, LEFT)
    form = desk.plot_type.dialog
    assert form is not None
    form.name.setText(NAME)
    for name, severity in (("Good", 0), ("Bad", 2)):
        form.new_class.setText(name)
        form.severity.setCurrentIndex(severity)
        qtbot.mouseClick(form.add, LEFT)
    qtbot.mouseClick(form.save, LEFT)
    qtbot.waitUntil(lambda: desk.plot_type.dialog is None, timeout=PATIENCE_MS)


def label_all(desk: Desktop, truth: dict[str, str], qtbot: QtBot) -> None:
    """By keys alone, as the palette names them."""
    room, grid = desk.label, desk.label_page.grid
    desk.window.show_page("label")
    qtbot.waitUntil(lambda: bool(room.acts.brushes), timeout=PATIENCE_MS)

    def ready() -> bool:
        if room.model.rowCount() < len(truth):
            room.reload()
            QTest.qWait(200)  # lets the answer come
        return room.model.rowCount() == len(truth)

    qtbot.waitUntil(ready, timeout=PATIENCE_MS)
    palette = {brush.name: brush.key for brush in room.acts.brushes}
    for _ in truth:
        qtbot.waitUntil(
            lambda: grid.currentIndex().isValid() and not room.pictures.current().label,
            timeout=PATIENCE_MS,
        )
        label = truth[room.pictures.current().item.picture_hash]
        QTest.keyClick(grid, palette[label])
    qtbot.waitUntil(lambda: room.outbox.waiting == 0, timeout=PATIENCE_MS)


def train(desk: Desktop, qtbot: QtBot) -> None:
    page = desk.training_page
    desk.window.show_page("training")
    qtbot.waitUntil(
        lambda: page.wish.split.text().startswith("40 plots of 4 runs"), timeout=PATIENCE_MS
    )
    page.wish.choose_depth("quick")
    qtbot.mouseClick(page.wish.train, LEFT)
    qtbot.waitUntil(
        lambda: page.result.title.text() == "Model 1 beside the active one", timeout=PATIENCE_MS
    )


def tell(dialog: AskDialog | None, qtbot: QtBot) -> None:
    assert dialog is not None
    dialog.person.setText("ann")
    dialog.reason.setText("looks right")
    qtbot.mouseClick(dialog.primary, LEFT)


def sign_and_activate(desk: Desktop, qtbot: QtBot) -> None:
    bar = desk.library_page.models
    qtbot.mouseClick(desk.training_page.open, LEFT)
    qtbot.waitUntil(lambda: desk.library_page.title.text() == "Model 1", timeout=PATIENCE_MS)
    matrix = desk.library_page.matrix
    qtbot.waitUntil(lambda: int(matrix.figures.bars.sum()) == 40, timeout=PATIENCE_MS)
    qtbot.mouseClick(bar.sign, LEFT)  # the report: what it got wrong
    for following in ("Sign off", "Report"):
        qtbot.mouseClick(bar.sign, LEFT)
        tell(desk.release.dialog, qtbot)
        qtbot.waitUntil(lambda word=following: bar.sign.text() == word, timeout=PATIENCE_MS)
    qtbot.mouseClick(bar.activate, LEFT)
    tell(desk.release.dialog, qtbot)
    qtbot.waitUntil(lambda: desk.library_page.title.text() == "★ Model 1", timeout=PATIENCE_MS)


@pytest.mark.slow
def test_that_a_new_user_comes_from_a_folder_of_pictures_to_a_model_that_judges_the_next(
    desk: Desktop, server: LiveServer, qtbot: QtBot
) -> None:
    verdicts: list[Verdict] = []
    desk.run.judged.connect(verdicts.append)
    make_plot_type(desk, qtbot)
    given = folder_of_pictures()
    for name, (_, data) in given.items():
        server.put(name, data)
    qtbot.waitUntil(lambda: len(verdicts) == len(given), timeout=PATIENCE_MS)
    assert {verdict.label for verdict in verdicts} == {"NoModel"}
    truth = {hashlib.sha256(data).hexdigest(): label for label, data in given.values()}
    label_all(desk, truth, qtbot)
    train(desk, qtbot)
    sign_and_activate(desk, qtbot)
    roles = server.roles().keys()
    chunk = 0
    for label in ("Bad", "Good"):
        while True:  # the workers hear of the new model within a second; until then nothing judges
            chunk += 1
            count = len(verdicts)
            server.put(f"Run000200/{NAME}_{chunk:04d}.png", plot(label, 9000 + chunk))
            qtbot.waitUntil(lambda count=count: len(verdicts) > count, timeout=PATIENCE_MS)
            if verdicts[-1].model_id == 1:
                break
        assert verdicts[-1].label == label
    assert server.roles().keys() == roles
