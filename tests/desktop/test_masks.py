"""Masks in the window: drawn, shown on tiles and in detail, listed and ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alarm_factory import alarm
from desktop_factory import kind, png, verdict
from desktop_server import SmallServer
from library_server import Library, running
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from db import catalogue, inferences
from db.session import transaction
from hydra_desktop.app import Desktop
from hydra_desktop.link.arrival import Arrival, pictures_of
from hydra_desktop.models.masks import area, lines
from hydra_desktop.models.plots import PlotsModel, Seen, Update
from inference_server.gateway import translate
from inference_server.protocol import detail as d
from inference_server.protocol import masks as m
from inference_server.protocol.alarms import AlarmChanged
from inference_server.protocol.messages import (
    GetThumbnail,
    Judged,
    Picture,
    PlotTypesChanged,
    Refused,
    Snapshot,
    Verdict,
)
from ui import theme
from ui.mask_canvas import MaskCanvas
from ui.mask_dialog import MaskDialog
from ui.masked import areas_of
from ui.roles import Role
from ui.states import TileState

Make = Callable[..., Desktop]
AREA = m.Area(left=0.25, top=0.25, right=0.5, bottom=0.75, mask_id=5)
BOX = QRectF(0.25, 0.25, 0.25, 0.5)


def mask(number: int = 5, **fields: Any) -> m.Mask:
    known: dict[str, Any] = {
        "id": number,
        "plot_type_id": 1,
        "plot_type": "Plot_001",
        "areas": (AREA,),
        "reason": "Board 7 is off.",
        "who": "ann",
        "since": datetime.now(UTC) - timedelta(hours=3),
    }
    return m.Mask(**(known | fields))


def fresh(label: str = "Good", **more: Any) -> Verdict:
    at = datetime.now(UTC)
    return verdict(1, label, judged_at=at, picture_time=at, picture_hash="a" * 64, **more)


def drag(qtbot: QtBot, canvas: MaskCanvas, box: QRectF) -> None:
    """Draw ``box``, fractions of the picture, with the mouse."""
    picture = canvas.picture

    def at(x: float, y: float) -> QPoint:
        return QPoint(
            round(picture.left() + x * picture.width()), round(picture.top() + y * picture.height())
        )

    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at(box.left(), box.top()))
    qtbot.mouseMove(canvas, at(*box.center().toTuple()))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at(box.right(), box.bottom()))


# ---------------------------------------------------------------- on a real server


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Library]:
    with running(tmp_path) as made:
        made.pictures([("Good", "Good", 0.9)])
        yield made


def test_that_a_drawn_area_is_kept_hatched_listed_and_ended(
    desktop: Make, held: Library, qtbot: QtBot
) -> None:
    desk = desktop(server=held.address, key=held.key)
    desk.start()
    tile = desk.run.model.row_of
    qtbot.waitUntil(lambda: tile("CDC_occupancy").isValid())
    with transaction(held.sessions) as session:
        (newest,) = inferences.newest(session)
    judged = Judged(verdict=translate.verdict(newest, {}))  # the gateway was there before it
    desk.run.receive([Arrival(judged, None)])
    desk.detail.open("CDC_occupancy")
    desk.detail_page.mask_area.click()
    dialog = desk.masks.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: not dialog.areas.canvas._image.isNull())
    assert not dialog.go.isEnabled()
    dialog.person.setText("ann")
    dialog.why.setText("Board 7 is off.")
    assert not dialog.go.isEnabled()  # nothing is drawn yet
    drag(qtbot, dialog.areas.canvas, BOX)
    dialog.end.setCurrentIndex(dialog.end.findData("period"))
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "masked from the next picture" in desk.detail_page.note.text())
    qtbot.waitUntil(lambda: len(tile("CDC_occupancy").data(Role.MASKS)) == 1)
    (shown,) = tile("CDC_occupancy").data(Role.MASKS)
    assert shown.center().x() == pytest.approx(0.375, abs=0.01)
    assert shown.height() == pytest.approx(0.5, abs=0.02)
    with transaction(held.sessions) as session:
        (kept,) = catalogue.load(session).masks
    assert (kept.who, kept.reason, kept.run_period) == (
        "ann",
        "Board 7 is off.",
        "RunPeriod-2026-05",
    )
    desk.window.masks_wanted.emit()
    page = desk.masks_page
    qtbot.waitUntil(lambda: page.table.rowCount() == 1)
    page.table.selectRow(0)
    page.end.click()
    desk.masks.end_dialog.person.setText("bob")
    desk.masks.end_dialog.go.click()
    qtbot.waitUntil(lambda: page.table.rowCount() == 0)
    qtbot.waitUntil(lambda: tile("CDC_occupancy").data(Role.MASKS) == ())
    page.with_ended.setChecked(True)
    assert page.table.item(0, 1).text().startswith("Ended by bob")


# ---------------------------------------------------------------- setting one


@pytest.fixture
def desk(desktop: Make, server: SmallServer, qtbot: QtBot) -> Desktop:
    """A desktop with one plot type that has a mask, judged with it."""
    server.speaking.snapshot = Snapshot(
        session="first", sequence=0, plot_types=(kind(1, masks=(mask(),)),),
        verdicts=(fresh(masked=(AREA,)),),
    )  # fmt: skip
    server.speaking.pictures["a" * 64] = png(800, 600, "#000000")
    server.speaking.answers[m.GetMasks] = lambda _: (m.Masks(masks=(mask(),)), ())
    made = desktop(server=server.address)
    made.start()
    qtbot.waitUntil(lambda: made.run.model.rowCount() == 1)
    return made


def opened(desk: Desktop) -> MaskDialog:
    desk.masks.open("Plot_001")
    assert desk.masks.dialog is not None
    return desk.masks.dialog


def test_that_areas_can_be_typed_picked_and_removed(desk: Desktop, qtbot: QtBot) -> None:
    areas = opened(desk).areas
    qtbot.keyClick(areas.add, Qt.Key.Key_Space)
    for name, value in (("Left", 10), ("Right", 30), ("Top", 20), ("Bottom", 50)):
        areas.sides[name].setValue(value)
    assert area(areas.areas[0]) == m.Area(left=0.1, top=0.2, right=pytest.approx(0.3), bottom=0.5)
    areas.sides["Left"].setValue(80)  # beyond its right side: it stays a rectangle
    assert areas.areas[0].width() == pytest.approx(0.005)
    drag(qtbot, areas.canvas, QRectF(0.5, 0.5, 0.3, 0.3))
    assert [areas.list.count(), areas.list.currentRow()] == [2, 1]
    areas.list.setCurrentRow(0)
    drag(qtbot, areas.canvas, QRectF(0.6, 0.6, 0.0, 0.0))  # a click picks what is there
    assert areas.list.currentRow() == 1
    qtbot.keyClick(areas.remove, Qt.Key.Key_Space)
    assert len(areas.areas) == 1


def test_that_a_mask_for_a_week_says_until_when_and_a_refusal_stays_to_be_read(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    refused = Refused(code="forbidden-role", sentence="It needs the role expert.")
    server.speaking.answers[m.SetMask] = lambda _: (refused, ())
    dialog = opened(desk)
    dialog.person.setText("ann")
    dialog.why.setText("Beam pipe.")
    drag(qtbot, dialog.areas.canvas, BOX)
    dialog.end.setCurrentIndex(dialog.end.findData("week"))
    dialog.go.click()
    qtbot.waitUntil(lambda: "role expert" in dialog.result_line.text())
    (asked,) = [each for each in server.speaking.asked if isinstance(each, m.SetMask)]
    assert asked.until is not None
    assert abs(asked.until - datetime.now(UTC) - timedelta(days=7)) < timedelta(hours=1)
    assert not asked.this_period
    assert dialog.isVisible()


def test_that_the_form_of_a_plot_type_leads_to_its_mask(desk: Desktop, qtbot: QtBot) -> None:
    desk.window.show_page("library")
    desk.plot_type.new()
    assert desk.plot_type.dialog is not None
    assert not desk.plot_type.dialog.mask_area.isVisible()  # it has no picture yet
    desk.plot_type.dialog.reject()
    desk.plot_type.edit(kind(1))
    form = desk.plot_type.dialog
    assert form is not None
    form.mask_area.click()
    assert desk.masks.dialog is not None
    assert desk.masks.dialog.parent() is form
    qtbot.waitUntil(lambda: not desk.masks.dialog.areas.canvas._image.isNull())
    desk.masks.dialog.reject()
    form.reject()


# ---------------------------------------------------------------- tiles and detail


def test_that_a_tile_says_masked_by_shape_word_and_hatching(desk: Desktop) -> None:
    row = desk.run.model.row_of("Plot_001")
    assert row.data(Role.STATE) is TileState.MASKED
    assert row.data(Role.VERDICT) == "Good 97 %, masked"
    assert row.data(Role.MASKS) == (BOX,)
    assert "good but for what is masked" in row.data(Qt.ItemDataRole.AccessibleTextRole)
    assert "Board 7 is off, by ann" in row.data(Qt.ItemDataRole.ToolTipRole)


def test_that_a_fault_outside_the_mask_is_bad_all_the_same(desk: Desktop) -> None:
    desk.run.receive([Arrival(Judged(verdict=fresh("Bad", masked=(AREA,))), None)])
    row = desk.run.model.row_of("Plot_001")
    assert row.data(Role.STATE) is TileState.MAJOR
    assert row.data(Role.VERDICT) == "Bad 97 %, masked"


def test_that_hatching_goes_with_the_mask_and_comes_with_one_at_once(desk: Desktop) -> None:
    now = desk.run.server_now()
    row = desk.run.model.row_of("Plot_001")
    ending = mask(until=now + timedelta(milliseconds=1))
    desk.run.receive([Arrival(PlotTypesChanged(plot_types=(kind(1, masks=(ending,)),)), None)])
    desk.run._ahead += timedelta(minutes=1)
    desk.tick()
    assert row.data(Role.MASKS) == ()
    desk.run.receive([Arrival(PlotTypesChanged(plot_types=(kind(1, masks=(mask(),)),)), None)])
    assert row.data(Role.MASKS) == (BOX,)


def test_that_the_detail_page_hatches_what_was_not_judged_and_says_why(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    server.speaking.answers[d.GetHistoryOf] = lambda _: (d.History(plot_type_id=1, verdicts=()), ())
    desk.detail.open("Plot_001")
    page = desk.detail_page
    qtbot.waitUntil(lambda: page.note.text().startswith("800 × 600 px"))
    assert page.picture._masks.areas == (BOX,)
    assert page.verdict_words == ("Good 97 %, masked", "Confirmed, judged without 1 area")
    said = {name.text(): value.text() for name, value in page.facts._rows}
    assert said["Judged without"] == "1 area: Board 7 is off, by ann"
    seen = page.picture.rendered()
    assert colours(seen, QRectF(0.3, 0.3, 0.15, 0.4)) > 1
    assert colours(seen, QRectF(0.6, 0.3, 0.3, 0.4)) == 1  # the rest is as the model saw it


def test_that_the_link_tells_each_picture_what_it_was_judged_without() -> None:
    judged = fresh(masked=(AREA,))
    for message in (
        Judged(verdict=judged),
        Picture(picture_hash="a" * 64, media_type="image/png", masked=(AREA,)),
        d.History(plot_type_id=1, verdicts=(judged,)),
        d.RunVerdicts(run=1, run_period="", verdicts=(judged,)),
    ):
        (image,) = pictures_of(message, (png(),))
        assert areas_of(image) == (BOX,)
    (image,) = pictures_of(Judged(verdict=fresh()), (png(),))
    assert areas_of(image) == ()


def test_that_the_popup_and_the_log_hatch_what_the_server_says(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    told = Picture(picture_hash="b" * 64, media_type="image/png", masked=(AREA,))
    server.speaking.answers[GetThumbnail] = lambda _: (told, (png(800, 600, "#000000"),))
    desk.alarms.receive([Arrival(AlarmChanged(alarm=alarm("Plot_001", picture_hash="b" * 64)))])
    row = desk.popup.popup.rows[0]
    qtbot.waitUntil(lambda: not row.picture.pixmap().isNull())
    strong = QColor(theme.current().masked).rgb()

    def seen(image: QImage) -> set[int]:
        return {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}

    assert strong in seen(row.picture.pixmap().toImage())
    (image,) = pictures_of(told, (png(800, 600, "#000000"),))
    desk.log.model.show_image("b" * 64, image)
    assert strong in seen(desk.log.model._images["b" * 64].pixmap(72, 54).toImage())


def test_that_a_past_picture_is_hatched_as_it_was_judged_then() -> None:
    now = datetime.now(UTC)
    for masked, shown in (((AREA,), (BOX,)), ((), ())):
        past = PlotsModel(past=True)
        other = mask(areas=(m.Area(left=0.0, top=0.0, right=0.1, bottom=0.1),))
        seen = (Seen(fresh(masked=masked)),)
        past.apply(Update(now, known=(kind(1, masks=(other,)),), seen=seen))
        assert past.index(0, 0).data(Role.MASKS) == shown


def colours(image: QImage, box: QRectF) -> int:
    part = image.copy(
        round(box.left() * image.width()), round(box.top() * image.height()),
        round(box.width() * image.width()), round(box.height() * image.height()),
    )  # fmt: skip
    found = {part.pixel(x, y) for x in range(part.width()) for y in range(part.height())}
    strong = QColor(theme.current().masked).rgb()
    return len(found) if len(found) == 1 or strong in found else 0


# ---------------------------------------------------------------- the list


def test_that_masks_are_listed_by_age_and_by_owner_and_ended_ones_on_request() -> None:
    now = datetime.now(UTC)
    known = (
        mask(1, who="bob", since=now - timedelta(days=1)),
        mask(2, who="ann", since=now - timedelta(hours=1), until=now + timedelta(days=1)),
        mask(3, who="cat", since=now - timedelta(days=9), until=now - timedelta(days=8)),
        mask(4, who="dan", since=now - timedelta(days=2), run_period="2026-05"),
    )

    def shown(order: str, *, ended: bool = False, period: str = "2026-05") -> list[int]:
        found = lines(known, {1: period}, now, order=order, with_ended=ended)
        return [line.number for line in found]

    assert shown("age") == [4, 1, 2]
    assert shown("owner") == [2, 1, 4]
    assert shown("age", ended=True) == [3, 4, 1, 2]
    assert shown("age", period="2026-06") == [1, 2]
    over = lines(known, {1: "2026-06"}, now, order="age", with_ended=True)
    assert [line.words[1] for line in over[:2]] == [
        "Over: its time is up", "Over: another run period began",
    ]  # fmt: skip
    assert over[0].words[-1].startswith("Until ")
    assert [line.standing for line in over] == [False, False, True, True]
