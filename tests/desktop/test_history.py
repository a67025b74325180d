"""The history page against a small real server: what comes into view is asked for, drawn and told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyqtgraph as pg
import pytest
from desktop_factory import NOW, kind, png, verdict
from desktop_server import SmallServer
from pyarrow import parquet as parquet_files
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QCheckBox, QPushButton
from pytestqt.qtbot import QtBot

from hydra_desktop.app import Desktop
from hydra_desktop.link.state import Stage
from hydra_desktop.models.history_look import closer
from hydra_desktop.models.trend import facts, trend
from hydra_desktop.settings import Memory
from inference_server.protocol.base import Severity
from inference_server.protocol.detail import GetHistoryOf, History
from inference_server.protocol.messages import Judged, Snapshot
from inference_server.protocol.records import (
    ChangePoint,
    Curve,
    GetTimeline,
    ModelSwitch,
    RunMark,
    Timeline,
)
from ui.trend_axis import run_ticks
from ui.trend_plot import TrendPlot

Make = Callable[..., Desktop]
START = NOW.timestamp() - 3600.0


def timeline(number: int = 1, step: str = "point", **changes: Any) -> Timeline:
    at = tuple(START + 600.0 * n for n in range(4))
    several = step != "point"
    known: dict[str, Any] = {
        "plot_type_id": number,
        "step": step,
        "since": datetime.fromtimestamp(START, UTC),
        "until": NOW,
        "times": at,
        "runs": (92316, 92316, 92317, 92317),
        "chunks": (0,) * 4 if several else (1, 2, 3, 4),
        "hashes": ("",) * 4 if several else ("one", "two", "three", "four"),
        "labels": ("Good", "Good", "Bad", "Good"),
        "confirmed": (True, True, True, False),
        "pictures": (12,) * 4 if several else (1,) * 4,
        "noteworthy": (0, 0, 1, 1),
        "curves": (
            Curve(
                name="Good",
                severity=Severity.GOOD,
                mean=(0.97, 0.95, 0.1, None),
                low=(0.9,) * 4 if several else (),
                high=(0.99,) * 4 if several else (),
                threshold=(0.5, 0.5, 0.9, None),
            ),
        ),
        "switches": (ModelSwitch(at=datetime.fromtimestamp(at[2], UTC), before="35", after="41"),),
        "changes": (
            ChangePoint(
                at=datetime.fromtimestamp(at[2], UTC), label="Good", before=0.96, after=0.1,
                sentence="Good fell here from 96 % to 10 %.",
            ),
        ),
    }  # fmt: skip
    return Timeline(**(known | changes))


@pytest.fixture
def desk(desktop: Make, server: SmallServer, qtbot: QtBot) -> Desktop:
    """A desktop with one plot type's history in front."""
    say = server.speaking
    say.snapshot = Snapshot(session="first", sequence=0, plot_types=(kind(1), kind(2)))
    say.pictures = {"three": png()}
    say.replies[GetTimeline] = lambda request: (timeline(request.plot_type_id), ())
    made = desktop(server=server.address)
    made.start()
    qtbot.waitUntil(lambda: made.link.state.stage is Stage.CONNECTED)
    made.window.show_page("history")
    made.history_page.add.click()
    qtbot.waitUntil(lambda: 1 in made.history_page.plots)
    return made


def asked(server: SmallServer) -> list[GetTimeline]:
    return [each for each in server.speaking.asked if isinstance(each, GetTimeline)]


def test_that_a_plot_type_is_shown_with_its_newest_day(desk: Desktop, server: SmallServer) -> None:
    assert asked(server)[0] == GetTimeline(plot_type_id=1)
    since, until = desk.history_page.plots[1].stretch()
    assert (since, until) == pytest.approx((START, NOW.timestamp()))
    assert desk.history_page.note.text() == "4 verdicts, one by one."


def test_that_what_comes_into_view_is_asked_for_once_it_stays(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    plot, count = desk.history_page.plots[1], len(asked(server))
    for hours in (1, 2, 3):
        plot.getViewBox().setXRange(START - 3600 * hours, START, padding=0)
    qtbot.waitUntil(lambda: len(asked(server)) == count + 1)
    wanted = asked(server)[-1]
    assert wanted.since is not None
    assert wanted.since.timestamp() == pytest.approx(START - 3 * 3600)


def test_that_stacked_plots_move_together(desk: Desktop, qtbot: QtBot) -> None:
    desk.history_page.kinds.setCurrentIndex(1)
    desk.history_page.add.click()
    qtbot.waitUntil(lambda: 2 in desk.history_page.plots)
    desk.history_page.plots[1].getViewBox().setXRange(START + 600, START + 1200, padding=0)
    assert desk.history_page.plots[2].stretch() == (START + 600, START + 1200)
    remove = [
        each for each in desk.history_page.findChildren(QPushButton)
        if each.accessibleName() == "Remove Plot_002"
    ]  # fmt: skip
    remove[0].click()
    assert list(desk.history_page.plots) == [1]


def test_that_plots_go_on_moving_together_when_the_first_is_removed(
    desktop: Make, server: SmallServer, memory: Memory, qtbot: QtBot
) -> None:
    memory.remember("history", "Plot_001\nPlot_002\nPlot_003")
    kinds = (kind(1), kind(2), kind(3))
    server.speaking.snapshot = Snapshot(session="first", sequence=0, plot_types=kinds)
    server.speaking.replies[GetTimeline] = lambda request: (timeline(request.plot_type_id), ())
    made = desktop(server=server.address)
    made.start()
    made.window.show_page("history")
    qtbot.waitUntil(lambda: len(made.history_page.plots) == 3)
    made.history_page.removed.emit(1)
    second, third = made.history_page.plots.values()
    second.getViewBox().setXRange(START + 600, START + 1200, padding=0)
    assert third.stretch() == (START + 600, START + 1200)
    third.getViewBox().setXRange(START, START + 300, padding=0)
    assert second.stretch() == (START, START + 300)


def test_that_a_click_on_a_verdict_opens_its_picture(desk: Desktop, qtbot: QtBot) -> None:
    page = desk.history_page
    page.pressed.emit(1, 2)
    qtbot.waitUntil(page.picture.isVisible)
    assert page.picture_title.text() == "Plot_001"
    page.pressed.emit(1, 0)
    qtbot.waitUntil(lambda: page.picture_note.text().startswith("This picture is gone"))
    assert not page.open.isVisible()


def test_that_the_picture_leads_to_the_detail_page_and_back(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    old = verdict(
        1, "Bad", picture_hash="three", judged_at=datetime.fromtimestamp(START + 1200, UTC)
    )
    history = History(plot_type_id=1, verdicts=(old,))
    server.speaking.replies[GetHistoryOf] = lambda _: (history, ())
    desk.history_page.pressed.emit(1, 2)
    qtbot.waitUntil(desk.history_page.open.isVisible)
    desk.history_page.open.click()
    qtbot.waitUntil(lambda: desk.window.page == "detail" and desk.detail.verdict is not None)
    assert desk.detail.verdict is not None
    assert desk.detail.verdict.picture_hash == "three"
    desk.detail_page.back.emit()
    assert desk.window.page == "history"


def test_that_the_page_opens_with_what_was_looked_at_last(
    desktop: Make, server: SmallServer, memory: Memory, qtbot: QtBot
) -> None:
    memory.remember("history", "Plot_002\nno such plot")
    server.speaking.snapshot = Snapshot(session="first", sequence=0, plot_types=(kind(1), kind(2)))
    server.speaking.replies[GetTimeline] = lambda request: (timeline(request.plot_type_id), ())
    made = desktop(server=server.address)
    made.start()
    qtbot.waitUntil(lambda: made.link.state.stage is Stage.CONNECTED)
    made.window.show_page("history")
    qtbot.waitUntil(lambda: list(made.history_page.plots) == [2])
    made.history_page.kinds.setCurrentIndex(0)
    made.history_page.add.click()
    assert memory.text("history") == "Plot_002\nPlot_001"


def by_run(step: str = "point", **changes: Any) -> Timeline:
    """Two runs, the second the day after the first."""
    several = step != "point"
    places = (0.5, 1.5) if step == "run" else (0.25, 0.75, 1.25, 1.75)
    known: dict[str, Any] = {
        "by_run": True,
        "places": places,
        "first_place": 0.0,
        "last_place": 2.0,
        "run_marks": (RunMark(place=0, run=92316), RunMark(place=1, run=92317)),
        "switches": (
            ModelSwitch(at=NOW, before="35", after="41", place=1.0),
        ),
        "changes": (
            ChangePoint(
                at=NOW, label="Good", before=0.96, after=0.1, sentence="Good fell here.", place=1.25
            ),
        ),
        "beam_off": ((START, START + 9.0),),
        "off_places": ((0.2, 0.4),),
    }  # fmt: skip
    made = timeline(1, step, **(known | changes))
    if not several:
        return made
    columns = ("times", "runs", "chunks", "hashes", "labels", "confirmed", "pictures", "noteworthy")
    short = {name: getattr(made, name)[1:3] for name in columns}
    good = msgspec.structs.replace(
        made.curves[0], mean=(0.9, 0.4), low=(0.8, 0.1), high=(1.0, 0.9), threshold=(0.5, 0.9)
    )
    return msgspec.structs.replace(made, curves=(good,), **short)


def answer(request: GetTimeline) -> tuple[Timeline, tuple[bytes, ...]]:
    """As the server does, with its own idea of places."""
    if not request.by_run:
        return timeline(request.plot_type_id), ()
    if request.first_place is None or request.last_place is None:
        return by_run("run"), ()
    return by_run(first_place=request.first_place, last_place=request.last_place), ()


def turn(desk: Desktop, qtbot: QtBot, way: str) -> None:
    """Choose an axis as a person does."""
    box = desk.history_page.axis
    box.setCurrentIndex(box.findText(way))
    box.activated.emit(box.currentIndex())
    wanted = " run by run." if way == "Run by run" else " one by one."
    qtbot.waitUntil(lambda: desk.history_page.note.text().endswith(wanted))


def test_that_runs_stand_side_by_side_with_the_same_in_view(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    server.speaking.replies[GetTimeline] = answer
    plot = desk.history_page.plots[1]
    plot.getViewBox().setXRange(START + 60.0, NOW.timestamp(), padding=0)
    qtbot.waitUntil(lambda: asked(server)[-1].since is not None)
    qtbot.waitUntil(lambda: desk.history_page.note.text().endswith(" one by one."))
    turn(desk, qtbot, "Run by run")
    wanted = asked(server)[-1]
    assert wanted.by_run
    assert wanted.since == datetime.fromtimestamp(START, UTC)  # as the server told it
    assert plot.stretch() == pytest.approx((0.0, 2.0))
    turn(desk, qtbot, "By time")
    assert not asked(server)[-1].by_run
    assert plot.stretch() == pytest.approx((START, NOW.timestamp()))


def test_that_by_run_zooming_and_clicking_ask_for_places(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    server.speaking.replies[GetTimeline] = answer
    turn(desk, qtbot, "Run by run")
    plot = desk.history_page.plots[1]
    plot.getViewBox().setXRange(0.4, 1.6, padding=0)
    qtbot.waitUntil(lambda: asked(server)[-1].first_place is not None)
    request = asked(server)[-1]
    assert (request.first_place, request.last_place) == pytest.approx((0.4, 1.6))
    desk.history_page.days_wanted.emit(30.0)
    qtbot.waitUntil(lambda: desk.history_page.note.text().endswith(" run by run."))
    desk.history_page.pressed.emit(1, 1)
    qtbot.waitUntil(lambda: asked(server)[-1].first_place == 1.0)
    assert asked(server)[-1].last_place == 2.0
    assert plot.stretch() == pytest.approx((1.0, 2.0))
    qtbot.waitUntil(lambda: desk.history_page.note.text().endswith(" one by one."))
    desk.history_page.pressed.emit(1, 2)
    qtbot.waitUntil(desk.history_page.open.isVisible)


def test_that_the_newest_day_goes_on_while_verdicts_come_and_another_stretch_stays(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    desk.history._follow.setInterval(10)
    qtbot.waitUntil(server.subscribed.is_set)
    count = len(asked(server))
    server.say(Judged(verdict=verdict(2)))  # not shown
    server.say(Judged(verdict=verdict(1)))
    qtbot.waitUntil(lambda: len(asked(server)) == count + 1)
    assert asked(server)[-1] == GetTimeline(plot_type_id=1)
    desk.history_page.runs_wanted.emit("92316")
    qtbot.waitUntil(lambda: asked(server)[-1].first_run == 92316)
    server.say(Judged(verdict=verdict(1, "Bad")))
    qtbot.waitUntil(lambda: seen_bad(desk))
    assert not desk.history._follow.isActive()


def seen_bad(desk: Desktop) -> bool:
    """Whether the desktop has heard of the Bad verdict."""
    return any(
        row.verdict is not None and row.verdict.label == "Bad" for row in desk.run.model.rows
    )


def test_that_the_picture_that_is_shown_is_the_one_that_opens_also_when_the_stretch_moved(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    desk.history_page.pressed.emit(1, 2)
    qtbot.waitUntil(desk.history_page.open.isVisible)
    later = timeline(1, hashes=("two", "three", "four", "five"))
    server.speaking.replies[GetTimeline] = lambda _: (later, ())
    desk.history_page.days_wanted.emit(7.0)
    qtbot.waitUntil(lambda: desk.history._shown[1].hashes == later.hashes)
    with qtbot.waitSignal(desk.history.open_wanted) as opened:
        desk.history_page.open.click()
    assert opened.args is not None
    assert opened.args[0].picture_hash == "three"


def test_that_runs_are_looked_for_on_the_axis_in_force(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    server.speaking.replies[GetTimeline] = answer
    turn(desk, qtbot, "Run by run")
    desk.history_page.runs_wanted.emit("92316-92317")
    qtbot.waitUntil(lambda: asked(server)[-1].first_run == 92316)
    assert asked(server)[-1].by_run


def test_that_by_run_all_that_is_marked_stands_at_its_place() -> None:
    data = trend(by_run(), "CDC", {})
    assert list(data.at) == [0.25, 0.75, 1.25, 1.75]
    assert data.flags == [(1.0, "35 → 41")]
    assert data.changes == [(1.25, "Good fell here.")]
    assert list(data.beam_off) == [(0.2, 0.4)]
    assert data.chunk_names == ["92316.1", "92316.2", "92317.3", "92317.4"]
    plot = TrendPlot()
    plot.show_data(data)
    [region] = [each for each in plot.getPlotItem().items if isinstance(each, pg.LinearRegionItem)]
    assert region.getRegion() == (0.2, 0.4)
    lines = [each for each in plot.getPlotItem().items if isinstance(each, pg.InfiniteLine)]
    assert sorted(line.value() for line in lines) == [1.0, 1.25]


def test_that_a_whole_run_tells_its_number_and_how_many_were_bad() -> None:
    told = dict(facts(by_run("run"), 1))
    assert told["Run"] == "92317"
    assert told["Pictures"] == "12, 8 % bad or unconfirmed"


RUNS = [(float(place), str(92300 + place)) for place in range(40)]
CHUNKS = [(3.0 + (chunk - 0.5) / 10, f"92303.{chunk}") for chunk in range(1, 11)]


@pytest.mark.parametrize(
    ("shown", "per_place", "said"),
    [
        ((3.0, 7.0), 200.0, ["92303", "92304", "92305", "92306", "92307"]),
        ((3.5, 20.0), 40.0, ["92304", "92306", "92308", "92310", "92312", "92314", "92316", "92318", "92320"]),
        ((0.0, 39.0), 8.0, ["92300", "92310", "92320", "92330"]),
        ((3.0, 4.0), 510.0, ["92303", "92303.3", "92303.5", "92303.7", "92304"]),
        ((3.2, 3.4), 4000.0, ["92303.3", "92303.4"]),
        ((50.0, 60.0), 90.0, []),
    ],
)  # fmt: skip
def test_that_the_axis_names_the_runs_and_chunks_that_have_room(
    shown: tuple[float, float], per_place: float, said: list[str]
) -> None:
    assert [words for _, words in run_ticks(RUNS, CHUNKS, shown, per_place)] == said


def test_that_of_very_many_runs_those_that_the_server_named_are_said() -> None:
    some = [(11.0 * n, str(n)) for n in range(100)]
    assert [words for _, words in run_ticks(some, [], (0.0, 1100.0), 1.0)] == [
        "0", "10", "20", "30", "40", "50", "60", "70", "80", "90",
    ]  # fmt: skip


def test_that_a_day_opens_its_runs_and_an_hour_its_part_of_a_run() -> None:
    day = by_run("day", places=(3.4, 7.8), first_place=0.0, last_place=12.0)
    assert closer(day, 0) == (3.0, 8.0)
    assert closer(day, 1) == (7.0, 12.0)
    hour = by_run("hour", places=(3.0, 3.6), first_place=3.0, last_place=4.0)
    assert closer(hour, 0) == (3.0, 3.6)
    assert closer(hour, 1) == (3.6, 4.0)


def test_that_classes_are_marked_beside_their_names_as_in_the_plot(desk: Desktop) -> None:
    [box] = [each for each in desk.history_page.findChildren(QCheckBox) if each.text() == "Good"]
    assert not box.icon().isNull()


def test_that_classes_with_one_threshold_share_its_name() -> None:
    shared = [
        Curve(name=name, severity=Severity.GOOD, mean=(0.9,) * 4, threshold=(level,) * 4)
        for name, level in (("Good", 0.99), ("LED", 0.99), ("Bad", 0.2))
    ]
    plot = TrendPlot()
    plot.show_data(trend(timeline(curves=tuple(shared)), "CDC", {}))
    items = plot.getPlotItem().items
    words = [each.toPlainText() for each in items if isinstance(each, pg.TextItem)]
    assert words == ["Good, LED 0.99", "Bad 0.20"]


def test_that_stretches_without_beam_are_drawn_and_told() -> None:
    off = ((START + 1100.0, START + 1300.0),)
    data = trend(timeline(beam_off=off), "CDC", {})
    assert data.beam_off == off
    assert ["No beam" in tip for tip in data.tips] == [False, False, True, False]
    plot = TrendPlot()
    plot.show_data(data)
    regions = [each for each in plot.getPlotItem().items if isinstance(each, pg.LinearRegionItem)]
    assert [each.getRegion() for each in regions] == list(off)


def test_that_the_table_is_written_as_parquet_too(
    desk: Desktop, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "history.parquet"
    with qtbot.waitSignal(desk.history.files.saved):
        desk.history.files.parquet_to(str(path))
    found = parquet_files.read_table(path)
    assert found.column_names[:3] == ["plot_type", "time", "run"]
    assert found.column("label").to_pylist() == ["Good", "Good", "Bad", "Good"]
    assert found.column("threshold").to_pylist() == [0.5, 0.5, 0.9, None]


def test_that_a_click_on_an_hour_comes_closer(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    server.speaking.replies[GetTimeline] = lambda _: (timeline(1, "hour"), ())
    desk.history_page.days_wanted.emit(30.0)
    qtbot.waitUntil(lambda: "by the hour" in desk.history_page.note.text())
    desk.history_page.pressed.emit(1, 1)
    qtbot.waitUntil(lambda: length(asked(server)[-1]) == pytest.approx(7200))


def length(request: GetTimeline) -> float:
    assert request.since is not None
    assert request.until is not None
    return (request.until - request.since).total_seconds()


def test_that_runs_are_a_way_to_a_stretch(desk: Desktop, server: SmallServer, qtbot: QtBot) -> None:
    desk.history_page.runs_wanted.emit("92300-92317")
    qtbot.waitUntil(lambda: asked(server)[-1].first_run == 92300)
    assert asked(server)[-1].last_run == 92317
    desk.history_page.runs_wanted.emit("the last one")
    assert desk.history_page.note.text().startswith("Runs are written like")


def test_that_table_and_image_are_written(desk: Desktop, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.history.files.saved):
        desk.history.files.table_to(str(tmp_path / "history.csv"))
    lines = (tmp_path / "history.csv").read_text().splitlines()
    assert lines[0].startswith("plot_type,time,run,chunk,label")
    assert lines[3].endswith("Bad,1,1,Good,0.1,0.1,0.1,0.9")
    with qtbot.waitSignal(desk.history.files.saved):
        desk.history.files.image_to(str(tmp_path / "history.png"))
    assert (tmp_path / "history.png").read_bytes().startswith(b"\x89PNG")


def test_that_the_mouse_finds_the_step_it_is_near(desk: Desktop) -> None:
    plot = desk.history_page.plots[1]
    box = plot.getViewBox()
    at = box.mapViewToScene(QPointF(START + 1205.0, 0.5))
    assert plot.step_near(at) == 2
    assert plot.step_near(box.mapViewToScene(QPointF(START + 900.0, 0.5))) == -1
    assert plot.step_near(QPointF(-5, -5)) == -1


def test_that_thresholds_flags_changes_and_verdicts_are_drawn_as_they_were() -> None:
    data = trend(timeline(), "CDC", {})
    assert list(data.curves[0].threshold[:3]) == [0.5, 0.5, 0.9]
    assert data.flags == [(START + 1200.0, "35 → 41")]
    assert data.changes[0][1].startswith("Good fell here")
    assert (data.bad, data.unconfirmed) == (
        [False, False, True, False],
        [False, False, False, True],
    )
    assert "92317.3" in data.tips[2]
