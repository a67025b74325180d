"""The status page: a card for each part, and no card that says more than is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
from desktop_factory import NOW
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

import resources
from hydra_desktop.link.arrival import Arrival
from hydra_desktop.models.parts import shown
from hydra_desktop.rooms.status_room import StatusRoom
from inference_server.protocol.messages import Component, ComponentsChanged, Request
from ui import icons
from ui.banner import PreparingBar
from ui.foot_bar import FootBar
from ui.states import TileState
from ui.status_page import StatusPage

KEEPER = Component(
    role="keeper", name="keeper", host="dqm-1", pid=7, state="running", queue=3, oldest_s=75.0,
    done=1200, per_minute=40, last_seen=NOW, sentence="Keeps verdicts.",
)  # fmt: skip
DISK = Component(
    role="disk", name="disk", state="running", sentence="31 GB are free.", last_seen=NOW
)


class Silent:
    """Nobody answers."""

    def ask(self, _request: Request) -> int:
        return 0


def status(frame: QWidget, clock: Callable[[], float]) -> tuple[StatusRoom, StatusPage, FootBar]:
    icons.read_from(resources.path("icons"))
    page, foot, bar = StatusPage(frame), FootBar(frame), PreparingBar(frame)
    return StatusRoom(page, foot, bar, Silent(), clock), page, foot


def test_that_a_card_says_what_waits_what_is_done_and_what_went_wrong() -> None:
    ill = {"last_error": "The disk was full.", "last_step": "Make room.", "last_error_at": NOW}
    [keeper, disk] = shown([DISK, _with(KEEPER, **ill)], NOW)
    assert (keeper.name, keeper.state, keeper.word) == ("keeper", TileState.GOOD, "Running")
    facts = dict(keeper.facts)
    assert facts["Waiting"] == "3, the first for 1 min"
    assert facts["Pictures in the last minute"] == "40"
    assert keeper.past.endswith("The disk was full.")
    assert keeper.past_step == "Make room."
    assert (disk.name, disk.facts) == ("Disk", ())


def test_that_a_trouble_of_now_is_said_once() -> None:
    ill = {"state": "degraded", "sentence": "The disk is full.", "last_error": "The disk is full."}
    [card] = shown([_with(KEEPER, **ill, last_error_at=NOW)], NOW)
    assert (card.state, card.past) == (TileState.MINOR, "")


def test_that_parts_of_one_name_on_two_hosts_have_a_card_each() -> None:
    names = [each.name for each in shown([KEEPER, _with(KEEPER, host="dqm-2")], NOW)]
    assert names == ["keeper on dqm-1", "keeper on dqm-2"]


def test_that_no_card_says_running_when_the_server_falls_silent(qtbot: QtBot) -> None:
    now = [100.0]
    frame = QWidget()
    qtbot.addWidget(frame)
    room, page, foot = status(frame, lambda: now[0])
    room.receive([Arrival(ComponentsChanged(components=(KEEPER, DISK)))])
    assert foot.components.text() == "All components alive"
    now[0] += 30
    room.tick()
    assert foot.components.text() == "In trouble: keeper, disk"
    assert page.words_of("keeper") == page.words_of("Disk") == "Not heard for 30 s"
    fresh = _with(KEEPER, last_seen=datetime.now(UTC) + timedelta(hours=1))  # of another clock
    room.receive([Arrival(ComponentsChanged(components=(fresh,)))])
    assert page.words_of("keeper") == "Running"


def _with(component: Component, **fields: object) -> Component:
    return msgspec.structs.replace(component, **fields)
