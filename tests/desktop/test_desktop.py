"""The whole window, against a small real server or fed by hand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from desktop_factory import kind, png, verdict
from desktop_server import SmallServer
from PySide6.QtCore import QLocale, QPoint, Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QAbstractButton, QComboBox, QDoubleSpinBox, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from hydra_desktop.app import Desktop
from hydra_desktop.link.arrival import Arrival
from hydra_desktop.link.state import LinkState, Stage
from hydra_desktop.settings import Memory
from inference_server.protocol.messages import (
    Component,
    ComponentsChanged,
    GetPicture,
    Heartbeat,
    Judged,
    PlotTypesChanged,
    Preparation,
    Preparing,
    Quarantine,
    Quarantined,
    QuarantineItem,
    Snapshot,
    Verdict,
)
from ui.help_page import HelpPage
from ui.roles import Role
from ui.states import TileState

Make = Callable[..., Desktop]


def fresh(number: int = 1, label: str = "Good", sure: float = 0.97, **more: Any) -> Verdict:
    """A verdict of now, for a desktop whose clock is the real one."""
    at = datetime.now(UTC) - timedelta(seconds=more.pop("age_s", 1.0))
    return verdict(number, label, sure, judged_at=at, picture_time=at, **more)


def feed(desk: Desktop, *verdicts: Verdict) -> None:
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkBlue)
    desk.run.receive([Arrival(Judged(verdict=v), image) for v in verdicts])


def filled(make: Make, count: int = 4, **options: object) -> Desktop:
    desk = make(**options)
    kinds = tuple(kind(n, group="CDC" if n % 2 else "FDC") for n in range(1, count + 1))
    desk.run.restore(Snapshot(session="s", sequence=1, plot_types=kinds))
    feed(desk, *(fresh(n) for n in range(1, count + 1)))
    desk.link_room.show_state(LinkState(stage=Stage.CONNECTED, changed_at=datetime.now(UTC)))
    return desk


def names(desk: Desktop) -> list[str]:
    model = desk.run_page.grid.model()
    return [model.index(row, 0).data(Role.NAME) for row in range(model.rowCount())]


def middle_of(desk: Desktop, name: str) -> QPoint:
    grid = desk.run_page.grid
    index = grid.model().index(names(desk).index(name), 0)
    return grid.visualRect(index).center()


# ---------------------------------------------------------------- from the server to the screen


def test_that_a_verdict_reaches_the_grid_with_its_picture(
    desktop: Make, server: SmallServer, qtbot: QtBot
) -> None:
    held = fresh(1)
    server.speaking.snapshot = Snapshot(
        session="first", sequence=0, plot_types=(kind(1), kind(2)), verdicts=(held,)
    )
    server.speaking.pictures[held.picture_hash] = png(40, 30)
    desk = desktop(server=server.address)
    desk.start()
    qtbot.waitUntil(lambda: desk.run.model.index(0, 0).data(Role.IMAGE) is not None)
    assert server.subscribed.wait(60)
    server.say(Judged(verdict=fresh(2, "Bad")), png(80, 60))
    qtbot.waitUntil(lambda: desk.run.model.index(1, 0).data(Role.STATE) is TileState.MAJOR)
    assert desk.run.model.index(1, 0).data(Role.IMAGE).width() == 80
    assert desk.window.status_line.run.value == "92317"
    assert desk.window.status_line.seen.value == "2 of 2"
    assert not desk.window.banner.isVisible()


def test_that_opening_a_plot_fetches_the_picture_in_full(
    desktop: Make, server: SmallServer, qtbot: QtBot
) -> None:
    held = fresh(1)
    server.speaking.snapshot = Snapshot(
        session="first", sequence=0, plot_types=(kind(1),), verdicts=(held,)
    )
    server.speaking.pictures[held.picture_hash] = png(1600, 1200)
    desk = desktop(server=server.address)
    desk.start()
    qtbot.waitUntil(lambda: desk.run.model.rowCount() == 1)
    desk.detail.open("Plot_001")
    assert desk.window.page == "detail"
    qtbot.waitUntil(lambda: desk.detail_page.note.text().startswith("1600 × 1200 px"))
    assert GetPicture(picture_hash=held.picture_hash) in server.speaking.asked


def test_that_a_lost_link_covers_the_page_and_a_new_server_clears_it(
    desktop: Make, qtbot: QtBot
) -> None:
    first = SmallServer()
    desk = desktop(server=first.address)
    desk.start()
    qtbot.waitUntil(lambda: desk.link.state.stage is Stage.CONNECTED)
    port = first.port
    first.close()
    qtbot.waitUntil(desk.window.banner.isVisible)
    assert "does not answer since" in desk.window.banner.sentence
    second = SmallServer(port)
    qtbot.waitUntil(lambda: not desk.window.banner.isVisible())
    desk.stop()
    second.close()


# ---------------------------------------------------------------- connection states


@pytest.mark.parametrize(
    ("stage", "words", "foot"),
    [
        (Stage.CONNECTING, "Connecting to tcp://dqm-1:5700.", "Connecting to tcp://dqm-1:5700"),
        (Stage.RECONNECTING, "does not answer since", "Reconnecting to dqm-1"),
        (Stage.REFUSED, "The server refuses this station's key.", "Refused by dqm-1"),
        (Stage.CONNECTED, "", "Server dqm-1, 4 ms"),
    ],
)
def test_that_each_connection_state_shows_itself(
    desktop: Make, stage: Stage, words: str, foot: str
) -> None:
    desk = filled(desktop)
    now = datetime.now(UTC)
    state = LinkState(
        stage=stage,
        address="tcp://dqm-1:5700",
        changed_at=now,
        heard_at=now - timedelta(seconds=46),
        server="" if stage is Stage.CONNECTING else "dqm-1",
        reason="The server refuses this station's key." if stage is Stage.REFUSED else "",
        delay_ms=4.2,
    )
    desk.link_room.show_state(state)
    assert words in desk.window.banner.sentence
    assert desk.window.banner.isVisible() == (stage is not Stage.CONNECTED)
    assert desk.window.foot.server.text() == foot
    assert desk.run_page.grid.link_lost == (stage is not Stage.CONNECTED)


def test_that_gaps_are_told_in_the_foot(desktop: Make) -> None:
    desk = filled(desktop)
    desk.link_room.show_feed(118402, 0)
    assert desk.window.foot.feed.text() == "Feed 118402, no gaps"
    desk.link_room.show_feed(118409, 1)
    assert desk.window.foot.feed.text() == "Feed 118409, 1 gap, caught up"


# ---------------------------------------------------------------- grid and lane


def test_that_a_bad_plot_moves_to_the_lane_and_back(desktop: Make) -> None:
    desk = filled(desktop)
    lane = desk.run_page.lane
    assert lane.count.text() == "None"
    feed(desk, fresh(2, "Bad", age_s=0.5))
    assert lane.count.text() == "1"
    assert desk.window.status_line.bad.text().strip() == "1 bad"
    assert names(desk)[1] == "Plot_002"  # its place in the grid stays
    feed(desk, fresh(2, "Good", age_s=0.1))
    assert lane.count.text() == "None"
    assert lane.quiet_words[0] == "All 4 plots are good."
    assert lane.quiet_words[1].startswith("Since ")


def test_that_unsure_verdicts_are_counted_and_can_be_walked_through(
    desktop: Make, qtbot: QtBot
) -> None:
    desk = filled(desktop)
    feed(desk, fresh(2, "Bad", 0.5, confirmed=False), fresh(4, "Bad", 0.5, confirmed=False))
    assert desk.window.status_line.look.text().strip() == "2 to look at"
    reached = []
    for _ in range(3):
        qtbot.mouseClick(desk.window.status_line.look, Qt.MouseButton.LeftButton)
        reached.append(desk.run_page.grid.currentIndex().data(Role.NAME))
    assert reached == ["Plot_002", "Plot_004", "Plot_002"]


def test_that_the_place_of_a_bad_plot_leads_to_the_lane(desktop: Make, qtbot: QtBot) -> None:
    desk = filled(desktop)
    feed(desk, fresh(2, "Bad", age_s=0.1))
    grid = desk.run_page.grid
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(desk, "Plot_002"))
    assert desk.window.page == "run"
    assert desk.run_page.lane.current == "Plot_002"


def test_that_a_click_opens_a_plot_and_the_keys_walk_and_come_back(
    desktop: Make, qtbot: QtBot
) -> None:
    desk = filled(desktop)
    grid = desk.run_page.grid
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(desk, "Plot_003"))
    assert desk.window.page == "detail"
    assert desk.detail_page.title.text() == "Plot_003"
    qtbot.keyClick(desk.detail_page, Qt.Key.Key_PageDown)
    assert desk.detail_page.title.text() == "Plot_004"
    qtbot.keyClick(desk.detail_page, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert desk.detail_page.title.text() == "Plot_001"
    qtbot.keyClick(desk.detail_page, Qt.Key.Key_PageUp)
    assert desk.detail_page.title.text() == "Plot_004"
    qtbot.keyClick(desk.detail_page, Qt.Key.Key_Escape)
    assert desk.window.page == "run"


def test_that_enter_opens_the_current_plot(desktop: Make, qtbot: QtBot) -> None:
    desk = filled(desktop)
    desk.run_page.grid.reveal("Plot_002")
    qtbot.keyClick(desk.run_page.grid, Qt.Key.Key_Return)
    assert desk.window.page == "detail"
    assert desk.detail_page.title.text() == "Plot_002"


def test_that_an_open_plot_follows_its_new_verdicts(desktop: Make) -> None:
    desk = filled(desktop)
    desk.detail.open("Plot_002")
    feed(desk, fresh(2, "Bad", 0.9, age_s=0.1))
    assert "Bad 0.900, needs 0.65" in desk.detail_page.bars.accessibleDescription()


def test_that_filter_and_group_narrow_the_grid_and_say_when_nothing_is_left(
    desktop: Make, qtbot: QtBot
) -> None:
    desk = filled(desktop)
    qtbot.keyClick(desk.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(desk.run_page.head.filter_box, "_003")
    assert names(desk) == ["Plot_003"]
    assert desk.run_page.head.count.text() == "1 / 4"
    desk.run_page.head.filter_box.setText("nothing")
    assert desk.run_page.sentence.startswith("No plot matches")
    desk.run_page.head.filter_box.clear()
    desk.run_page.head.groups.setCurrentIndex(desk.run_page.head.groups.findData("FDC"))
    assert names(desk) == ["Plot_002", "Plot_004"]
    assert desk.run_page.sentence == ""


def test_that_an_old_plot_says_so(desktop: Make) -> None:
    desk = filled(desktop)
    late = replace(desk.run.model.rows[0], now=datetime.now(UTC) + timedelta(seconds=250))
    assert late.state is TileState.STALE
    assert late.said == "Old, 4 min"


def test_that_the_age_counts_by_the_servers_clock(desktop: Make) -> None:
    desk = filled(desktop)
    ahead = datetime.now(UTC) + timedelta(hours=2)
    desk.run.receive([Arrival(Heartbeat(at=ahead))])
    feed(desk, verdict(1, judged_at=ahead - timedelta(seconds=3), picture_time=ahead))
    assert desk.run.model.index(0, 0).data(Role.AGE) in ("2 s", "3 s")


def test_that_a_hidden_plot_type_counts_nowhere_but_in_hidden(desktop: Make, qtbot: QtBot) -> None:
    desk = filled(desktop)
    quiet = msgspec.structs.replace(kind(2, group="FDC"), ignored=True)
    desk.run.receive([Arrival(PlotTypesChanged(plot_types=(quiet,)))])
    feed(desk, fresh(2, "Bad", age_s=0.1))
    assert names(desk) == ["Plot_001", "Plot_003", "Plot_004"]
    assert not desk.window.status_line.bad.isVisible()
    assert desk.run_page.head.hidden.text().strip() == "Hidden 1"
    desk.run_page.head.hidden_menu.actions()[0].trigger()
    assert len(names(desk)) == 4
    assert desk.run.model.index(1, 0).data(Role.STATE) is TileState.IGNORED


def test_that_500_plots_are_shown_and_painted_and_updated(desktop: Make, qtbot: QtBot) -> None:
    desk = filled(desktop, 500)
    desk.arrange.set_folding(False)
    desk.window.resize(1600, 1000)
    for label in ("Bad", "Good"):
        feed(desk, *(fresh(n, label, age_s=0.01) for n in range(1, 501)))
        desk.tick()
        assert not desk.window.grab().isNull()
    assert desk.run_page.lane.count.text() == "None"
    assert len(names(desk)) == 500


# ---------------------------------------------------------------- server status


def test_that_components_in_trouble_are_named(desktop: Make, qtbot: QtBot) -> None:
    desk = filled(desktop)
    now = datetime.now(UTC)
    well = Component(role="keeper", name="keeper", state="running", last_seen=now)
    desk.status.receive([Arrival(ComponentsChanged(components=(well,)))])
    assert desk.window.foot.components.text() == "All components alive"
    dead = Component(role="predict", name="predict-0", state="dead", last_seen=now)
    mute = Component(
        role="feeder", name="feeder", state="running", last_seen=now - timedelta(minutes=1)
    )
    desk.status.receive([Arrival(ComponentsChanged(components=(dead, well, mute)))])
    assert desk.window.foot.components.text() == "In trouble: predict-0, feeder"


def test_that_pictures_set_aside_lead_to_their_reasons(
    desktop: Make, server: SmallServer, qtbot: QtBot
) -> None:
    item = QuarantineItem(
        path="Run1/x.png", reason="The file ends too early.", at=datetime.now(UTC)
    )
    server.speaking.quarantine = Quarantine(items=(item,), total=1)
    desk = desktop(server=server.address)
    desk.start()
    qtbot.waitUntil(lambda: desk.link.state.stage is Stage.CONNECTED)
    assert server.subscribed.wait(60)
    server.say(Quarantined(item=item, total=1))
    qtbot.waitUntil(desk.window.foot.quarantine.isVisible)
    qtbot.mouseClick(desk.window.foot.quarantine, Qt.MouseButton.LeftButton)
    assert desk.window.page == "status"
    table = desk.status_page.quarantine
    qtbot.waitUntil(lambda: table.model().rowCount() == 1)
    assert table.model().index(0, 2).data() == "The file ends too early."


def test_that_preparation_is_a_bar_until_it_is_done(desktop: Make) -> None:
    desk = filled(desktop)
    going = Preparation(sentence="Training heads: 7 of 16", fraction=7 / 16)
    desk.status.receive([Arrival(Preparing(preparation=going))])
    assert desk.window.preparing.isVisible()
    done = Preparation(sentence="Ready", fraction=1.0)
    desk.status.receive([Arrival(Preparing(preparation=done))])
    assert not desk.window.preparing.isVisible()


# ---------------------------------------------------------------- window


def test_that_the_help_names_every_key_of_the_menus(desktop: Make) -> None:
    window = desktop().window
    page = window.findChild(HelpPage)
    assert page is not None
    words = {word for each in page.findChildren(QLabel) for word in each.text().split(", ")}
    keys = {each.shortcut().toString() for each in window.findChildren(QAction)} - {""}
    assert {"Ctrl+2", "F11"} <= keys
    assert keys - {word.replace("−", "-") for word in words} == set()


@pytest.mark.parametrize(
    ("key", "page"), [("1", "run"), ("7", "status"), ("8", "settings"), ("9", "help")]
)
def test_that_every_page_has_a_key(desktop: Make, qtbot: QtBot, key: str, page: str) -> None:
    desk = filled(desktop)
    qtbot.keyClick(desk.window, getattr(Qt.Key, f"Key_{key}"), Qt.KeyboardModifier.ControlModifier)
    assert desk.window.page == page


def test_that_f5_asks_for_a_snapshot(desktop: Make, server: SmallServer, qtbot: QtBot) -> None:
    desk = desktop(server=server.address)
    desk.start()
    qtbot.waitUntil(lambda: desk.link.state.stage is Stage.CONNECTED)
    with qtbot.waitSignal(desk.link.restored):
        qtbot.keyClick(desk.window, Qt.Key.Key_F5)


def test_that_theme_and_size_and_shape_are_remembered(desktop: Make, memory: Memory) -> None:
    desk = filled(desktop)
    desk.preferences.set_theme("dark")
    desk.preferences.set_size("M")
    desk.window.resize(1000, 700)
    desk.window.close()
    again = desktop(theme=None)
    assert again.looks.wanted == "dark"
    assert again.run_page.head.size_box.currentData() == "M"
    assert again.window.height() == 700  # the width ends at the offscreen screen's
    again.preferences.set_theme("light")


def test_that_dates_and_numbers_are_in_the_language_of_the_words(desktop: Make) -> None:
    QLocale.setDefault(QLocale("de_DE"))
    desktop()
    editor = QDoubleSpinBox(value=0.65)
    assert editor.text() == "0.65"
    assert datetime(2026, 5, 14, tzinfo=UTC).strftime("%d %b") == "14 May"


def test_that_a_settings_file_from_somewhere_else_does_no_harm(
    desktop: Make, memory: Memory
) -> None:
    memory.remember("theme", "pink")
    memory.remember("size", "XXL")
    memory.remember("window", "not a geometry")
    desk = desktop(theme=None)
    assert desk.looks.wanted == "system"
    assert desk.run_page.head.size_box.currentData() == "fit"


def test_that_every_control_has_a_name_for_a_screen_reader(desktop: Make) -> None:
    desk = filled(desktop)
    controls = [
        control
        for sort in (QAbstractButton, QComboBox, QLineEdit)
        for control in desk.window.findChildren(sort)
        if not control.objectName().startswith("qt_")
    ]
    nameless = [c for c in controls if not (c.accessibleName() or getattr(c, "text", str)())]
    assert [c for c in nameless if c.isVisible()] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_that_the_window_fits_a_small_screen(desktop: Make, theme: str) -> None:
    desk = filled(desktop, theme=theme)
    feed(desk, fresh(1, "Bad", age_s=0.1), fresh(2, "Bad", 0.5, confirmed=False, age_s=0.1))
    for page in ("run", "status", "settings", "help"):
        desk.window.show_page(page)
    desk.detail.open("Plot_001")
    hint = desk.window.minimumSizeHint()
    assert hint.width() <= 1366
    assert hint.height() <= 700
    desk.preferences.set_theme("light")


def test_that_the_desktop_loads_neither_torch_nor_a_database() -> None:
    heavy = "('torch', 'sqlalchemy', 'cv2', 'timm', 'db')"
    code = f"import hydra_desktop.__main__, sys; print([n for n in {heavy} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_that_the_resources_are_found_from_another_directory(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    code = "import resources; print(resources.path('icons/run.svg').is_file())"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r}); {code}"],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
    )
    assert done.stdout.strip() == "True"
