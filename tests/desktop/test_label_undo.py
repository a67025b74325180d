"""What was labelled before this start of the program is taken back like what was labelled since."""

from __future__ import annotations

import pytest
from desktop_factory import NOW
from labelling_site import gateway, labelling_site
from PySide6.QtCore import QSettings, Qt
from sqlalchemy import select
from test_labeler import CTRL, Table, item, opened, press, settled

from db.tables.people import CurrentLabelRow, LabelRow
from hydra_desktop.app import Desktop
from hydra_desktop.settings import Memory, Options
from inference_server.protocol import labelling as p
from inference_server.protocol.label_acts import OwnAct, OwnChange

UNDO = (CTRL, Qt.Key.Key_Z)
REDO = (CTRL | Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_Z)
PICTURES = 6
PATIENCE_MS = 60_000


def own(*changes: tuple[int, str, str, str]) -> OwnAct:
    made = tuple(
        OwnChange(picture_id=picture, before=before, after=after, client_id=vote)
        for picture, before, after, vote in changes
    )
    return OwnAct(at=NOW, plot_type="Plot_001", run=92317, chunk=8, changes=made)


@pytest.fixture
def table(server) -> Table:
    return Table(server, tuple(item(n) for n in range(1, 7)))


def say_acts(server, *, done=(), undone=()) -> None:
    acts = p.OwnActs(done=done, undone=undone)
    server.speaking.answers[p.GetOwnActs] = lambda _r: (acts, ())


def test_that_the_first_press_names_what_the_next_one_takes_back(desktop, server, qtbot, table):
    say_acts(
        server,
        done=(own((9, "", "Good", "v1")), own((2, "LED", "Bad", "v2"), (7, "", "Bad", "v3"))),
    )
    desk = opened(desktop, server, qtbot)
    count = desk.label_page.count
    press(qtbot, desk, UNDO)
    qtbot.waitUntil(lambda: "Bad for Plot_001 92317.8 and 1 more" in count.text())
    assert table.votes == []
    press(qtbot, desk, UNDO)
    settled(qtbot, desk)
    assert [(v.picture_id, v.class_name, v.undoes) for v in table.votes] == [
        (2, "LED", "v2"), (7, None, "v3"),
    ]  # fmt: skip
    assert desk.label.model.rows[1].label == "LED"
    press(qtbot, desk, UNDO)
    assert (
        count.text()
        == "Taken back: from Good to no label, 1 picture that this queue does not show."
    )
    press(qtbot, desk, UNDO)
    assert count.text() == "There is nothing to take back."
    settled(qtbot, desk)
    assert [v.undoes for v in table.votes] == ["v2", "v3", "v1"]


def test_that_what_was_taken_back_before_can_be_done_again(desktop, server, qtbot, table):
    say_acts(server, undone=(own((2, "", "Bad", "back")),))
    desk = opened(desktop, server, qtbot)
    press(qtbot, desk, REDO)
    qtbot.waitUntil(
        lambda: "Ctrl+Shift+Z once more does that again" in desk.label_page.count.text()
    )
    press(qtbot, desk, REDO)
    settled(qtbot, desk)
    assert [(v.picture_id, v.class_name, v.undoes) for v in table.votes] == [(2, "Bad", "back")]


def test_that_nobody_takes_back_what_was_labelled_under_another_name(desktop, server, qtbot, table):
    say_acts(server)
    desk = opened(desktop, server, qtbot)
    desk.label_page.side.person.setText("ann")
    press(qtbot, desk, Qt.Key.Key_1)
    settled(qtbot, desk)
    desk.label_page.side.person.setText("bob")
    press(qtbot, desk, UNDO)
    qtbot.waitUntil(lambda: desk.label_page.count.text() == "There is nothing to take back.")
    press(qtbot, desk, REDO)
    assert desk.label_page.count.text() == "There is nothing to do again."
    desk.label_page.side.person.setText("ann")
    press(qtbot, desk, UNDO)
    settled(qtbot, desk)
    assert [(v.kind, v.person) for v in table.votes] == [("label", "ann"), ("taken_back", "ann")]


@pytest.fixture
def site(tmp_path, mariadb):
    with labelling_site(tmp_path, mariadb, PICTURES) as made, gateway(made[0], tmp_path):
        yield made


@pytest.fixture
def start(qapp, site, tmp_path):
    """Start the program; the one before it is gone."""
    config, key, _ = site
    running = []

    def end():
        for desk in running:
            desk.stop()
            desk.window.close()
            desk.window.deleteLater()
        running.clear()
        qapp.processEvents()

    def begin():
        end()
        store = QSettings(str(tmp_path / "desktop.ini"), QSettings.Format.IniFormat)
        options = Options(
            server=f"tcp://127.0.0.1:{config.port}", key=key, station="here", theme="light"
        )
        desk = Desktop(qapp, options, Memory(store))
        running.append(desk)
        desk.window.show()
        desk.start()
        desk.window.show_page("label")
        return desk

    yield begin
    end()


def ready(qtbot, desk, rows):
    qtbot.waitUntil(
        lambda: desk.label.model.rowCount() == rows and bool(desk.label.acts.brushes),
        timeout=PATIENCE_MS,
    )


@pytest.mark.mariadb
@pytest.mark.timeout(200)
def test_that_a_restart_forgets_no_step_and_an_undo_is_a_vote_of_its_own(qtbot, site, start):
    desk = start()
    ready(qtbot, desk, PICTURES)
    press(qtbot, desk, Qt.Key.Key_1, Qt.Key.Key_2, (CTRL, Qt.Key.Key_A), Qt.Key.Key_2, UNDO, UNDO)
    qtbot.waitUntil(lambda: desk.label.outbox.waiting == 0, timeout=PATIENCE_MS)
    desk = start()  # done: Good for the first; taken back: Bad for the second, Bad for all
    ready(qtbot, desk, PICTURES - 1)
    press(qtbot, desk, REDO)
    qtbot.waitUntil(
        lambda: "Before this start: Bad" in desk.label_page.count.text(), timeout=PATIENCE_MS
    )
    press(qtbot, desk, REDO, REDO, UNDO, UNDO, UNDO)
    assert "from Good to no label" in desk.label_page.count.text()
    qtbot.waitUntil(lambda: desk.label.outbox.waiting == 0, timeout=PATIENCE_MS)
    with site[2].connect() as connection:
        assert connection.execute(select(CurrentLabelRow.picture_id)).all() == []
        votes = connection.execute(select(LabelRow.kind, LabelRow.undoes)).all()
    assert len(votes) == 1 + 1 + 6 + 6 + 1 + (1 + 6 + 6 + 1 + 1)
    assert sum(undoes is None for _, undoes in votes) == 8
