"""The widgets by themselves: sizes, badges, bars, pictures, keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, qGray
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

import resources
from ui import icons, theme
from ui.alarm_marks import WORDS as MARK_WORDS
from ui.alarm_marks import AlarmMark, AlarmSign, head_of, paint_sign, told
from ui.banner import LinkBanner, PreparingBar
from ui.class_bars import ClassBars, percent
from ui.connect_dialog import ConnectDialog
from ui.foot_bar import FootBar
from ui.main_window import ITEMS
from ui.picture_view import PictureView
from ui.rail import Rail
from ui.roles import ScoreBar
from ui.states import BADGES, WORDS, TileState
from ui.status_line import StatusLine
from ui.tile_metrics import filling, fitting, named
from ui.tokens import THEMES


def inked(image: QImage) -> frozenset[tuple[int, int]]:
    """Where anything was drawn."""
    return frozenset(
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 60
    )


def badge(state: TileState, *, on_fill: bool = False) -> QImage:
    image = QImage(40, 40, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    icons.paint_badge(painter, QRectF(0, 0, 40, 40), state, on_fill=on_fill)
    painter.end()
    return image


def test_that_every_badge_has_a_shape_of_its_own() -> None:
    shapes = {state: inked(badge(state)) for state in TileState if BADGES[state]}
    for first, one in shapes.items():
        for second, other in shapes.items():
            if first is not second:
                assert len(one ^ other) > 60, (first, second)


def marked(mark: AlarmMark, shape: TileState) -> QImage:
    image = QImage(34, 34, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint_sign(painter, QRectF(2, 2, 26, 26), AlarmSign(mark, shape))
    painter.end()
    return image


@pytest.mark.parametrize("name", ["light", "dark"])
def test_that_every_mark_of_an_alarm_is_told_apart_without_its_colour(
    name: str, qapp: object
) -> None:
    theme.apply(qapp, THEMES[name])
    for shape in (TileState.MINOR, TileState.MAJOR, TileState.INVALID, TileState.GOOD):
        drawn = {mark: _greys(marked(mark, shape)) for mark in AlarmMark}
        for first, one in drawn.items():
            for second, other in drawn.items():
                unlike = sum(abs(a - b) > 60 for a, b in zip(one, other, strict=True))
                assert first is second or unlike > 25, (shape, first, second)


def _greys(image: QImage) -> list[int]:
    grey = QImage(image.size(), QImage.Format.Format_RGB32)
    grey.fill(theme.current().surface)
    painter = QPainter(grey)
    painter.drawImage(0, 0, image)
    painter.end()
    sides = range(image.width())
    return [qGray(grey.pixel(x, y)) for x in sides for y in sides]


def test_that_a_head_is_filled_only_while_the_alarm_calls() -> None:
    colours, bad = theme.current(), TileState.MAJOR
    heads = {mark: head_of(bad, AlarmSign(mark, bad), colours) for mark in AlarmMark}
    assert heads.pop(AlarmMark.CALLS) == head_of(bad, None, colours) == colours.major
    assert heads.pop(AlarmMark.SEEN) is heads.pop(AlarmMark.RETURNED) is None
    assert {head.background for head in heads.values()} == {colours.sunken}


def test_that_what_is_well_says_what_its_alarm_is() -> None:
    bad, good = TileState.MAJOR, TileState.GOOD
    for mark, words, state, line in (
        (AlarmMark.SEEN, "seen", bad, "Bad 97 %, seen"),
        (AlarmMark.SHELVED, "shelved to 06:00", bad, "Bad 97 %, shelved to 06:00"),
        (AlarmMark.SHELVED, "shelved to 06:00", good, "Shelved to 06:00"),
        (AlarmMark.RETURNED, "was bad", good, "Was bad, good again"),
        (AlarmMark.CALLS, "", good, "Bad 97 %, still calls"),
        (AlarmMark.CALLS, "", bad, "Bad 97 %"),
    ):
        assert told("Bad 97 %", state, AlarmSign(mark, bad, words)) == line


def test_that_every_state_has_a_word() -> None:
    assert set(MARK_WORDS) == set(AlarmMark)
    assert set(WORDS) == set(TileState)
    assert len(set(WORDS.values())) == len(WORDS)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_that_a_badge_on_its_own_fill_keeps_an_edge(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    colours = THEMES[name]
    monkeypatch.setattr(theme, "current", lambda: colours)
    image = badge(TileState.MAJOR, on_fill=True)
    seen = {image.pixelColor(x, 20).name().upper() for x in range(40)}
    assert colours.major.text in seen
    assert colours.major.background in seen


@pytest.mark.parametrize(
    ("count", "width", "height"),
    [(20, 1123, 860), (16, 1123, 860), (9, 890, 610), (60, 2200, 1250)],
)
def test_that_fit_shows_every_plot_without_scrolling(count: int, width: int, height: int) -> None:
    metrics = fitting(count, width, height)
    assert metrics is not None
    columns = width // metrics.cell[0]
    assert -(-count // columns) * metrics.cell[1] <= height


def test_that_fit_gives_up_where_pictures_could_not_be_read() -> None:
    assert fitting(500, 1100, 800) is None
    assert filling(1100).width > 180


def test_that_full_rows_are_better_than_one_plot_alone_in_the_last() -> None:
    for count, columns in ((16, 4), (20, 5), (24, 6), (12, 4)):
        metrics = fitting(count, 1130, 820)
        assert metrics is not None
        assert 1130 // metrics.cell[0] == columns


def test_that_fewer_plots_are_larger() -> None:
    few, many = fitting(6, 1123, 860), fitting(30, 1123, 860)
    assert few is not None
    assert many is not None
    assert few.width > many.width


def test_that_the_named_sizes_are_the_agreed_ones() -> None:
    assert [named(size).width for size in ("S", "M", "L")] == [214, 270, 366]


def test_that_no_uncertain_share_is_said_to_be_certain() -> None:
    assert percent(0.9999) == "99 %"
    assert percent(1.0) == "100 %"
    assert percent(0.584) == "58 %"


def test_that_class_bars_say_the_same_to_a_screen_reader(qtbot: QtBot) -> None:
    bars = ClassBars()
    qtbot.addWidget(bars)
    bars.show_scores((ScoreBar("Bad", 0.974, 0.65, "bad"), ScoreBar("Good", 0.019, 0.5, "good")))
    assert "Bad 0.974, needs 0.65" in bars.accessibleDescription()
    assert not bars.grab().isNull()


def test_that_a_picture_fits_then_zooms_then_fits_again(qtbot: QtBot) -> None:
    view = PictureView()
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    view.show_image(QImage(800, 600, QImage.Format.Format_RGB32))
    whole = view.transform().m11()
    assert whole < 0.55
    qtbot.keyClicks(view, "++")
    assert view.transform().m11() > whole * 1.4
    view.show_image(QImage(1600, 1200, QImage.Format.Format_RGB32), keep_view=True)
    assert view.transform().m11() > whole * 1.4
    qtbot.keyClicks(view, "0")
    assert view.transform().m11() < whole


def test_that_alarm_counts_hide_at_zero_and_lead_somewhere(qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    line.show()
    line.show_counts(0, 0)
    assert line.calm.isVisible()
    assert not line.bad.isVisible()
    line.show_counts(1, 2)
    assert line.bad.text().strip() == "1 bad"
    assert line.look.text().strip() == "2 to look at"
    with qtbot.waitSignal(line.bad_clicked):
        qtbot.mouseClick(line.bad, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(line.look_clicked):
        qtbot.mouseClick(line.look, Qt.MouseButton.LeftButton)


def test_that_the_quarantine_link_appears_only_with_something_behind_it(qtbot: QtBot) -> None:
    foot = FootBar()
    qtbot.addWidget(foot)
    foot.show()
    assert not foot.quarantine.isVisible()
    foot.show_quarantined(1)
    assert foot.quarantine.text() == "1 picture set aside"
    with qtbot.waitSignal(foot.quarantine_clicked):
        qtbot.mouseClick(foot.quarantine, Qt.MouseButton.LeftButton)


def test_that_bars_above_the_page_come_and_go(qtbot: QtBot) -> None:
    banner, preparing = LinkBanner(), PreparingBar()
    qtbot.addWidget(banner)
    qtbot.addWidget(preparing)
    banner.show_trouble("The server does not answer.")
    preparing.show_progress("Training heads: 7 of 16", 7 / 16)
    assert banner.isVisible()
    assert preparing.bar.value() == 438
    banner.show_trouble("")
    preparing.show_progress("", 1.0)
    assert not banner.isVisible()
    assert not preparing.isVisible()


def test_that_every_rail_item_has_a_word_a_key_and_an_accessible_name(qtbot: QtBot) -> None:
    rail = Rail(ITEMS)
    qtbot.addWidget(rail)
    for button in rail.findChildren(QToolButton):
        assert button.text()
        assert button.accessibleName() == button.text()
        assert "Ctrl+" in button.toolTip()
        assert button.sizeHint().height() >= 26


def test_that_the_connect_dialog_wants_a_server_before_it_connects(qtbot: QtBot) -> None:
    dialog = ConnectDialog()
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.fill("", "", "station")
    assert not dialog.connect_button.isEnabled()
    dialog.server.setText(" tcp://host:5700 ")
    with qtbot.waitSignal(dialog.connect_wanted) as caught:
        qtbot.mouseClick(dialog.connect_button, Qt.MouseButton.LeftButton)
    assert caught.args == ["tcp://host:5700", "", "station"]


def test_that_a_missing_resource_is_named_with_a_next_step() -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.svg is missing.*Install"):
        resources.path("icons/nothing.svg")
