"""The activity part of the status page: figures, histograms, the calendar, stations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from desktop_server import SmallServer
from pytestqt.qtbot import QtBot

from hydra_desktop.app import Desktop
from hydra_desktop.link.arrival import Arrival
from hydra_desktop.link.state import Stage
from hydra_desktop.models.steps import STEPS, joined
from inference_server.protocol.activity import (
    BOUNDS_MS,
    Activity,
    DayCount,
    GetActivity,
    GetStations,
    Station,
    Stations,
    Times,
)
from inference_server.protocol.messages import Component, ComponentsChanged
from ui.activity_panel import CELL, GAP, Calendar

Make = Callable[..., Desktop]


def test_that_the_status_page_tells_how_busy_the_server_is(
    desktop: Make, server: SmallServer, qtbot: QtBot
) -> None:
    now = datetime.now(UTC)
    times = Times(name="decode", counts=(0, 7, *(0,) * (len(BOUNDS_MS) - 1)), median_ms=1.5)
    day = DayCount(day=now.replace(hour=0, minute=0), pictures=120, noteworthy=3)
    activity = Activity(
        last_minute=12, today=120, times=(times,), days=(day,), forecast="Full on Monday."
    )
    station = Station(name="room-3", key="shift", version="0.1.0", heard_at=now, sound=True)
    silent = Station(
        name="room-4",
        key="shift",
        version="0.1.0",
        heard_at=now,
        sound=False,
        sentence="No device.",
    )
    server.speaking.replies[GetActivity] = lambda _: (activity, ())
    server.speaking.replies[GetStations] = lambda _: (Stations(stations=(station, silent)), ())
    desk = desktop(server=server.address)
    desk.start()
    qtbot.waitUntil(lambda: desk.link.state.stage is Stage.CONNECTED)
    desk.window.show_page("status")
    panel = desk.status_page.activity
    qtbot.waitUntil(lambda: "12 plots" in panel.throughput.text())
    assert panel.throughput.text() == "12 plots in the last minute, 120 today (UTC)"
    assert panel.forecast.text() == "Full on Monday."
    assert panel.bars[0].accessibleDescription() == "Half of them within 1.5 ms."
    assert "120 pictures, 3 bad" in panel.calendar.words(now.date())
    table = panel.stations
    qtbot.waitUntil(lambda: table.rowCount() == 2)
    assert [table.item(row, 2).text() for row in range(2)] == ["Works", "No sound"]
    assert table.item(1, 2).toolTip() == "No device."
    kept = Times(name="database", counts=(5, *(0,) * len(BOUNDS_MS)), median_ms=0.7)
    keeper = Component(role="keeper", name="keeper", times=(kept,))
    desk.activity.receive([Arrival(ComponentsChanged(components=(keeper,)))])
    told = dict(zip(STEPS.values(), panel.bars, strict=True))
    assert told["Writing to the database"].accessibleDescription() == "Half of them within 0.7 ms."
    assert told["Reading the picture"].accessibleDescription() == "Half of them within 1.5 ms."
    assert told["Heat map (GradCAM)"].accessibleDescription() == "None yet."


def test_that_several_workers_are_one_histogram() -> None:
    few = Times(name="forward", counts=(0, 2, *(0,) * (len(BOUNDS_MS) - 1)), median_ms=1.5)
    many = Times(name="forward", counts=(0, 0, 9, *(0,) * (len(BOUNDS_MS) - 2)), median_ms=4.0)
    one = joined("forward", [few, many])
    assert (one.counts[1:3], one.median_ms) == ((2, 9), 5.0)
    assert joined("forward", []).median_ms == 0.0


def test_that_a_square_of_the_calendar_is_its_day(qtbot: QtBot) -> None:
    calendar = Calendar()
    qtbot.addWidget(calendar)
    thursday = date(2026, 5, 14)
    calendar.show_days({thursday: (5, 1)}, thursday)
    size = calendar.sizeHint()
    last = calendar.day_at(size.width() - GAP - CELL / 2, size.height() - 4 * (CELL + GAP) + 1)
    assert last == thursday
    assert calendar.day_at(size.width() - GAP - CELL / 2, size.height() - 5) is None  # tomorrow
    assert calendar.words(thursday - timedelta(days=1)).endswith("no pictures")
