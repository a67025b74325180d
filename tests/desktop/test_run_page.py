"""The run page as a person works it: arranging, hiding, sizes, strips, news, past runs, the wall."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from desktop_factory import kind, png, verdict
from desktop_server import SmallServer
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QImage, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from hydra_desktop.app import Desktop
from hydra_desktop.link.arrival import Answer, Arrival
from hydra_desktop.link.state import LinkState, Stage
from hydra_desktop.rooms.wall_room import CURSOR_MS, TURN_MS
from hydra_desktop.words import clock
from inference_server.protocol import detail as d
from inference_server.protocol.alarms import Conditions, ConditionsChanged
from inference_server.protocol.explain import GetHeatmap, Heatmap, HeatmapReady
from inference_server.protocol.messages import (
    ClassInfo,
    Done,
    Judged,
    PlotTypesChanged,
    Severity,
    Snapshot,
    Verdict,
)
from inference_server.protocol.notices import Notice, NoticePosted, SetNotice
from ui.legend import ClassChip, Legend
from ui.roles import Role
from ui.states import TileState

Make = Callable[..., Desktop]
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def fresh(number: int, label: str = "Good", sure: float = 0.97, **more: Any) -> Verdict:
    at = datetime.now(UTC) - timedelta(seconds=more.pop("age_s", 1.0))
    return verdict(number, label, sure, judged_at=at, picture_time=at, **more)


def feed(desk: Desktop, *verdicts: Verdict) -> None:
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkBlue)
    desk.run.receive([Arrival(Judged(verdict=v), image) for v in verdicts])


@pytest.fixture
def desk(desktop: Make) -> Desktop:
    """Four good plots: 1 and 3 in Tracking/CDC, 2 and 4 in PID."""
    made = desktop()
    groups = ("PID", "Tracking/CDC")
    kinds = tuple(kind(n, group=groups[n % 2]) for n in range(1, 5))
    made.run.restore(Snapshot(session="s", sequence=1, plot_types=kinds, experiment="GlueX"))
    feed(made, *(fresh(n) for n in range(1, 5)))
    made.link_room.show_state(LinkState(stage=Stage.CONNECTED, changed_at=datetime.now(UTC)))
    return made


def names(desk: Desktop) -> str:
    model = desk.run_page.grid.model()
    return "".join(model.index(row, 0).data(Role.NAME)[-1] for row in range(model.rowCount()))


def middle(desk: Desktop, number: int) -> QPoint:
    grid = desk.run_page.grid
    return grid.visualRect(grid.model().index(names(desk).index(str(number)), 0)).center()


# ---------------------------------------------------------------- order, groups, filters


def test_that_a_dragged_tile_takes_the_others_place_and_the_order_is_remembered(
    desk: Desktop, desktop: Make, qtbot: QtBot
) -> None:
    port = desk.run_page.grid.viewport()
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=middle(desk, 4))
    qtbot.mouseMove(port, middle(desk, 2))
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=middle(desk, 2))
    assert names(desk) == "1423"
    assert desk.window.page == "run"
    assert desk.run_page.head.order.currentData() == "own"
    again = desktop()
    again.run.restore(
        Snapshot(session="s", sequence=1, plot_types=tuple(kind(n) for n in range(1, 5)))
    )
    assert names(again) == "1423"


def test_that_the_keyboard_moves_a_tile_too(desk: Desktop, qtbot: QtBot) -> None:
    desk.run_page.grid.reveal("Plot_002")
    qtbot.keyClick(desk.run_page.grid, Qt.Key.Key_Right, CTRL | SHIFT)
    assert names(desk) == "1324"
    assert desk.run_page.grid.currentIndex().data(Role.NAME) == "Plot_002"
    qtbot.keyClick(desk.run_page.grid, Qt.Key.Key_Left, CTRL | SHIFT)
    assert names(desk) == "1234"


def test_that_need_orders_by_severity_and_then_by_age(desk: Desktop) -> None:
    feed(desk, fresh(4, "Bad", 0.5, confirmed=False, age_s=0.9))
    feed(desk, fresh(2, "Bad", 0.5, confirmed=False, age_s=0.1))
    head = desk.run_page.head
    head.order.setCurrentIndex(head.order.findData("need"))
    assert names(desk) == "4213"


def test_that_a_nested_group_shows_all_below_it(desk: Desktop) -> None:
    groups = desk.run_page.head.groups
    assert [groups.itemText(row).strip() for row in range(groups.count())] == [
        "All groups", "PID", "Tracking", "CDC",
    ]  # fmt: skip
    groups.setCurrentIndex(groups.findData("Tracking"))
    assert names(desk) == "13"


def test_that_a_plot_is_put_into_an_own_group_from_its_menu(desk: Desktop, qtbot: QtBot) -> None:
    dialog = desk.arrange.ask_group("Plot_003")
    dialog.setTextValue("Night shift")
    dialog.accept()
    groups = desk.run_page.head.groups
    groups.setCurrentIndex(groups.findData("★Night shift"))
    assert names(desk) == "3"
    menu = desk.arrange.menu("Plot_003")
    into = next(a.menu() for a in menu.actions() if a.menu() is not None)
    next(a for a in into.actions() if a.text() == "Take out of Night shift").trigger()
    assert desk.arrange.station.groups == {}


def test_that_the_menu_opens_by_mouse_and_by_key(desk: Desktop, qtbot: QtBot) -> None:
    grid = desk.run_page.grid
    heard: list[str] = []
    grid.menu_wanted.disconnect()
    grid.menu_wanted.connect(lambda name, _where: heard.append(name))
    for reason, at in (
        (QContextMenuEvent.Reason.Mouse, middle(desk, 3)),
        (QContextMenuEvent.Reason.Keyboard, QPoint()),
    ):
        grid.reveal("Plot_002")
        event = QContextMenuEvent(reason, at, grid.viewport().mapToGlobal(at))
        QApplication.sendEvent(grid.viewport(), event)
    assert heard == ["Plot_003", "Plot_002"]


def test_that_only_what_a_person_should_look_at_can_be_shown(desk: Desktop, qtbot: QtBot) -> None:
    feed(desk, fresh(2, "Good", 0.5, confirmed=False, age_s=0.1))
    desk.run_page.head.unconfirmed.click()
    assert names(desk) == "2"
    feed(desk, fresh(3, "Bad", 0.5, confirmed=False, age_s=0.1))
    assert names(desk) == "23"
    desk.run_page.head.unconfirmed.click()
    assert names(desk) == "1234"


# ---------------------------------------------------------------- hidden


def test_that_a_hidden_plot_is_counted_listed_and_brought_back(desk: Desktop, qtbot: QtBot) -> None:
    desk.run_page.grid.reveal("Plot_002")
    qtbot.keyClick(desk.run_page.grid, Qt.Key.Key_H, CTRL)
    assert names(desk) == "134"
    head = desk.run_page.head
    assert head.hidden.text().strip() == "Hidden 1"
    assert head.count.text() == "3 / 4"
    entries = {a.text(): a for a in head.hidden_menu.actions()}
    entries["Bring back Plot_002"].trigger()
    assert names(desk) == "1234"
    assert not head.hidden.isVisible()


def test_that_a_hidden_plot_that_turns_bad_is_back_in_lane_and_grid(desk: Desktop) -> None:
    desk.arrange.hide("Plot_002")
    feed(desk, fresh(2, "Bad", age_s=0.1))
    assert desk.run_page.lane.count.text() == "1"
    assert names(desk) == "1234"
    feed(desk, fresh(2, "Good", age_s=0.05))
    assert names(desk) == "1234"  # back for good: nobody hides it again but a person


def test_that_the_detail_page_hides_its_plot(desk: Desktop, qtbot: QtBot) -> None:
    desk.detail.open("Plot_003")
    qtbot.mouseClick(desk.detail_page.hide_button, Qt.MouseButton.LeftButton)
    assert desk.window.page == "run"
    assert names(desk) == "124"


# ---------------------------------------------------------------- lanes, sizes, layout


def test_that_one_lane_keeps_bad_pictures_in_the_grid(desk: Desktop, qtbot: QtBot) -> None:
    desk.preferences.set_lanes(1)
    assert not desk.run_page.lane.isVisible()
    feed(desk, fresh(2, "Bad", age_s=0.1))
    grid = desk.run_page.grid
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=middle(desk, 2))
    assert desk.window.page == "detail"  # its place is the picture, not a link to the lane


def test_that_slider_and_wheel_make_tiles_larger(desk: Desktop, qtbot: QtBot) -> None:
    page, grid = desk.run_page, desk.run_page.grid
    page.head.slider.setValue(200)
    assert grid.tile_width == 200
    assert page.head.size_box.currentText() == "Size: own"
    spin = QWheelEvent(
        QPointF(middle(desk, 1)), QPointF(), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        CTRL, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(grid.viewport(), spin)
    assert grid.tile_width == 220
    assert page.head.slider.value() == 220


def test_that_the_layout_is_remembered_and_reset(desk: Desktop, desktop: Make) -> None:
    desk.run_page.head.slider.setValue(260)
    desk.preferences.set_lanes(1)
    desk.arrange.hide("Plot_001")
    again = desktop()
    assert again.run_page.grid.tile_width == 260
    assert not again.run_page.lane.isVisible()
    again.window.reset_wanted.emit()
    assert again.run_page.lane.isVisible()
    assert again.run_page.head.size_box.currentData() == "fit"
    assert again.arrange.station.hidden == {"Plot_001"}  # hiding is no matter of layout


# ---------------------------------------------------------------- tiles and lane


def test_that_the_strip_joins_what_the_server_remembers_and_what_came(desk: Desktop) -> None:
    at = datetime.now(UTC) - timedelta(minutes=5)
    marks = tuple(
        d.Mark(at=at + timedelta(seconds=n), severity=how, confirmed=sure, judged=judged)
        for n, (how, sure, judged) in enumerate(
            [
                (Severity.GOOD, True, True),
                (Severity.BAD, False, True),
                (Severity.BAD, True, True),
                (Severity.NEUTRAL, False, False),
            ]
        )
    )
    desk.run.take_answer(desk.run._strips, Answer(d.Strips(strips={1: marks})))
    strip = desk.run.model.index(0, 0).data(Role.STRIP)
    assert strip == (
        TileState.GOOD, TileState.MINOR, TileState.MAJOR, TileState.INVALID, TileState.GOOD,
    )  # fmt: skip
    feed(desk, *(fresh(1, chunk=n, age_s=0.9 - n / 100) for n in range(40)))
    assert len(desk.run.model.index(0, 0).data(Role.STRIP)) == 20


def test_that_the_lane_shows_where_the_model_looked(
    desktop: Make, server: SmallServer, qtbot: QtBot
) -> None:
    held = fresh(1, "Bad")
    server.speaking.snapshot = Snapshot(
        session="first", sequence=0, plot_types=(kind(1),), verdicts=(held,)
    )
    server.speaking.pictures[held.picture_hash] = png()
    made: list[bytes] = []
    server.speaking.answers[GetHeatmap] = lambda r: (
        Heatmap(picture_hash=r.picture_hash, class_name="Bad", model_id=35, made=bool(made)),
        tuple(made),
    )
    desk = desktop(server=server.address)
    desk.start()
    qtbot.waitUntil(lambda: any(isinstance(each, GetHeatmap) for each in server.speaking.asked))
    made.append(png(8, 8, "#FFFFFF"))
    assert server.subscribed.wait(60)
    server.say(HeatmapReady(picture_hash=held.picture_hash, class_name="Bad", model_id=35))
    qtbot.waitUntil(lambda: desk.run.model.index(0, 0).data(Role.HEAT) is not None)
    before = desk.run_page.lane.grab().toImage()
    desk.run_page.lane.heat.setValue(100)
    assert desk.run_page.lane.grab().toImage() != before


# ---------------------------------------------------------------- status line, legend, news


def test_that_the_status_line_names_the_experiment_and_alarms_when_plots_are_late(
    desk: Desktop,
) -> None:
    line = desk.window.status_line
    assert line.experiment.text() == "GlueX"
    assert line.last_plot.property("state") in (None, "")
    quick = tuple(
        msgspec.structs.replace(row.kind, stale_after_s=0.5) for row in desk.run.model.rows
    )
    desk.run.receive([Arrival(PlotTypesChanged(plot_types=quick))])
    assert line.last_plot.property("state") == "stale"
    assert line.last_plot.value.endswith("ago, late")
    feed(desk, fresh(1, age_s=0.0))
    assert line.last_plot.property("state") == ""


def test_that_beam_and_run_are_shown_as_told_and_go_when_not(desk: Desktop) -> None:
    line = desk.window.status_line

    def shown() -> list[tuple[str, str]]:
        return [(name, each.value) for name, each in line._conditions.items()]

    beam = Conditions(beam_current=210.4, running=True)
    desk.run.restore(Snapshot(session="s", sequence=2, conditions=beam))
    assert shown() == [("Beam", "210 nA"), ("Data taking", "On")]
    off = Conditions(beam_current=0.0, running=None)
    desk.run.receive([Arrival(ConditionsChanged(conditions=off))])
    assert shown() == [("Beam", "Off")]


def test_that_a_tile_tells_run_chunk_and_time(desk: Desktop) -> None:
    told = fresh(1)
    feed(desk, told)
    tile = desk.run.model.row_of("Plot_001")
    assert tile.data(Role.CHUNK) == "92317.8"
    assert tile.data(Role.TIME) == clock(told.picture_time)
    assert "Run and chunk 92317.8" in tile.data(Qt.ItemDataRole.ToolTipRole)


def test_that_the_legend_names_badges_and_the_sites_classes(desk: Desktop, qtbot: QtBot) -> None:
    classes = (ClassInfo(name="LED", severity=Severity.NEUTRAL, colour=""),)
    desk.run.restore(Snapshot(session="s", sequence=2, classes=classes))
    qtbot.mouseClick(desk.window.status_line.legend, Qt.MouseButton.LeftButton)
    (legend,) = desk.window.findChildren(Legend)
    assert legend.isVisible()
    assert len(legend.findChildren(ClassChip)) == 1
    legend.close()


def notice(number: int, text: str, until: datetime | None = None) -> Notice:
    return Notice(id=number, text=text, who="ann", at=datetime.now(UTC), until=until)


def test_that_news_show_until_they_are_closed_here_over_or_replaced(desk: Desktop) -> None:
    bar = desk.window.news
    first = notice(1, "Solenoid ramps down.")
    desk.notices.receive([Arrival(NoticePosted(notice=first))])
    assert bar.isVisible()
    assert bar.words.text() == "Solenoid ramps down."
    assert "by ann" in bar.posted.text()
    bar.close_button.click()
    assert not bar.isVisible()
    desk.notices.restore(Snapshot(session="s", sequence=3, notice=first))
    assert not bar.isVisible()  # closed on this station
    soon = datetime.now(UTC) - timedelta(seconds=1)
    desk.notices.receive([Arrival(NoticePosted(notice=notice(2, "Beam back.", soon)))])
    assert bar.isVisible()
    desk.tick()
    assert not bar.isVisible()


def test_that_news_are_written_from_the_desktop(
    desktop: Make, server: SmallServer, qtbot: QtBot
) -> None:
    server.speaking.answers[SetNotice] = lambda _request: (Done(sentence="Sent."), ())
    desk = desktop(server=server.address)
    desk.start()
    qtbot.waitUntil(lambda: desk.link.state.stage is Stage.CONNECTED)
    desk.notices.ask()
    dialog = desk.notices.dialog
    assert dialog is not None
    dialog.text.setPlainText("Beam back at 07:00.")
    dialog.send.click()
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert SetNotice(text="Beam back at 07:00.") in server.speaking.asked


# ---------------------------------------------------------------- a past run


def test_that_a_past_run_is_frozen_while_the_lane_stays_live(
    desktop: Make, server: SmallServer, qtbot: QtBot
) -> None:
    then = datetime.now(UTC) - timedelta(hours=5)
    info = d.RunInfo(run=92300, run_period="2026-05", first_seen=then, last_seen=then)
    old = verdict(1, "NoData", 0.9, run=92300, judged_at=then, picture_time=then)
    server.speaking.snapshot = Snapshot(
        session="first", sequence=0, plot_types=(kind(1), kind(2)), verdicts=(fresh(1), fresh(2))
    )
    server.speaking.answers[d.GetRuns] = lambda _request: (d.Runs(runs=(info,)), ())
    server.speaking.answers[d.GetRun] = lambda r: (
        d.RunVerdicts(run=r.run, run_period=r.run_period, verdicts=(old,)), (png(),),
    )  # fmt: skip
    desk = desktop(server=server.address)
    desk.start()
    qtbot.waitUntil(lambda: desk.run.model.rowCount() == 2)
    desk.past.ask()
    dialog = desk.past.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.list.count() == 1)
    qtbot.mouseClick(dialog.show_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.past.frozen)
    first = desk.run_page.grid.model().index(0, 0)
    assert first.data(Role.VERDICT) == "NoData 90 %"  # as it was, and not called old
    assert "run 92300" in desk.window.past_bar.words.text()
    assert desk.run_page.grid._tiles.bad_pictures  # the lane is of now: it has none of then
    assert server.subscribed.wait(60)
    server.say(Judged(verdict=fresh(2, "Bad", age_s=0.0)), png())
    qtbot.waitUntil(lambda: desk.run_page.lane.count.text() == "1")
    assert first.data(Role.VERDICT) == "NoData 90 %"
    desk.window.past_bar.follow.click()
    assert not desk.window.past_bar.isVisible()
    assert not desk.run_page.grid._tiles.bad_pictures
    assert desk.run_page.grid.model().index(0, 0).data(Role.VERDICT) == "Good 97 %"


# ---------------------------------------------------------------- the wall


def test_that_the_wall_shows_nothing_but_plots_in_large_figures_and_esc_leaves_it(
    desk: Desktop, qtbot: QtBot
) -> None:
    window = desk.window
    assert desk.run_page.head.size_box.currentData() == "fit"
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert window.isFullScreen()
    for bar in (window.menuBar(), window.rail, window.foot, desk.run_page.head):
        assert not bar.isVisible()
    assert window.status_line.run._value.font().pointSizeF() >= 36
    assert desk.run_page.grid._tiles.metrics.name_pt >= 24
    qtbot.keyClick(desk.run_page.grid, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert window.rail.isVisible()
    assert desk.run_page.head.size_box.currentData() == "fit"
    assert desk.run_page.grid._tiles.metrics.name_pt < 24


def test_that_pages_of_the_wall_turn_and_begin_again(desk: Desktop, qtbot: QtBot) -> None:
    more = tuple(kind(n) for n in range(1, 41))
    desk.run.restore(Snapshot(session="s", sequence=2, plot_types=more))
    desk.wall.show(True)
    bar = desk.run_page.grid.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    assert desk.wall._turn.isActive()
    assert desk.wall._turn.interval() == TURN_MS
    seen = [bar.value()]
    while bar.value() < bar.maximum():
        desk.wall._turn.timeout.emit()
        seen.append(bar.value())
    assert seen == sorted(set(seen))
    desk.wall._turn.timeout.emit()
    assert bar.value() == 0
    desk.wall.show(False)
    assert not desk.wall._turn.isActive()


def test_that_the_pointer_goes_on_the_wall_and_comes_back_when_moved(
    desk: Desktop, qtbot: QtBot
) -> None:
    desk.wall.show(True)
    assert desk.wall._idle.interval() == CURSOR_MS
    desk.wall._idle.timeout.emit()
    assert desk.window.cursor().shape() is Qt.CursorShape.BlankCursor
    desk.wall.eventFilter(desk.window, QEvent(QEvent.Type.MouseMove))
    assert desk.window.cursor().shape() is not Qt.CursorShape.BlankCursor
    desk.wall.show(False)


# ---------------------------------------------------------------- keyboard and screen reader


def test_that_keys_do_what_wheel_and_splitter_do(desk: Desktop, qtbot: QtBot) -> None:
    ctrl, lane, grid = (
        Qt.KeyboardModifier.ControlModifier,
        desk.run_page.splitter,
        desk.run_page.grid,
    )
    wide, tile = lane.sizes()[1], grid.tile_width
    qtbot.keyClick(desk.window, Qt.Key.Key_Period, ctrl)
    assert lane.sizes()[1] == wide + 20
    qtbot.keyClick(desk.window, Qt.Key.Key_Comma, ctrl)
    assert lane.sizes()[1] == wide
    qtbot.keyClick(desk.window, Qt.Key.Key_Minus, ctrl)
    smaller = grid.tile_width
    assert smaller < tile
    qtbot.keyClick(desk.window, Qt.Key.Key_Plus, ctrl)
    assert grid.tile_width == smaller + 20


def test_that_the_menu_of_a_bad_plot_leads_to_its_card(desk: Desktop) -> None:
    feed(desk, fresh(1, "Bad"), fresh(2, "Bad"), fresh(3))
    entry = next(
        action
        for action in desk.arrange.menu("Plot_002").actions()
        if action.text() == "Show in the bad lane"
    )
    entry.trigger()
    assert desk.run_page.lane.current == "Plot_002"
    words = [action.text() for action in desk.arrange.menu("Plot_003").actions()]
    assert "Show in the bad lane" not in words


def test_that_the_picture_is_zoomed_and_moved_by_keys(desk: Desktop, qtbot: QtBot) -> None:
    feed(desk, fresh(1))
    desk.detail.open("Plot_001")
    page = desk.detail_page
    page.picture.show_image(QImage(800, 600, QImage.Format.Format_RGB32))
    for _ in range(6):
        qtbot.keyClick(page, Qt.Key.Key_Plus)
    bar = page.picture.horizontalScrollBar()
    before = bar.value()
    qtbot.keyClick(page, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert bar.value() > before
    qtbot.keyClick(page, Qt.Key.Key_0)
    assert bar.maximum() == 0 or page.picture._fits


CONTROLS = (
    QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QAbstractSlider, QAbstractItemView,
)  # fmt: skip


def controls(root: QWidget) -> list[QWidget]:
    """What a person can act on, Qt's own inner parts left out."""
    found = [each for sort in CONTROLS for each in root.findChildren(sort)]
    return [
        each
        for each in found
        if not each.objectName().startswith("qt_")
        and not isinstance(each, QScrollBar | QHeaderView)
        and not each.inherits("QTableCornerButton")
        and not each.inherits("QComboBoxListView")
        and not isinstance(each.parentWidget(), QLineEdit)
    ]


def test_that_every_control_of_every_page_and_dialog_has_a_name(desk: Desktop) -> None:
    feed(desk, fresh(1, "Bad", age_s=0.1))
    desk.detail.open("Plot_001")
    desk.notices.ask()
    desk.past.ask()
    desk.connect_room.open(desk.address)
    desk.window.status_line.legend.click()
    nameless = [
        control
        for control in controls(desk.window)
        if not (control.accessibleName() or getattr(control, "text", str)())
    ]
    assert nameless == []
    for dialog in (desk.notices.dialog, desk.past.dialog, desk.connect_room._dialog):
        assert dialog is not None
        dialog.close()


@pytest.mark.parametrize("page", ["run", "detail"])
def test_that_tab_reaches_every_control_of_the_page(desk: Desktop, page: str) -> None:
    feed(desk, fresh(1, "Bad", age_s=0.1))
    if page == "detail":
        desk.detail.open("Plot_001")
    shown = desk.run_page if page == "run" else desk.detail_page
    wanted = {
        each
        for each in controls(shown)
        if each.isVisible() and each.isEnabled() and each.focusPolicy() != Qt.FocusPolicy.NoFocus
    }
    chain: set[QWidget] = set()
    here = shown.nextInFocusChain()
    while here is not shown:
        if here.focusPolicy() & Qt.FocusPolicy.TabFocus:
            chain.add(here)
        here = here.nextInFocusChain()
    assert wanted - chain == set()


def test_that_a_screen_reader_hears_what_is_strange(desk: Desktop) -> None:
    said = desk.run.model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "unlike anything Good" in said
