"""Wherever a picture is shown, what it was judged without is hatched."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui import theme
from ui.alarm_popup import AlarmPopup, Stack, StackRow
from ui.classes_dialog import ClassesDialog
from ui.hover_picture import HoverPicture
from ui.label_grid import LabelGrid
from ui.label_page import LabelPage
from ui.label_roles import Face, LabelRole, Standing
from ui.masked import areas_of, fitted, marked
from ui.neighbours import Neighbour, Strip
from ui.picture_strip import PictureCard, PictureStrip
from ui.picture_view import PictureView
from ui.states import TileState

BOX = QRectF(0.25, 0.25, 0.5, 0.5)
Show = Callable[[QWidget, QImage], QImage]


def picture(*areas: QRectF) -> QImage:
    made = QImage(400, 300, QImage.Format.Format_RGB32)
    made.fill(QColor("#204080"))
    return marked(made, areas)


def hatched(shown: QImage) -> bool:
    strong = QColor(theme.current().masked).rgb()
    return any(
        shown.pixel(x, y) == strong for x in range(shown.width()) for y in range(shown.height())
    )


def in_strip(window: QWidget, image: QImage) -> QImage:
    strip = Strip(window)
    chunk = Neighbour("a", TileState.GOOD, "Good 0.98", ".8", "Good", image)
    strip.show_chunks([chunk], "a")
    return grabbed(strip, QSize(1100, 104))


def in_popup(window: QWidget, image: QImage) -> QImage:
    popup = AlarmPopup(window)
    row = StackRow(TileState.MAJOR, "CDC is Bad", "Call", "Run 1", "CDC", picture="a")
    popup.show_stack(Stack("1", (row,)), fresh=False)
    popup.show_picture("a", image)
    return popup.rows[0].picture.pixmap().toImage()


def in_hover(window: QWidget, image: QImage) -> QImage:
    hover = HoverPicture(window)
    hover.show_picture(image, "92317.8", QPoint(0, 0))
    hover.hide()
    return hover._picture.pixmap().toImage()


def in_library(window: QWidget, image: QImage) -> QImage:
    strip = PictureStrip(window)
    strip.show_cards("Bad", "", [PictureCard(1, "Bad", "")], (0, 24, 1))
    strip.show_image(1, image)
    return strip.pictures.item(0).icon().pixmap(150, 112).toImage()


def in_examples(window: QWidget, image: QImage) -> QImage:
    dialog = ClassesDialog(window)
    dialog.show_examples([image])
    return dialog._examples[0].pixmap().toImage()


def in_label_grid(window: QWidget, image: QImage) -> QImage:
    grid, model, item = LabelGrid(window), QStandardItemModel(window), QStandardItem()
    item.setData(Face("92317.8", "", Standing.NONE, "", ""), LabelRole.FACE)
    item.setData(image, LabelRole.IMAGE)
    model.appendRow(item)
    grid.show_model(model)
    return grabbed(grid, QSize(500, 400))


def in_label_preview(window: QWidget, image: QImage) -> QImage:
    page = LabelPage((), window)
    page.show_picture("92317.8", image, ())
    return page.large.rendered()


def in_view(window: QWidget, image: QImage) -> QImage:
    view = PictureView(window)
    view.show_image(image)
    return view.rendered()


def grabbed(widget: QWidget, size: QSize) -> QImage:
    widget.resize(size)
    return widget.grab().toImage()


@pytest.mark.parametrize(
    "show",
    [
        in_strip, in_popup, in_hover, in_library, in_examples, in_label_grid, in_label_preview,
        in_view,
    ],
)  # fmt: skip
def test_that_what_was_not_judged_is_hatched_everywhere(show: Show, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    assert hatched(show(window, picture(BOX)))
    assert not hatched(show(window, picture()))


def test_that_a_smaller_copy_keeps_its_areas_and_another_picture_has_none() -> None:
    assert areas_of(picture(BOX).scaledToWidth(120)) == (BOX,)
    assert areas_of(picture()) == ()
    assert areas_of(QImage()) == ()


def test_that_a_picture_keeps_its_proportions_in_a_place_of_another_shape() -> None:
    made = fitted(picture(BOX), QSize(300, 90), 2.0)
    assert made.deviceIndependentSize().toTuple() == (120, 90)


def test_that_who_labels_sees_through_the_hatching(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    plain = picture().pixel(0, 0)

    def untouched(shown: QImage) -> float:
        middle = shown.copy(
            round(0.3 * shown.width()), round(0.3 * shown.height()),
            round(0.4 * shown.width()), round(0.4 * shown.height()),
        )  # fmt: skip
        points = [(x, y) for x in range(middle.width()) for y in range(middle.height())]
        return sum(_near(middle.pixel(*each), plain) for each in points) / len(points)

    assert untouched(in_label_preview(window, picture(BOX))) > 0.7
    assert untouched(in_view(window, picture(BOX))) < 0.05


def _near(one: int, other: int) -> bool:
    return all(abs((one >> s & 255) - (other >> s & 255)) < 60 for s in (0, 8, 16))
