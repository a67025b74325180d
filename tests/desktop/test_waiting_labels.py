"""Labels that wait in the window: full disks, the end of the program, other stations, other servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desktop_server import SmallServer
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from test_label_undo import UNDO, say_acts
from test_labeler import Table, item, opened, press, settled
from test_spool import grow_old, left_by_another_station, no_room_beyond

from hydra_desktop.settings import Address, identity
from inference_server.protocol import keys
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


@pytest.fixture
def second() -> Iterator[SmallServer]:
    made = SmallServer()
    yield made
    made.close()


def test_that_another_server_gets_neither_votes_nor_undos_of_the_first(
    desktop, server, second, qtbot, table
):
    other = Table(second, tuple(item(n) for n in range(1, 7)))
    say_acts(second)
    away(server)
    desk = opened(desktop, server, qtbot)
    press(qtbot, desk, Qt.Key.Key_1)
    connect(qtbot, desk, second)
    first = f"1 label for another server waits: connect to {server.address} to send them."
    assert first in desk.label_page._waiting.text()
    assert desk.label.model.rows[0].label == ""
    press(qtbot, desk, UNDO)
    qtbot.waitUntil(lambda: desk.label_page.count.text() == "There is nothing to take back.")
    press(qtbot, desk, Qt.Key.Key_2)
    settled(qtbot, desk)
    assert other.said() == [(1, "Bad", "label")]
    server.speaking.answers[p.CastVotes] = lambda request: (table._cast(request), ())
    connect(qtbot, desk, server)
    settled(qtbot, desk)
    assert table.said() == [(1, "Good", "label")]
    assert len(other.votes) == 1


def test_that_a_server_is_known_by_its_key_and_without_keys_by_its_address(tmp_path):
    key = tmp_path / "here.key"
    public = keys.make_client(tmp_path / "keys", "here", key, "").server_public_key
    assert identity(Address("tcp://a", str(key), "")) == public
    assert identity(Address("tcp://b", str(key), "")) == public
    assert identity(Address("tcp://a", "", "")) == "tcp://a"
    assert identity(Address("tcp://a", str(tmp_path / "none.key"), "")) == ""


def connect(qtbot, desk, server) -> None:
    desk.connect_room.chosen.emit(Address(server.address, "", "here"))
    qtbot.waitUntil(lambda: desk.label.model.rowCount() > 0 and bool(desk.label.acts.brushes))


LOSE = QMessageBox.ButtonRole.DestructiveRole
