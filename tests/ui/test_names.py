"""Names on the cards of the bad lane and in the pop-up: never cut, however long."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetrics, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from ui.alarm_popup import AlarmPopup, Stack, StackRow
from ui.lane_delegate import LaneDelegate
from ui.names import breakable, broken
from ui.roles import Role
from ui.states import TileState
from ui.type_scale import sized

LONG = "FDC_package_3_cathode_strips_low_gain_occupancy"


def card(name: str, verdict: str) -> QStandardItemModel:
    model, item = QStandardItemModel(), QStandardItem()
    for role, value in (
        (Role.NAME, name), (Role.VERDICT, verdict), (Role.SCORES, ()), (Role.FACTS, ()),
        (Role.GUIDANCE, ""),
    ):  # fmt: skip
        item.setData(value, role)
    model.appendRow(item)
    return model


@pytest.mark.parametrize("name", [LONG, LONG.replace("_", ""), "CDC", "a b", "", "__"])
@pytest.mark.parametrize("letters", [5, 12, 60])
def test_that_a_name_in_lines_loses_nothing_and_fits(name: str, letters: int) -> None:
    metrics = QFontMetrics(sized(12))
    room = letters * metrics.horizontalAdvance("m")
    lines = broken(name, metrics, room)
    assert "".join(lines) == name
    assert all(metrics.horizontalAdvance(line) <= room for line in lines)


def test_that_lines_end_after_a_word() -> None:
    metrics = QFontMetrics(sized(12))
    first, *rest = broken(LONG, metrics, metrics.horizontalAdvance(LONG) - 1)
    assert first.endswith("_")
    assert len(rest) == 1


def test_that_a_long_name_has_lines_of_its_own_and_a_short_one_stays_beside_the_verdict() -> None:
    delegate = LaneDelegate()
    option = QStyleOptionViewItem()
    models = card("CDC", "Bad 97 %"), card(LONG, "Bad 97 %, would call")
    short, long = (model.index(0, 0) for model in models)
    assert delegate._name_lines(short) == []
    assert "".join(delegate._name_lines(long)) == LONG
    assert delegate.sizeHint(option, long).height() > delegate.sizeHint(option, short).height()


def test_that_the_popup_breaks_a_long_name_and_leaves_a_short_one(qtbot: QtBot) -> None:
    popup = AlarmPopup()
    qtbot.addWidget(popup)
    titles = [f"{name} is Bad, 97 % sure" for name in ("CDC", LONG, LONG.replace("_", ""))]
    rows = [StackRow(TileState.MAJOR, title, "", "", "x", picture="a") for title in titles]
    popup.show_stack(Stack("3", tuple(rows)), fresh=True)
    assert popup.rows[0].title.text() == titles[0]
    for row, title in zip(popup.rows, titles, strict=False):
        assert row.title.text().replace("\u200b", "") == title
        assert row.accessibleName().startswith(title)
        metrics = row.title.fontMetrics()
        parts = row.title.text().replace("\u200b", " ").split(" ")
        qtbot.waitUntil(lambda row=row: row.title.width() > 1)
        assert all(metrics.horizontalAdvance(part) <= row.title.width() for part in parts)


def test_that_spaces_stay_where_they_were() -> None:
    metrics = QFontMetrics(sized(12))
    assert breakable("a  b c", metrics, 500) == "a  b c"
