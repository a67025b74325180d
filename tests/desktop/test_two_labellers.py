"""Two people label the same plots at once: every vote is kept, and each sees what the other does."""

from __future__ import annotations

import pytest
from labelling_site import gateway, labelling_site
from PySide6.QtCore import QSettings, Qt
from sqlalchemy import func, select

from db.tables.people import CurrentLabelRow, LabelRow
from hydra_desktop.app import Desktop
from hydra_desktop.settings import Memory, Options

PICTURES = 20
PATIENCE_MS = 60_000


@pytest.fixture
def site(tmp_path, mariadb):
    with labelling_site(tmp_path, mariadb, PICTURES) as made, gateway(made[0], tmp_path):
        yield made


@pytest.fixture
def desks(qapp, site, tmp_path):
    """Ann's and Bob's, each with the same queue in front."""
    config, key, _ = site
    made = []
    for name in ("ann", "bob"):
        store = QSettings(str(tmp_path / name / "desktop.ini"), QSettings.Format.IniFormat)
        options = Options(
            server=f"tcp://127.0.0.1:{config.port}", key=key, station=name, theme="light"
        )
        desk = Desktop(qapp, options, Memory(store))
        made.append(desk)
        desk.window.show()
        desk.start()
        desk.window.show_page("label")
        desk.label_page.side.person.setText(name)
    yield made
    for desk in made:
        desk.stop()
        desk.window.close()
        desk.window.deleteLater()
    qapp.processEvents()


def press(qtbot, desk, key):
    qtbot.keyClick(desk.label_page.grid, key)


def labels(desk):
    return [row.label for row in desk.label.model.rows]


@pytest.mark.mariadb
@pytest.mark.timeout(200)
def test_that_of_two_who_label_at_once_no_vote_is_lost_and_each_sees_the_other(qtbot, site, desks):
    ann, bob = desks
    for desk in desks:
        qtbot.waitUntil(
            lambda room=desk.label: room.model.rowCount() == PICTURES, timeout=PATIENCE_MS
        )
        qtbot.waitUntil(lambda room=desk.label: bool(room.acts.brushes), timeout=PATIENCE_MS)
    ann.label_page.grid.go_to(0)
    bob.label_page.grid.go_to(PICTURES // 2)
    for _ in range(PICTURES // 2):  # each a half of his own, in turns
        press(qtbot, ann, Qt.Key.Key_1)
        press(qtbot, bob, Qt.Key.Key_2)
    halves = ["Good"] * (PICTURES // 2) + ["Bad"] * (PICTURES // 2)
    for desk in desks:
        qtbot.waitUntil(lambda shown=desk: labels(shown) == halves, timeout=PATIENCE_MS)
    for desk in desks:  # and now all of them both, at the same time
        desk.label_page.grid.selectAll()
    press(qtbot, ann, Qt.Key.Key_2)
    press(qtbot, bob, Qt.Key.Key_1)
    for desk in desks:
        qtbot.waitUntil(lambda room=desk.label: room.outbox.waiting == 0, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: labels(ann) == labels(bob), timeout=PATIENCE_MS)
    assert any(row.alarm for desk in desks for row in desk.label.model.rows)
    with site[2].connect() as connection:
        by_who = dict(
            connection.execute(select(LabelRow.who, func.count()).group_by(LabelRow.who)).all()
        )
        stored = connection.execute(
            select(CurrentLabelRow.class_name).order_by(CurrentLabelRow.picture_id.desc())
        ).scalars()
        assert list(stored) == labels(ann)
    assert by_who == {"ann": PICTURES * 3 // 2, "bob": PICTURES * 3 // 2}
