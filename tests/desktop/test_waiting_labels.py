"""Labels that wait in the window: full disks, the end of the program, other stations, other servers."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from test_labeler import Table, item, opened, press
from test_spool import grow_old, left_by_another_station, no_room_beyond

from inference_server.protocol import labelling as p
from inference_server.protocol.messages import Refused


@pytest.fixture
def table(server) -> Table:
    return Table(server, tuple(item(n) for n in range(1, 7)))


def away(server) -> None:
    """The server answers, and takes no votes."""
    server.speaking.answers[p.CastVotes] = lambda _r: (
        Refused(code="database-away", sentence="x"),
        (),
    )


def test_that_votes_on_a_full_disk_are_written_when_there_is_room_again(
    desktop, server, memory, qtbot, table
):
    away(server)
    desk = opened(desktop, server, qtbot)
    with no_room_beyond(10):
        press(qtbot, desk, Qt.Key.Key_1)
        assert desk.label.outbox.trouble
    qtbot.waitUntil(lambda: not desk.label.outbox.trouble)
    qtbot.waitUntil(lambda: "kept on this station" in desk.label_page._waiting.text())
    assert b'"picture_id":1' in memory.spool.read_bytes()


def test_that_a_window_with_votes_that_would_be_lost_asks_before_it_closes(
    desktop, server, memory, qtbot, table
):
    away(server)
    desk = opened(desktop, server, qtbot)
    question = desk.window.closing
    with no_room_beyond(10):
        press(qtbot, desk, Qt.Key.Key_1)
        assert not desk.window.close()
        assert "1 label is neither sent nor kept" in question.box.text()
        qtbot.mouseClick(question.box.escapeButton(), Qt.MouseButton.LeftButton)
        assert desk.window.isVisible()
        assert not desk.window.close()
        (lose,) = [b for b in question.box.buttons() if question.box.buttonRole(b) is LOSE]
        qtbot.mouseClick(lose, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not desk.window.isVisible())


def test_that_the_question_goes_when_nothing_would_be_lost_any_more(desktop, server, qtbot, table):
    away(server)
    desk = opened(desktop, server, qtbot)
    with no_room_beyond(10):
        press(qtbot, desk, Qt.Key.Key_1)
        assert not desk.window.close()
    qtbot.waitUntil(lambda: desk.window.closing.box is None)
    assert desk.window.close()
    desk.stop()


def test_that_labels_of_a_station_that_crashed_are_told_and_sent(
    desktop, server, memory, qtbot, table
):
    left_by_another_station(memory.spool)
    desk = opened(desktop, server, qtbot)
    line = desk.label_page._waiting
    assert f"1 label of another station (or program) waits in {memory.spool}." in line.text()
    grow_old(memory.spool)
    desk.label.outbox.look_about()
    qtbot.waitUntil(lambda: line.text() == "Every label is saved.")
    assert table.said() == [(1, "Good", "label")]


LOSE = QMessageBox.ButtonRole.DestructiveRole
