"""What a person does on the status and administration pages, against a real gateway on each kind of database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from library_server import Library, running
from PySide6.QtCore import QDate, QItemSelectionModel
from PySide6.QtWidgets import QLabel, QTableWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from db import inferences, notices, people, quarantine, settings
from db.session import transaction
from db.tables.plots import PictureRow
from hydra_desktop.app import Desktop
from inference_server.config import Inbox
from inference_server.keeper.journal import Journal
from inference_server.keeper.retention import Retention
from tests.db.factories import inference
from ui.administration_page import AdministrationPage

Make = Callable[..., Desktop]
BROKEN = ("CDC_occupancy_0001.png", "CDC_occupancy_0002.png", "CDC_occupancy_0003.png")


@pytest.fixture(scope="module")
def hall(each_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Two Good pictures, one of them labelled, and three that were set aside."""
    folder = tmp_path_factory.mktemp("hall")
    inboxes = (Inbox(path=folder / "inbox"),)
    with running(folder, each_database, _fill, inboxes=inboxes) as library:
        yield library


def _fill(library: Library) -> None:
    library.pictures([("Good", "Good", 0.95)])
    with transaction(library.sessions) as session:
        old = datetime.now(UTC) - timedelta(days=30)  # the rules go by the clock on the wall
        inferences.store(session, [inference(library.plot_type, 2, judged_at=old)])
    for name in BROKEN:
        kept = library.config.quarantine_dir / "Run092317" / name
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(b"\x89PNG")
        place = library.config.inboxes[0].path / "Run092317" / name
        with transaction(library.sessions) as session:
            quarantine.add(
                session, path=str(place), reason="It ends too early.", at=datetime.now(UTC),
                kept_as=str(kept),
            )  # fmt: skip


@pytest.fixture
def desk(hall: Library, desktop: Make, qtbot: QtBot) -> Desktop:
    made = desktop(server=hall.address, key=hall.key)
    made.start()
    qtbot.waitUntil(lambda: made.run.model.rowCount() == 1)
    return made


@pytest.fixture
def page(desk: Desktop) -> AdministrationPage:
    desk.window.show_page("administration")
    return desk.administration_page


def cells(table: QTableWidget) -> list[list[str]]:
    """The words of a table, row by row."""
    rows = range(table.rowCount())
    columns = range(table.columnCount())
    items = [[table.item(row, column) for column in columns] for row in rows]
    return [[item.text() if item is not None else "" for item in row] for row in items]


def of(page: AdministrationPage, name: str) -> list[str]:
    """The row of one person; nothing while there is none."""
    return next((row for row in cells(page.people) if row[0] == name), [])


def test_that_the_status_page_tells_of_database_disk_and_this_station(
    desk: Desktop, hall: Library, qtbot: QtBot
) -> None:
    desk.window.show_page("status")
    shown, kind = desk.status_page, hall.sessions.kw["bind"].dialect.name
    words = {"sqlite": "SQLite answers.", "mysql": "MariaDB answers."}[kind]

    def said(sentence: str) -> bool:
        return any(sentence in each.text() for each in shown.findChildren(QLabel))

    qtbot.waitUntil(lambda: said(words))
    qtbot.waitUntil(lambda: said("are free at"))
    assert shown.words_of("Database") == "Running"
    table = shown.activity.stations
    qtbot.waitUntil(lambda: table.rowCount() > 0)
    assert cells(table)[0][0] == "here"
    assert cells(table)[0][2] in {"Works", "No sound", "Has not said"}
    qtbot.waitUntil(lambda: "are free" in shown.activity.forecast.text())


def test_that_a_person_is_added_changed_and_found_in_the_trail(
    page: AdministrationPage, hall: Library, qtbot: QtBot
) -> None:
    page.name.setText("bea")
    page.full_name.setText("Bea Balmer")
    page.save.click()
    qtbot.waitUntil(lambda: of(page, "bea")[1:4] == ["Bea Balmer", "", ""])
    page.people.selectRow([row[0] for row in cells(page.people)].index("bea"))
    page.email.setText("bea@lab")
    page.report.setChecked(True)
    page.save.click()
    qtbot.waitUntil(lambda: of(page, "bea")[2:4] == ["bea@lab", "yes"])
    trail = page.trail
    qtbot.waitUntil(lambda: trail.what.findText("user") > 0)
    trail.what.setCurrentText("user")
    trail.subject.setText("bea")
    trail.subject.editingFinished.emit()
    qtbot.waitUntil(
        lambda: {(row[2], row[3]) for row in cells(trail.table)} == {("user", "bea")},
    )
    assert "email: none" in cells(trail.table)[0][4]
    assert "email: bea@lab" in cells(trail.table)[0][5]
    trail.since.setDate(QDate.currentDate().addDays(2))
    trail.dated.setChecked(True)
    qtbot.waitUntil(lambda: trail.table.rowCount() == 0)
    assert trail.none.isVisibleTo(trail)


def test_that_a_role_is_given_for_one_plot_type_and_taken_away(
    page: AdministrationPage, hall: Library, qtbot: QtBot
) -> None:
    page.name.setText("cid")
    page.save.click()
    qtbot.waitUntil(lambda: of(page, "cid") != [])
    page.role.setCurrentText("expert")
    page.plot_type.setCurrentText("CDC_occupancy")
    page.give.click()
    qtbot.waitUntil(lambda: of(page, "cid")[4] == "expert of CDC_occupancy")
    with transaction(hall.sessions) as session:
        [cid] = [each for each in people.users(session) if each.name == "cid"]
        assert cid.rights == (("expert", hall.plot_type),)
    page.take.click()
    qtbot.waitUntil(lambda: of(page, "cid")[4] == "")
    page.name.setText("nobody")
    page.give.click()
    qtbot.waitUntil(lambda: "nobody" in page.note.text())


def test_that_news_are_written_shown_and_taken_away(
    page: AdministrationPage, desk: Desktop, hall: Library, qtbot: QtBot
) -> None:
    for text, shown in (
        ("The beam is back", "The beam is back\nPosted "),
        ("", "There are no news."),
    ):
        page.write_news.click()
        dialog = desk.notices.dialog
        assert dialog is not None
        dialog.text.setPlainText(text)
        dialog.send.click()
        qtbot.waitUntil(lambda shown=shown: page.news.text().startswith(shown))
        qtbot.waitUntil(lambda dialog=dialog: not dialog.isVisible())
    with transaction(hall.sessions) as session:
        assert notices.current(session, datetime.now(UTC)) is None


def test_that_retention_is_previewed_then_saved_then_applied(
    page: AdministrationPage, hall: Library, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: "retention.max_age_days" in page.site.rows)
    row = page.site.rows["retention.max_age_days"]
    row.editor.setValue(5)  # type: ignore[union-attr]
    row.trial.click()
    qtbot.waitUntil(lambda: "1 picture (40 kB) would go" in page.site.result.text())
    assert _stored(hall) == {1, 2}
    with transaction(hall.sessions) as session:
        assert settings.read(session, "retention") == {}
    row.save.click()
    qtbot.waitUntil(lambda: row.changed.text().startswith("Changed by here"))
    maker, config = hall.sessions, hall.config
    keeper = Retention(config, maker, maker, Journal(config.journal_dir), threading.Lock())
    assert keeper.tidy(datetime.now(UTC) + timedelta(days=1)) == 1
    assert _stored(hall) == {1}
    qtbot.waitUntil(lambda: "older than 5 days" in page.forecast.text())


def test_that_a_switch_and_a_choice_are_saved(
    page: AdministrationPage, hall: Library, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: "leader_board.shown" in page.site.rows)
    board, rule = page.site.rows["leader_board.shown"], page.site.rows["label_rule.rule"]
    board.editor.setChecked(False)  # type: ignore[union-attr]
    rule.editor.setCurrentIndex(1)  # type: ignore[union-attr]
    for row in (board, rule):
        row.save.click()
        qtbot.waitUntil(lambda row=row: not row.save.isVisibleTo(row))
    with transaction(hall.sessions) as session:
        assert settings.read(session, "leader_board") == {"shown": False}
        assert settings.read(session, "label_rule") == {"rule": "consensus"}


def test_that_pictures_set_aside_are_tried_again_and_leave_the_list(
    desk: Desktop, hall: Library, qtbot: QtBot
) -> None:
    desk.window.show_page("status")
    page = desk.status_page
    qtbot.waitUntil(lambda: page.quarantine.model().rowCount() == 3)
    place = hall.config.inboxes[0].path / "Run092317"
    chosen = page.quarantine.selectionModel()
    for row in (1, 2):
        chosen.select(
            page.quarantine.model().index(row, 0),
            QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
        )
    page.again.click()
    qtbot.waitUntil(lambda: page.quarantine.model().rowCount() == 1)
    qtbot.waitUntil(
        lambda: (
            page.quarantine_note.text().startswith("1 could not be judged.")
            and page.quarantine_note.text().endswith("2 pictures are tried again.")
        ),
    )
    assert sorted(path.name for path in place.iterdir()) == sorted(BROKEN[:2])
    assert desk.window.foot.quarantine.text() == "1 picture set aside"
    (place / BROKEN[2]).write_bytes(b"a newer one of the same name")
    page.quarantine.selectRow(0)
    page.again.click()
    qtbot.waitUntil(lambda: "lies in the inbox already" in page.quarantine_note.text())
    assert (place / BROKEN[2]).read_bytes() == b"a newer one of the same name"
    with transaction(hall.sessions) as session:
        assert quarantine.count(session) == 1


def _stored(hall: Library) -> set[int]:
    with transaction(hall.sessions) as session:
        return set(session.scalars(select(PictureRow.chunk).where(PictureRow.stored)))
