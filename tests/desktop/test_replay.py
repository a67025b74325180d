"""A past run replayed: as if live, marked everywhere, silent, and left as soon as something live calls."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from alarm_factory import alarm
from desktop_factory import kind, png, verdict
from desktop_server import SmallServer
from pytestqt.qtbot import QtBot

from hydra_desktop.app import Desktop
from hydra_desktop.models.replay import FASTEST, Player, Reel, Step, summary
from hydra_desktop.models.replay_words import below, summary_words
from inference_server.protocol import detail as d
from inference_server.protocol.alarms import AlarmChanged, AlarmSeverity
from inference_server.protocol.library import GetModels, ModelInfo, Models
from inference_server.protocol.messages import Refused, Snapshot, Verdict
from inference_server.protocol.replay import (
    Anew,
    GetReplay,
    GetReplayCalls,
    Replay,
    ReplayCall,
    ReplayCalls,
)
from ui.roles import Role

Make = Callable[..., Desktop]
BEGAN = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)


def at(second: int, number: int = 1, label: str = "Good", sure: float = 0.97) -> Verdict:
    when = BEGAN + timedelta(seconds=second)
    return msgspec.structs.replace(
        verdict(number, label, sure), run=92300, judged_at=when, picture_time=when,
        picture_hash=f"{number}-{second}", inference_id=100 * number + second,
    )  # fmt: skip


def step(second: int, label: str = "Good", shown: str = "", said: str = "") -> Step:
    then = at(second, label=label)
    return Step(then, at(second, label=shown) if shown else then, said)


CALL = ReplayCall(
    at=BEGAN + timedelta(seconds=20), plot_type_id=1, plot_type="Plot_001",
    severity=AlarmSeverity.MAJOR, sentence="is Bad, 97 % sure", chunk=8,
)  # fmt: skip
REEL = Reel(92300, "2026-05", (step(0), step(10), step(20, "Bad"), step(30, "Bad")), (CALL,))


# ---------------------------------------------------------------- the player


@pytest.mark.parametrize(("speed", "shown"), [(0.5, 1), (1.0, 2), (2.0, 3), (100.0, 4)])
def test_that_pictures_come_as_fast_as_the_speed_says(speed: float, shown: int) -> None:
    player = Player.at_start(REEL, speed).advanced(10.0)
    assert player.place == shown
    assert player.now == BEGAN + timedelta(seconds=10 * speed)


def test_that_the_fastest_asks_no_clock_and_ends() -> None:
    player = Player.at_start(REEL, FASTEST).advanced(0.0)
    assert (player.place, player.ended, player.playing) == (4, True, False)


def test_that_a_pause_holds_and_a_step_brings_one_picture() -> None:
    player = Player.at_start(REEL, 1.0).stepped()
    assert (player.place, player.playing) == (1, False)
    assert player.advanced(1000.0) == player
    assert player.stepped().now == BEGAN + timedelta(seconds=10)


def test_that_a_run_that_is_not_all_here_waits_and_goes_on_when_more_comes() -> None:
    part = dataclasses.replace(REEL, steps=REEL.steps[:2], complete=False, total=4)
    player = Player.at_start(part, 1.0).advanced(1000.0)
    assert (player.place, player.waiting, player.ended, player.playing) == (2, True, False, True)
    assert player.now == BEGAN + timedelta(seconds=10)
    assert player.advanced(1000.0) == player
    assert player.stepped() == player
    assert below(player, (), aside=False) == (
        "The replay waits for more of the run: 2 of 4 pictures are here."
    )
    more = player.with_more(REEL).advanced(10.0)
    assert (more.place, more.waiting, more.playing) == (3, False, True)
    assert Player.at_start(part, FASTEST).advanced(0.0).playing


def test_that_a_wait_ends_with_the_run_when_nothing_more_comes() -> None:
    part = dataclasses.replace(REEL, complete=False)
    player = Player.at_start(part, FASTEST).advanced(0.0).with_more(REEL)
    assert (player.ended, player.playing) == (True, False)


def test_that_calls_are_told_when_they_would_have_come() -> None:
    player = Player.at_start(REEL, 1.0)
    assert player.advanced(19.0).calls_until_now() == ()
    assert player.advanced(20.0).calls_until_now() == (CALL,)


def test_that_the_summary_compares_with_then_and_with_labels() -> None:
    steps = (step(0, said="Good"), step(10, "Bad", "Good", "Good"), step(20, "Good", "Bad", "Good"))
    whole = summary(steps, (CALL,)).whole
    assert (whole.bad_then, whole.bad, whole.changed) == (1, 1, 2)
    assert (whole.labelled, whole.right_then, whole.right, whole.calls) == (3, 2, 2, 1)
    words = summary_words(Reel(92300, "", steps, (CALL,), by="model 41")).sentences
    assert words[1].startswith("Bad found by model 41: 1; then: 1. 2 pictures got another")
    assert words[2] == "Of 3 labelled pictures 2 are right, then 2."


# ---------------------------------------------------------------- in the window


def replay(request: GetReplay) -> tuple[Replay, tuple[bytes, ...]]:
    """Two pages; the other model calls the first picture Bad and needs a moment for it."""
    verdicts = (at(0), at(10, 2), at(20, label="Bad"), at(3000, 2))
    if request.after_id is None:
        anew = tuple(
            Anew(inference_id=100, verdict=at(0, label="Bad", sure=0.8)) for _ in request.models
        )
        return Replay(
            verdicts=verdicts[:2], anew=anew, labels={100: "Good"}, total=4, more=True
        ), ()
    return Replay(verdicts=verdicts[2:], total=4), ()


@pytest.fixture
def desk(desktop: Make, server: SmallServer, qtbot: QtBot) -> Desktop:
    """A desktop with two live plots and one past run."""
    now = datetime.now(UTC)
    live = [msgspec.structs.replace(verdict(n), judged_at=now) for n in (1, 2)]
    info = d.RunInfo(
        run=92300, run_period="2026-05", first_seen=BEGAN, last_seen=BEGAN + timedelta(hours=1)
    )
    say = server.speaking
    say.snapshot = Snapshot(
        session="first", sequence=0, plot_types=(kind(1), kind(2)), verdicts=tuple(live)
    )
    say.pictures = {"1-0": png(), "1-20": png()}
    say.answers[d.GetRuns] = lambda _request: (d.Runs(runs=(info,)), ())
    say.answers[GetReplay] = replay
    say.answers[GetReplayCalls] = lambda _request: (ReplayCalls(calls=(CALL,)), ())
    say.answers[GetModels] = lambda request: (
        Models(
            plot_type_id=request.plot_type_id,
            models=(ModelInfo(id=41, name="heads of June", kind="head", created_at=BEGAN, who="x"),),
        ), (),
    )  # fmt: skip
    made = desktop(server=server.address)
    made.start()
    qtbot.waitUntil(lambda: made.run.model.rowCount() == 2)
    made.window.replay_wanted.emit()
    dialog = made.replay.choice.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.list.count() == 1)
    return made


def begin(desk: Desktop, qtbot: QtBot, judge: int = 0, *, whole: bool = True) -> None:
    dialog = desk.replay.choice.dialog
    assert dialog is not None
    dialog.judges.setCurrentIndex(judge)
    if judge == 2:
        qtbot.waitUntil(lambda: dialog.models.currentData() == 41)
    dialog.start.click()
    qtbot.waitUntil(lambda: desk.replay.on)
    desk.replay._beat.stop()  # the test is the clock
    if whole:
        qtbot.waitUntil(lambda: whole_of(desk))
    if desk.window.replay_bar.play.text() == "Pause":
        desk.window.replay_bar.play.click()


def whole_of(desk: Desktop) -> bool:
    return desk.replay.player is not None and desk.replay.player.reel.complete


def run_to(desk: Desktop, place: int) -> None:
    assert desk.replay.player is not None
    while desk.replay.player.place < place:
        desk.replay.step()


def words(desk: Desktop, row: int) -> str:
    return str(desk.run_page.grid.model().index(row, 0).data(Role.VERDICT))


def test_that_a_replay_is_marked_everywhere_and_the_live_plots_come_back(
    desk: Desktop, qtbot: QtBot
) -> None:
    begin(desk, qtbot)
    run_to(desk, 3)
    tile = desk.run_page.grid.model().index(0, 0)
    assert tile.data(Role.VERDICT) == "Bad 97 %, would call"
    assert tile.data(Role.REPLAY)
    assert desk.run_page.lane.replay.isVisible()
    assert desk.run_page.lane.count.text() == "1"
    assert desk.window.windowTitle().startswith("Hydra: REPLAY of run 92300")
    bar = desk.window.replay_bar
    assert bar.tag.text() == "REPLAY"
    assert bar.words.text().startswith("Run 92300 at 01 May 2026")
    assert "would have called loudly" in bar.below.text()
    desk.window.show_page("log")
    assert bar.isVisible()
    qtbot.waitUntil(lambda: tile.data(Role.IMAGE) is not None)
    bar.end.click()
    assert not bar.isVisible()
    assert words(desk, 0) == "Good 97 %"
    assert "REPLAY" not in desk.window.windowTitle()
    assert not desk.run_page.lane.replay.isVisible()


def test_that_nothing_of_a_replay_calls_or_is_said_to_the_server(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    before = {type(each) for each in server.speaking.asked}
    begin(desk, qtbot)
    run_to(desk, 4)
    assert desk.alarms.alarms == ()
    assert not desk.popup.popup.isVisible()
    fresh = {type(each).__name__ for each in server.speaking.asked if type(each) not in before}
    assert fresh <= {"GetReplay", "GetReplayCalls", "GetThumbnail", "GetPicture"}


def test_that_a_live_alarm_breaks_through_and_the_replay_waits(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    begin(desk, qtbot)
    run_to(desk, 1)
    desk.window.replay_bar.play.click()
    assert desk.replay.player is not None
    assert desk.replay.player.playing
    qtbot.waitUntil(server.subscribed.is_set)
    server.say(AlarmChanged(alarm=alarm("Plot_002", plot_type_id=2)))
    qtbot.waitUntil(desk.popup.popup.isVisible)
    assert not desk.replay.player.playing
    assert desk.window.replay_bar.below.text().startswith("LIVE ALARM: Plot_002")
    assert desk.window.windowTitle() == "Hydra: REPLAY of run 92300, 1 alarm"
    desk.popup.plot_wanted.emit("Plot_002")
    assert not desk.replay.shown
    assert desk.detail.verdict is not None
    assert desk.detail.verdict.run == 92317  # the live one
    desk.window.replay_bar.aside.click()
    assert desk.replay.shown


def test_that_another_model_is_asked_and_the_end_tells_how_they_differ(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    begin(desk, qtbot, judge=2)
    [first, *_] = [each for each in server.speaking.asked if isinstance(each, GetReplay)]
    assert first.models == {1: 41}
    run_to(desk, 1)
    assert words(desk, 0) == "Bad 80 %"
    assert "judged anew by heads of June on Plot_001" in desk.window.replay_bar.words.text()
    desk.run.opened.emit("Plot_001")
    assert desk.detail.verdict is not None
    assert desk.detail.verdict.label == "Bad"
    run_to(desk, 4)
    shown = desk.replay.summary
    assert shown is not None
    assert "2; then: 1. 1 pictures got another verdict" in shown.sentences.text()
    assert shown.table.item(1, 0).text() == "Plot_001"
    assert "Plot_001 is Bad, 97 % sure" in shown.calls.item(0).text()
    shown.close()


LONG = [at(second, 1 + second % 2) for second in range(9)]


class LongRun:
    """Pages of one verdict each; from the third on they come only once they are let go."""

    def __init__(self, server: SmallServer) -> None:
        self.go, self.fail = False, False
        self.until: list[int | None] = []
        server.speaking.answers[GetReplay] = self.page
        server.speaking.answers[GetReplayCalls] = self.calls

    def page(self, request: GetReplay) -> tuple[Replay | Refused, tuple[bytes, ...]]:
        ids = [each.inference_id for each in LONG]
        place = 0 if request.after_id is None else ids.index(request.after_id) + 1
        if place >= 2 and not self.go:
            return Replay(verdicts=(), waiting=1, more=True), ()
        if place >= 2 and self.fail:
            return Refused(code="away", sentence="The database is away."), ()
        return Replay(verdicts=(LONG[place],), total=len(LONG), more=place + 1 < len(LONG)), ()

    def calls(self, request: GetReplayCalls) -> tuple[ReplayCalls, tuple[bytes, ...]]:
        self.until.append(request.until_id)
        return ReplayCalls(calls=()), ()


def test_that_a_long_run_begins_at_once_and_goes_on_as_it_comes(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    desk.replay._loader._again.setInterval(10)
    run = LongRun(server)
    begin(desk, qtbot, whole=False)
    qtbot.waitUntil(lambda: len(steps_of(desk)) == 2)
    run_to(desk, 2)
    bar = desk.window.replay_bar
    assert bar.below.text() == "The replay waits for more of the run: 2 of 9 pictures are here."
    assert bar.progress.maximum() == 9
    desk.replay.step()
    assert desk.replay.summary is None
    run.go = True
    qtbot.waitUntil(lambda: len(steps_of(desk)) == 9)
    assert run.until[0] == LONG[0].inference_id
    assert run.until[-1] is None
    assert len(run.until) <= 5
    run_to(desk, 9)
    assert desk.replay.summary is not None
    desk.replay.summary.close()


def test_that_a_run_whose_rest_cannot_be_loaded_says_so_and_ends(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    desk.replay._loader._again.setInterval(10)
    run = LongRun(server)
    begin(desk, qtbot, whole=False)
    qtbot.waitUntil(lambda: len(steps_of(desk)) == 2)
    run.fail = run.go = True
    qtbot.waitUntil(lambda: whole_of(desk))
    run_to(desk, 2)
    shown = desk.replay.summary
    assert shown is not None
    assert "Only the first 2 of 9 pictures could be loaded." in shown.sentences.text()
    shown.close()


def steps_of(desk: Desktop) -> tuple[Step, ...]:
    return desk.replay.player.reel.steps if desk.replay.player is not None else ()


def test_that_speeds_are_offered_and_taken_at_once(desk: Desktop, qtbot: QtBot) -> None:
    begin(desk, qtbot)
    speed = desk.window.replay_bar.speed
    assert [speed.itemData(row) for row in (0, 7)] == [0.5, 100.0]
    speed.setCurrentIndex(speed.count() - 1)
    assert desk.replay.player is not None
    assert desk.replay.player.speed == FASTEST
    desk.window.replay_bar.play.click()
    desk.replay.beat()
    assert desk.replay.player.ended
    assert desk.replay.summary is not None
    desk.replay.summary.close()


def test_that_a_run_that_still_loads_ends_with_what_came_when_another_is_chosen(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    LongRun(server)
    begin(desk, qtbot, whole=False)
    qtbot.waitUntil(lambda: len(steps_of(desk)) == 2)
    server.speaking.answers[GetReplay] = lambda _: (
        Refused(code="away", sentence="The database is away."), (),
    )  # fmt: skip
    run = desk.replay.choice.run
    assert run is not None
    desk.replay._loader.load(run, {}, "")
    assert whole_of(desk)
    run_to(desk, 2)
    shown = desk.replay.summary
    assert shown is not None
    assert "Another run was chosen meanwhile." in shown.sentences.text()
    shown.close()
