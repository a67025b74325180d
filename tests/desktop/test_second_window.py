"""A second run window: it follows the feed by itself, is arranged by itself, and comes back at the next start."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from alarm_factory import alarm
from desktop_factory import kind, png, verdict
from desktop_server import SmallServer
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from hydra_desktop.app import Desktop
from hydra_desktop.link.arrival import Answer
from hydra_desktop.rooms.face import Face
from hydra_desktop.settings import Memory
from inference_server.protocol import detail as d
from inference_server.protocol.alarms import AlarmChanged
from inference_server.protocol.messages import Judged, Snapshot, Verdict
from inference_server.protocol.replay import Anew, GetReplay, GetReplayCalls, Replay, ReplayCalls
from tests.patience import PATIENCE_MS
from ui.roles import Role

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


def test_that_its_clock_runs_and_its_plots_grow_old(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    face = second(desk, qtbot)
    at = datetime.now(UTC)
    good = verdict(1, plot_type=KINDS[0].name, judged_at=at, picture_time=at)
    server.say(Judged(verdict=good))
    qtbot.waitUntil(lambda: said(face) == "Good 97 %")
    face.run._ahead += timedelta(minutes=10)
    face.window.status_line.show_clock("", "")
    qtbot.waitUntil(lambda: said(face).startswith("Old, "))  # the desktop ticks by itself
    assert face.window.status_line._time.text()


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


BEGAN = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)


def then(label: str = "NoData") -> Verdict:
    name = KINDS[0].name
    return verdict(
        1, label, 0.9, plot_type=name, run=92300, judged_at=BEGAN, picture_time=BEGAN,
        picture_hash="then", inference_id=100,
    )  # fmt: skip


@pytest.fixture
def past(desk: Desktop, server: SmallServer) -> None:
    """The server knows one past run, which another model sees otherwise."""
    say = server.speaking
    info = d.RunInfo(run=92300, run_period="2026-05", first_seen=BEGAN, last_seen=BEGAN)
    say.pictures = {"then": png()}
    say.answers[d.GetRuns] = lambda _: (d.Runs(runs=(info,)), ())
    say.answers[d.GetRun] = lambda r: (
        d.RunVerdicts(run=r.run, run_period=r.run_period, verdicts=(then(),)), (png(),),
    )  # fmt: skip
    say.answers[d.GetHistoryOf] = lambda _: (d.History(plot_type_id=1, verdicts=(then(),)), ())
    anew = (Anew(inference_id=100, verdict=then("Bad")),)
    say.answers[GetReplay] = lambda _: (Replay(verdicts=(then(),), anew=anew, total=1), ())
    say.answers[GetReplayCalls] = lambda _: (ReplayCalls(calls=()), ())


def said(place: Face | Desktop) -> str:
    page = place.window.page if isinstance(place, Face) else place.run_page
    return str(page.grid.model().index(0, 0).data(Role.VERDICT))


@pytest.mark.usefixtures("past")
def test_that_it_freezes_on_a_past_run_by_itself_and_follows_again(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    face = second(desk, qtbot)
    face.window.past_wanted.emit()
    dialog = face.past.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.list.count() == 1)
    dialog.show_button.click()
    qtbot.waitUntil(lambda: said(face) == "NoData 90 %")
    assert "run 92300" in face.window.past_bar.words.text()
    assert desk.window.past_bar.isHidden()
    server.say(Judged(verdict=now_bad()))
    qtbot.waitUntil(lambda: said(desk) == "Bad 97 %")
    qtbot.waitUntil(lambda: face.window.page.lane.count.text() == "1")  # the lane is of now
    assert said(face) == "NoData 90 %"
    face.window.page.grid.opened.emit("CDC_occupancy")
    qtbot.waitUntil(lambda: desk.detail_page.subtitle.text().startswith("Run 92300"))
    face.window.past_bar.follow.click()
    qtbot.waitUntil(lambda: said(face) == "Bad 97 %")


@pytest.mark.usefixtures("past")
def test_that_what_calls_is_shown_as_it_is_now_while_a_past_run_is_frozen(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    face = second(desk, qtbot)
    for place in (desk, face):
        place.window.past_wanted.emit()
        dialog = place.past.dialog
        assert dialog is not None
        qtbot.waitUntil(lambda dialog=dialog: dialog.list.count() == 1)
        dialog.show_button.click()
        qtbot.waitUntil(lambda place=place: said(place) == "NoData 90 %")
    server.say(Judged(verdict=now_bad()))
    for lane in (desk.run_page.lane, face.window.page.lane):
        qtbot.waitUntil(lambda lane=lane: lane.count.text() == "1")
    face.window.page.lane.opened.emit("CDC_occupancy")
    qtbot.waitUntil(lambda: desk.detail_page.verdict_words[0] == "Bad 97 %")
    assert (said(face), face.past.frozen) == ("NoData 90 %", True)
    assert not desk.past.frozen  # the detail page is of what the grid shows
    for show in (desk.popup.popup.show_wanted.emit, desk.run_page.lane.opened.emit):
        desk.past._freeze(d.RunVerdicts(run=92300, run_period="", verdicts=(then(),)), Answer(None))
        desk.ways.to_run()
        show("CDC_occupancy")
        assert desk.detail_page.verdict_words[0] == "Bad 97 %"
        assert not desk.past.frozen


def replayed(desk: Desktop, qtbot: QtBot) -> Face:
    """A second window whose replay stands before its only picture; the test is the clock."""
    face = second(desk, qtbot)
    face.window.replay_wanted.emit()
    dialog = face.replay.choice.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.list.count() == 1)
    dialog.judges.setCurrentIndex(1)  # the models active now
    face.replay.began.connect(lambda: face.replay._beat.setInterval(3_600_000))
    dialog.start.click()
    qtbot.waitUntil(lambda: face.replay.on)
    return face


@pytest.mark.usefixtures("past")
def test_that_it_replays_by_itself_and_a_live_alarm_makes_it_wait(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    face = replayed(desk, qtbot)
    face.replay.step()
    assert said(face) == "Bad 90 %"
    assert face.window.windowTitle().endswith("REPLAY of run 92300")
    assert not desk.replay.on
    assert "REPLAY" not in desk.window.windowTitle()
    qtbot.waitUntil(face.window.replay_bar.isVisible)
    assert desk.window.replay_bar.isHidden()
    face.window.page.grid.opened.emit("CDC_occupancy")
    qtbot.waitUntil(lambda: desk.detail_page.verdict_words[0] == "Bad 90 %")  # as it is there
    server.say(AlarmChanged(alarm=alarm(since=datetime.now(UTC))))
    qtbot.waitUntil(lambda: "LIVE ALARM" in face.window.replay_bar.below.text())
    desk.second.follow()
    assert not face.replay.on
    assert face.window.replay_bar.isHidden()


@pytest.mark.usefixtures("past")
def test_that_closing_it_ends_its_replay(desk: Desktop, qtbot: QtBot) -> None:
    face = replayed(desk, qtbot)
    ended = []
    face.replay._beat.destroyed.connect(lambda: ended.append("gone"))
    face.window.close()
    assert not desk.second.faces
    assert not face.replay.on
    qtbot.waitUntil(lambda: ended == ["gone"])


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
