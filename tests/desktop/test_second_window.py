"""A second run window: it follows the feed by itself, is arranged by itself, and comes back at the next start."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from alarm_factory import alarm
from desktop_factory import kind, verdict
from desktop_server import SmallServer
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from hydra_desktop.app import Desktop
from hydra_desktop.rooms.second_room import Face
from hydra_desktop.settings import Memory
from inference_server.protocol.alarms import AlarmChanged
from inference_server.protocol.messages import Judged, Snapshot, Verdict
from tests.patience import PATIENCE_MS

Make = Callable[..., Desktop]
KINDS = (kind(1, name="CDC_occupancy"), kind(2, name="FDC_wires"))


def now_bad(number: int = 1) -> Verdict:
    at = datetime.now(UTC)
    name = KINDS[number - 1].name
    return verdict(number, "Bad", plot_type=name, judged_at=at, picture_time=at)


@pytest.fixture
def desk(desktop: Make, server: SmallServer, qtbot: QtBot) -> Desktop:
    server.speaking.snapshot = Snapshot(
        session="first", sequence=0, plot_types=KINDS, experiment="Hall"
    )
    made = desktop(server=server.address)
    made.start()
    qtbot.waitUntil(lambda: len(made.run.model.rows) == 2)
    assert server.subscribed.wait(60)
    return made


def second(desk: Desktop, qtbot: QtBot) -> Face:
    qtbot.keyClick(desk.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    (face,) = desk.second.faces.values()
    qtbot.waitUntil(lambda: len(face.run.model.rows) == 2)
    return face


def test_that_it_shows_the_same_by_its_own_arrangement(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    face = second(desk, qtbot)
    face.window.page.head.filter_box.setText("CDC")
    server.say(Judged(verdict=now_bad()))
    qtbot.waitUntil(lambda: face.window.page.lane.count.text() == "1")
    assert face.window.page.grid.model().rowCount() == 1
    assert desk.run_page.grid.model().rowCount() == 2
    assert face.window.status_line.bad.text().strip() == "1 bad"
    assert face.window.status_line.experiment.text() == "Hall"
    server.say(AlarmChanged(alarm=alarm(since=datetime.now(UTC))))
    qtbot.waitUntil(face.window.status_line.waiting.isVisible)
    assert desk.second.faces


def test_that_its_plots_open_in_the_first_window_and_its_alarms_are_acknowledged(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    face = second(desk, qtbot)
    server.say(Judged(verdict=now_bad()))
    server.say(AlarmChanged(alarm=alarm(since=datetime.now(UTC))))
    qtbot.waitUntil(face.window.status_line.waiting.isVisible)
    face.window.page.grid.opened.emit("FDC_wires")
    assert desk.window.page == "run"  # nothing to show of it yet
    face.window.page.lane.opened.emit("CDC_occupancy")
    assert desk.detail_page.title.text() == "CDC_occupancy"
    face.window.page.lane.acknowledge_wanted.emit("CDC_occupancy")
    assert desk.acts.acknowledge_dialog.isVisible()
    desk.acts.acknowledge_dialog.reject()
    face.window.activateWindow()
    assert QTest.qWaitForWindowActive(face.window, PATIENCE_MS)
    qtbot.keyClick(face.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert desk.acts.acknowledge_dialog.isVisible()


def test_that_it_is_a_wall_by_itself_and_fades_when_the_link_is_lost(
    desk: Desktop, qtbot: QtBot
) -> None:
    face = second(desk, qtbot)
    face.window.activateWindow()
    assert QTest.qWaitForWindowActive(face.window, PATIENCE_MS)
    qtbot.keyClick(face.window, Qt.Key.Key_F11)
    assert face.window.isFullScreen()
    assert not desk.window.isFullScreen()
    assert not face.window.page.head.isVisible()
    desk.link_room.lost.emit(True)
    assert face.window.page.grid.link_lost
    assert "may be old" in face.window.banner.sentence
    qtbot.keyClick(face.window.page, Qt.Key.Key_Escape)
    assert not face.window.isFullScreen()


def test_that_what_was_open_is_there_again_and_what_was_closed_is_not(
    desk: Desktop, desktop: Make, qtbot: QtBot, memory: Memory
) -> None:
    face = second(desk, qtbot)
    face.arrange.hide("CDC_occupancy")
    desk.stop()
    desk.window.close()
    again = desktop(server="")
    again.second.recall()
    (face,) = again.second.faces.values()
    assert face.arrange.station.hidden == frozenset({"CDC_occupancy"})
    assert not again.arrange.station.hidden
    again.second.open()
    assert sorted(again.second.faces) == [2, 3]
    again.second.faces[3].window.close()
    assert memory.text("windows") == "1"
