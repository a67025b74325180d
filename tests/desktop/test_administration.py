"""The administration page and "try again" against a small real server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from desktop_factory import NOW, kind
from desktop_server import SmallServer
from PySide6.QtCore import QDate
from pytestqt.qtbot import QtBot

from hydra_desktop.app import Desktop
from hydra_desktop.link.arrival import Arrival
from hydra_desktop.link.state import Stage
from hydra_desktop.models.quarantine import tried_again
from inference_server.protocol.activity import Activity, GetActivity
from inference_server.protocol.administration import (
    Audit,
    AuditEntry,
    GetAudit,
    GetUsers,
    PutUser,
    Right,
    SetRight,
    TryAgain,
    UserInfo,
    Users,
)
from inference_server.protocol.messages import (
    Done,
    Quarantine,
    QuarantineItem,
    Refused,
    Snapshot,
)
from inference_server.protocol.notices import Notice, NoticePosted
from inference_server.protocol.people import Role
from inference_server.protocol.site import (
    GetRetention,
    GetSiteSettings,
    RetentionPlan,
    SetSiteSetting,
    SiteSetting,
    SiteSettings,
)

Make = Callable[..., Desktop]


def audit(request: Any) -> tuple[Audit, tuple[bytes, ...]]:
    number = 2 if request.before_id is None else 1
    entry = AuditEntry(
        id=number, at=NOW, who="ann", what="threshold", subject="CDC", before={"Bad": 0.6}, after={"Bad": 0.7}
    )  # fmt: skip
    return Audit(entries=(entry,), more=number == 2, whats=("setting", "threshold")), ()


def settings(value: float) -> SiteSettings:
    """Two of them; the second one is a number."""
    shown = SiteSetting(
        key="leader_board.shown", name="Show who labels most", sentence="", value=True, default=True
    )
    size = SiteSetting(
        key="retention.max_gb", name="Keep the picture store below", sentence="The oldest go first.",
        value=value, default=0.0, unit="GB", least=1.0, most=1e6, who="ann", at=NOW,
    )  # fmt: skip
    return SiteSettings(settings=(shown, size))


@pytest.fixture
def desk(desktop: Make, server: SmallServer, qtbot: QtBot) -> Desktop:
    """A desktop with the administration in front."""
    say = server.speaking
    item = QuarantineItem(path="a.png", reason="ends too early", at=NOW, kept_as="q/a.png")
    say.snapshot = Snapshot(session="first", sequence=0, plot_types=(kind(1),), quarantined=1)
    say.quarantine = Quarantine(items=(item,), total=1)
    ann = UserInfo(
        name="ann", email="ann@lab", wants_report=True, rights=(Right(role=Role.EXPERT, plot_type_id=1),)
    )  # fmt: skip
    say.replies[GetUsers] = lambda _: (Users(users=(ann,)), ())
    say.replies[GetAudit] = audit
    say.replies[GetSiteSettings] = lambda _: (settings(0.0), ())
    say.replies[GetActivity] = lambda _: (
        Activity(last_minute=0, today=0, forecast="Full soon."),
        (),
    )
    plan = RetentionPlan(pictures=0, bytes=0, sentence="No rule removes pictures.")
    say.replies[GetRetention] = lambda _: (plan, ())
    for change in (PutUser, SetRight, TryAgain, SetSiteSetting):
        say.replies[change] = lambda _: (Done(sentence="It is kept."), ())
    made = desktop(server=server.address)
    made.start()
    qtbot.waitUntil(lambda: made.link.state.stage is Stage.CONNECTED)
    made.settings_page.administration_wanted.emit()
    qtbot.waitUntil(lambda: made.administration_page.people.rowCount() == 1)
    return made


def asked(server: SmallServer, what: type) -> list[Any]:
    return [each for each in server.speaking.asked if isinstance(each, what)]


def test_that_people_are_shown_with_their_roles(desk: Desktop) -> None:
    table = desk.administration_page.people
    words = [table.item(0, column).text() for column in range(5)]
    assert words == ["ann", "", "ann@lab", "yes", "expert of Plot_001"]


def test_that_a_person_and_a_role_go_to_the_server(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    page = desk.administration_page
    page.people.selectRow(0)
    page.full_name.setText("Ann")
    page.save.click()
    qtbot.waitUntil(lambda: page.note.text() == "It is kept.")
    assert asked(server, PutUser)[-1] == PutUser(
        name="ann", full_name="Ann", email="ann@lab", wants_report=True
    )
    page.role.setCurrentText("expert")
    page.plot_type.setCurrentIndex(1)
    page.take.click()
    qtbot.waitUntil(lambda: asked(server, SetRight) != [])
    assert asked(server, SetRight)[-1] == SetRight(
        name="ann", role=Role.EXPERT, plot_type_id=1, given=False
    )


def test_that_the_trail_goes_back_page_by_page(desk: Desktop, qtbot: QtBot) -> None:
    trail = desk.administration_page.trail
    qtbot.waitUntil(lambda: trail.table.rowCount() == 1)
    trail.older.click()
    qtbot.waitUntil(lambda: trail.table.rowCount() == 2)
    assert trail.table.item(1, 5).text() == "Bad: 0.7"
    assert not trail.older.isVisibleTo(trail)


def test_that_the_trail_is_filtered_by_person_kind_and_day(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    trail = desk.administration_page.trail
    qtbot.waitUntil(lambda: trail.what.count() == 3)
    trail.who.setText("ann")
    trail.what.setCurrentText("setting")
    trail.since.setDate(QDate(2026, 5, 1))
    trail.dated.setChecked(True)
    qtbot.waitUntil(lambda: asked(server, GetAudit)[-1].since is not None)
    last = asked(server, GetAudit)[-1]
    assert (last.who, last.what, last.before_id) == ("ann", "setting", None)
    assert last.since == datetime(2026, 5, 1).astimezone()
    qtbot.waitUntil(lambda: trail.what.currentText() == "setting")


def test_that_a_setting_shows_before_and_after_and_is_changed_only_when_saved(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    page = desk.administration_page
    page.tabs.setCurrentIndex(1)
    qtbot.waitUntil(lambda: "retention.max_gb" in page.site.rows)
    row = page.site.rows["retention.max_gb"]
    assert not row.save.isVisible()
    assert "Changed by ann" in row.changed.text()
    row.editor.setValue(500)
    assert row.editor.lineEdit().width() > 60, "the number can be read"
    assert row.change.text() == "from 0 GB to 500 GB"
    row.trial.click()
    qtbot.waitUntil(lambda: page.site.result.text() == "It is kept.")
    [trial] = asked(server, SetSiteSetting)
    assert (trial.value, trial.dry_run) == (500.0, True)
    assert row.save.isVisible(), "it is still to be saved"
    server.speaking.replies[GetSiteSettings] = lambda _: (settings(500.0), ())
    row.save.click()
    qtbot.waitUntil(lambda: not row.save.isVisible())
    change = asked(server, SetSiteSetting)[-1]
    assert change == SetSiteSetting(key="retention.max_gb", value=500.0, expected=0.0)
    row.editor.setValue(7)
    row.leave.click()
    assert row.value == 500.0
    assert not row.save.isVisible()


def test_that_the_forecast_and_the_news_stand_beside_the_settings(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    page = desk.administration_page
    qtbot.waitUntil(lambda: page.forecast.text() == "Full soon. No rule removes pictures.")
    assert page.news.text() == "There are no news."
    desk.site.receive(
        [Arrival(NoticePosted(notice=Notice(id=1, text="The beam is back", who="ann", at=NOW)))]
    )
    assert page.news.text().startswith("The beam is back\nPosted ")
    page.tabs.setCurrentIndex(1)
    page.write_news.click()
    assert desk.notices.dialog is not None
    desk.notices.dialog.reject()


def test_that_a_refusal_is_said(desk: Desktop, server: SmallServer, qtbot: QtBot) -> None:
    refused = Refused(code="forbidden-role", sentence="It needs the role admin.")
    server.speaking.replies[PutUser] = lambda _: (refused, ())
    desk.administration_page.name.setText("bob")
    desk.administration_page.save.click()
    qtbot.waitUntil(lambda: desk.administration_page.note.text() == "It needs the role admin.")


def test_that_a_picture_set_aside_is_tried_again(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    desk.window.show_page("status")
    page = desk.status_page
    qtbot.waitUntil(page.again.isVisible)
    page.quarantine.selectRow(0)
    page.again.click()
    qtbot.waitUntil(lambda: page.quarantine_note.text().endswith("It is kept."))
    assert asked(server, TryAgain) == [TryAgain(kept_as="q/a.png")]


def test_that_of_several_tried_again_refusals_are_told_first() -> None:
    assert tried_again(["a is tried again."], []) == "a is tried again."
    assert tried_again(["a is tried again.", "b is tried again."], []) == (
        "2 pictures are tried again."
    )
    assert (
        tried_again(["a is tried again."], ["b lies there."]) == "b lies there. a is tried again."
    )
    assert tried_again([], ["b lies there.", "c lies there."]) == (
        "2 could not be tried again. The first: b lies there."
    )
