"""The history page against a small real server: what comes into view is asked for, drawn and told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyqtgraph as pg
import pytest
from desktop_factory import NOW, kind, png, verdict
from desktop_server import SmallServer
from pyarrow import parquet as parquet_files
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from hydra_desktop.app import Desktop
from hydra_desktop.link.state import Stage
from hydra_desktop.models.trend import trend
from hydra_desktop.settings import Memory
from inference_server.protocol.base import Severity
from inference_server.protocol.detail import GetHistoryOf, History
from inference_server.protocol.messages import Snapshot
from inference_server.protocol.records import ChangePoint, Curve, GetTimeline, ModelSwitch, Timeline
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
                sentence="Good fell here from 96% to 10%.",
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
