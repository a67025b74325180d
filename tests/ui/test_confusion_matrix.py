"""The confusion matrix alone: what it says, what keys do, and how much it can hold."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from ui.confusion_matrix import ConfusionMatrix
from ui.matrix_figures import ClassMark, MatrixFigures, MatrixLook
from ui.matrix_grid import grid_of


def figures(size: int, each: int = 10) -> MatrixFigures:
    bars = np.zeros((size, size, 40), int)
    bars[:, :, 30] = each
    marks = tuple(ClassMark(f"Class{n}") for n in range(size))
    return MatrixFigures(marks, bars, (0.6,) * size)


@pytest.fixture
def matrix(qtbot: QtBot) -> ConfusionMatrix:
    made = ConfusionMatrix()
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show_figures(figures(3), MatrixLook())
    made.show()
    return made


def test_that_hovering_reads_cell_bar_and_threshold(matrix: ConfusionMatrix) -> None:
    plot = matrix.grid.plot(1, 2)
    words = matrix.words_at(QPointF(plot.left() + plot.width() * 30.5 / 40, plot.center().y()))
    assert words.splitlines() == [
        "A person said Class1, the AI said Class2: 10 pictures",
        "Sure 0.750 to 0.775: 10 pictures",
        "Threshold of Class2: 0.600",
    ]
    assert matrix.words_at(QPointF(1, 1)) == ""


def test_that_arrow_keys_walk_over_the_cells(matrix: ConfusionMatrix, qtbot: QtBot) -> None:
    matrix.cell_chosen.connect(
        lambda row, column: matrix.show_figures(matrix.figures, MatrixLook(chosen=(row, column)))
    )
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Up):
        qtbot.keyClick(matrix, key)
    assert matrix.look.chosen == (0, 1)
    with qtbot.waitSignal(matrix.cell_chosen) as chosen:
        qtbot.keyClick(matrix, Qt.Key.Key_Return)
    assert chosen.args == [0, 1]


def test_that_every_cell_of_twenty_classes_has_room_and_is_found_again() -> None:
    grid = grid_of(20, 1000, 800)
    for row in range(20):
        for column in range(20):
            assert grid.at(grid.cell(row, column).center()) == (row, column)
            assert grid.plot(row, column).height() > 8


def test_that_a_million_predictions_are_painted_once_and_a_drag_repaints_only_the_line(
    matrix: ConfusionMatrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ui import confusion_matrix

    drawn = []
    paint = confusion_matrix.MatrixPainter.paint_base
    monkeypatch.setattr(
        confusion_matrix.MatrixPainter,
        "paint_base",
        lambda self, painter: (drawn.append(1), paint(self, painter)),
    )
    large = figures(20, each=2500)
    assert large.bars.sum() == 1_000_000
    matrix.show_figures(large, MatrixLook())
    matrix.grab()
    for step in range(10):
        matrix.show_figures(large, MatrixLook(tried=(3, step / 10), chosen=(1, 1)))
        matrix.grab()
    assert len(drawn) == 1
    matrix.show_figures(large, MatrixLook(log=False))
    matrix.grab()
    assert len(drawn) == 2


def test_that_bars_below_the_threshold_are_paler(matrix: ConfusionMatrix) -> None:
    low = figures(3)
    low.bars[0, 0] = 10
    matrix.show_figures(low, MatrixLook())
    image = matrix.grab().toImage()
    plot = matrix.grid.plot(0, 0)

    def colour(bin_: int) -> tuple[int, int, int]:
        x = int(plot.left() + plot.width() * (bin_ + 0.5) / 40)
        found = image.pixelColor(x, int(plot.bottom()) - 6)
        return found.red(), found.green(), found.blue()

    assert sum(colour(5)) > sum(colour(35))
