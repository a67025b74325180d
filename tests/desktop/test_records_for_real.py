"""Log, history, report and replay in the window, against a real gateway on each kind of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from library_server import Library, running
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from db import inferences, labels
from db.session import transaction
from hydra_desktop.app import Desktop
from inference_server.protocol.records import GetReport
from tests.db.factories import START
from ui.roles import Role

Make = Callable[..., Desktop]
RUN = 92317
SAID = [("Good", "Good", 0.95)] * 3 + [("Bad", "Bad", 0.9)] * 3 + [("Good", "Good", 0.95)] * 2


@pytest.fixture(scope="module")
def hall(each_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Eight chunks of one run; the model of then took the fourth to sixth for Good with a doubt."""
    folder = tmp_path_factory.mktemp("hall")
    with running(folder, each_database) as library:
        _fill(library)
        yield library


def _fill(library: Library) -> None:
    then = library.model("then")
    library.pictures(SAID[:3], model_id=then)
    doubt = {"scores": {"Good": 0.45, "Bad": 0.4}, "confidence": 0.45, "confirmed": False}
    library.pictures(SAID[3:6], start=4, model_id=then, **doubt)
    library.pictures(SAID[6:], start=7, model_id=then)
    library.model("now")


@pytest.fixture
def desk(hall: Library, desktop: Make, qtbot: QtBot) -> Desktop:
    made = desktop(server=hall.address, key=hall.key)
    made.start()
    qtbot.waitUntil(lambda: made.run.model.rowCount() == 1)
    return made


def test_that_a_streak_is_read_commented_on_and_labelled(
    desk: Desktop, hall: Library, qtbot: QtBot
) -> None:
    desk.window.show_page("log")
    qtbot.waitUntil(lambda: len(desk.log.model.streaks()) == 1)
    [streak] = desk.log.model.streaks()
    assert (streak.first_chunk, streak.last_chunk, streak.length) == (4, 6, 3)
    row = desk.log.model.find(streak.id)
    qtbot.waitUntil(lambda: row.data(Qt.ItemDataRole.DecorationRole) is not None)
    desk.log_page.rows.setCurrentIndex(row)
    preview = desk.log_page.preview
    qtbot.waitUntil(preview.labels.isVisible)
    preview.comment.setText("Crate 7 was off")
    preview.add.click()
    qtbot.waitUntil(lambda: "Crate 7 was off" in preview.comments.text())
    preview.labels.chosen.emit("NoData")
    qtbot.waitUntil(lambda: "labelled NoData" in preview.pictures.itemText(0))
    with transaction(hall.sessions) as session:
        picture = next(each for each in inferences.export(session) if each.chunk == 4).picture_id
        assert [each.class_name for each in labels.votes_on(session, picture)][-1] == "NoData"


def test_that_the_history_opens_with_a_plot_and_its_pictures(desk: Desktop, qtbot: QtBot) -> None:
    desk.window.show_page("history")
    qtbot.waitUntil(lambda: desk.history_page.note.text() == "8 verdicts, one by one.")
    [number] = desk.history_page.plots
    desk.history_page.pressed.emit(number, 4)
    qtbot.waitUntil(desk.history_page.open.isVisible)


def test_that_the_history_stands_run_by_run(desk: Desktop, qtbot: QtBot) -> None:
    desk.window.show_page("history")
    page = desk.history_page
    qtbot.waitUntil(lambda: page.note.text() == "8 verdicts, one by one.")
    [number] = page.plots
    page.axis.setCurrentIndex(1)
    page.axis.activated.emit(1)
    qtbot.waitUntil(lambda: page.plots[number].stretch()[1] < 10.0)
    assert page.plots[number].stretch() == pytest.approx((0.0, 1.0))
    page.pressed.emit(number, 4)
    qtbot.waitUntil(page.open.isVisible)
    page.plots[number].getViewBox().setXRange(0.0, 0.3, padding=0)
    qtbot.waitUntil(
        lambda: page.note.text() in ("3 verdicts, one by one.", "4 verdicts, one by one.")
    )


def test_that_the_report_is_one_click_from_the_log(
    desk: Desktop, tmp_path: Path, qtbot: QtBot
) -> None:
    wanted = GetReport(since=START, until=START + timedelta(hours=1))
    for name, begins in (("r.pdf", b"%PDF-"), ("r.html", b"<!DOCTYPE html>")):
        with qtbot.waitSignal(desk.log.files.written):
            desk.log.files.report_to(str(tmp_path / name), wanted)
        assert (tmp_path / name).read_bytes().startswith(begins)


def test_that_a_run_is_replayed_with_another_model_that_finds_what_was_missed(
    desk: Desktop, hall: Library, qtbot: QtBot
) -> None:
    desk.window.replay_wanted.emit()
    dialog = desk.replay.choice.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.list.count() == 1)
    dialog.judges.setCurrentIndex(2)
    qtbot.waitUntil(lambda: dialog.models.count() == 2)
    dialog.models.setCurrentIndex(dialog.models.findText("now"))
    dialog.start.click()
    qtbot.waitUntil(lambda: desk.replay.on)
    desk.replay._beat.stop()
    tile = desk.run_page.grid.model().index(0, 0)
    for _ in range(4):
        desk.replay.step()
    assert (tile.data(Role.LABEL), tile.data(Role.REPLAY)) == ("Bad", True)
    assert tile.data(Role.VERDICT) == "Bad 90 %, would call"
    while desk.replay.player is not None and not desk.replay.player.ended:
        desk.replay.step()
    shown = desk.replay.summary
    assert shown is not None
    assert "3; then: 0. 3 pictures got another verdict" in shown.sentences.text()
    shown.close()
    with transaction(hall.sessions) as session:
        assert inferences.count(session) == len(SAID)
    assert desk.alarms.alarms == ()
