"""The administration page and "try again" against a small real server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from desktop_factory import NOW, kind
from desktop_server import SmallServer
from pytestqt.qtbot import QtBot

from hydra_desktop.app import Desktop
from hydra_desktop.link.state import Stage
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
from inference_server.protocol.label_rules import (
    GetLabelRules,
    LabelRule,
    LabelRules,
    SetLabelRules,
)
from inference_server.protocol.messages import (
    Done,
    Quarantine,
    QuarantineItem,
    Refused,
    Snapshot,
)
from inference_server.protocol.people import Role

Make = Callable[..., Desktop]


def audit(request: Any) -> tuple[Audit, tuple[bytes, ...]]:
    number = 2 if request.before_id is None else 1
    entry = AuditEntry(
        id=number, at=NOW, who="ann", what="threshold", subject="CDC", before={"Bad": 0.6}, after={"Bad": 0.7}
    )  # fmt: skip
    return Audit(entries=(entry,), more=number == 2), ()


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
    say.replies[GetLabelRules] = lambda _: (
        LabelRules(rule=LabelRule.LATEST, leader_board=True),
        (),
    )
    for change in (PutUser, SetRight, TryAgain, SetLabelRules):
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


def test_that_the_rules_for_labels_are_shown_and_changed(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    page = desk.administration_page
    qtbot.waitUntil(lambda: page.rule.currentText() == "The latest vote counts")
    assert page.leaders.isChecked()
    page.rule.setCurrentIndex(page.rule.findData(LabelRule.CONSENSUS))
    page.leaders.click()
    page.save_rules.click()
    qtbot.waitUntil(lambda: asked(server, SetLabelRules) != [])
    assert asked(server, SetLabelRules)[-1] == SetLabelRules(
        rule=LabelRule.CONSENSUS, leader_board=False
    )


def test_that_the_trail_goes_back_page_by_page(desk: Desktop, qtbot: QtBot) -> None:
    trail = desk.administration_page.trail
    qtbot.waitUntil(lambda: trail.rowCount() == 1)
    desk.administration_page.older.click()
    qtbot.waitUntil(lambda: trail.rowCount() == 2)
    assert trail.item(1, 5).text() == "Bad: 0.7"
    assert not desk.administration_page.older.isVisible()


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
    qtbot.waitUntil(lambda: page.quarantine_note.text() == "It is kept.")
    assert asked(server, TryAgain) == [TryAgain(kept_as="q/a.png")]
