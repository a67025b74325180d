"""How a confusion matrix with a histogram in each cell is painted."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from ui import theme
from ui.matrix_figures import ClassMark, Counts, MatrixFigures, MatrixLook
from ui.matrix_grid import LEGIBLE, ROOMY, Grid
from ui.tokens import class_colour
from ui.type_scale import sized

PALE = 0.38  # opacity below the threshold


class MatrixPainter:
    """Paints figures in a look on a grid; the same for the screen and for exports."""

    def __init__(self, figures: MatrixFigures, look: MatrixLook, grid: Grid) -> None:
        self._figures, self._look, self._grid = figures, look, grid
        self._colours = theme.current()
        self._counts = figures.counts
        self._peak = max(1, int(figures.bars.max(initial=0)))
        self._heights = self._scaled(figures.bars)

    def _scaled(self, bars: Counts) -> Counts:
        """Bar heights 0..1; a single picture is seen on both scales."""
        if self._look.log:
            found: Counts = np.log1p(bars) / np.log1p(self._peak)
        else:
            found = bars / self._peak
        return np.where(bars > 0, np.maximum(found, 0.04), 0.0)

    def paint(self, painter: QPainter) -> None:
        """Everything, from the corner 0, 0 on."""
        self.paint_base(painter)
        paint_overlay(painter, self._figures, self._look, self._grid)

    def paint_base(self, painter: QPainter) -> None:
        """All that stays the same while somebody moves a threshold or chooses cells."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._heads(painter)
        for row in range(self._grid.size):
            for column in range(self._grid.size):
                self._cell(painter, row, column)
        self._margins(painter)

    # ------------------------------------------------------------ cells

    def _cell(self, painter: QPainter, row: int, column: int) -> None:
        box, count = self._grid.cell(row, column), int(self._counts[row, column])
        colours = self._colours
        painter.setPen(QPen(QColor(colours.border if count else colours.hair), 1))
        painter.setBrush(QColor(colours.surface if count else colours.sunken))
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        self._numbers(painter, box, row, column)
        if count:
            self._bars(painter, row, column)
            self._axis(painter, self._grid.plot(row, column))
            self._threshold(painter, row, column)
        elif self._grid.size <= ROOMY:
            self._write(painter, box, "None", colours.muted, sized(9), Qt.AlignmentFlag.AlignCenter)

    def _numbers(self, painter: QPainter, box: QRectF, row: int, column: int) -> None:
        count = int(self._counts[row, column])
        total = int(self._counts[row].sum())
        share = f"{100 * count / total:.1f} %" if total else "0.0 %"
        large, small = (share, str(count)) if self._look.shares else (str(count), share)
        ink = self._colours.text if count else self._colours.muted
        roomy, legible = self._grid.size <= ROOMY, self._grid.size <= LEGIBLE
        if not legible and not count:
            return
        font = sized(13 if roomy else 9.5 if legible else 7, QFont.Weight.DemiBold)
        inset = 10 if roomy else 3
        area = box.adjusted(inset, 4 if roomy else 1, -inset, 0)
        area.setHeight(QFontMetricsF(font).height() + 2)
        self._write(painter, area, large, ink, font, Qt.AlignmentFlag.AlignLeft)
        if legible and box.width() > 84:
            right = Qt.AlignmentFlag.AlignRight
            self._write(
                painter, area, small, self._colours.muted, sized(9 if roomy else 7.5), right
            )

    def _bars(self, painter: QPainter, row: int, column: int) -> None:
        plot, heights = self._grid.plot(row, column), self._heights[row, column]
        bins = len(heights)
        wide = plot.width() / bins
        gap = 1.0 if wide >= 3 else 0.0
        threshold = self._figures.thresholds[column]
        mark = self._figures.classes[column]
        solid = QColor(class_colour(self._colours, mark.name, mark.severity, mark.colour))
        pale = QColor(solid)
        pale.setAlphaF(PALE)
        boxes: tuple[list[QRectF], list[QRectF]] = ([], [])
        for number in np.flatnonzero(heights):
            high = max(1.5, float(heights[number]) * plot.height())
            box = QRectF(plot.left() + number * wide, plot.bottom() - high, wide - gap, high)
            counts = threshold is None or (number + 0.5) / bins >= threshold
            boxes[0 if counts else 1].append(box)
        painter.setPen(Qt.PenStyle.NoPen)
        for fill, rects in zip((solid, pale), boxes, strict=True):
            painter.setBrush(fill)
            painter.drawRects(rects)

    def _axis(self, painter: QPainter, plot: QRectF) -> None:
        painter.setPen(QPen(QColor(self._colours.border), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        if self._grid.size > ROOMY:
            return
        for place, word in ((0.0, "0"), (0.5, "0.5"), (1.0, "1")):
            x = plot.left() + place * plot.width()
            box = QRectF(x - 14, plot.bottom() + 1, 28, 14)
            self._write(
                painter, box, word, self._colours.muted, sized(7.5), Qt.AlignmentFlag.AlignCenter
            )

    def _threshold(self, painter: QPainter, row: int, column: int) -> None:
        threshold = self._figures.thresholds[column]
        if threshold is not None:
            pen = QPen(QColor(self._colours.text), 1.5, Qt.PenStyle.DashLine)
            _line(painter, self._grid.plot(row, column), threshold, pen)

    # ------------------------------------------------------------ words around

    def _heads(self, painter: QPainter) -> None:
        grid, small = self._grid, self._grid.size > LEGIBLE
        said = "" if small else "AI said "
        font = sized(7 if small else 9.5, QFont.Weight.DemiBold)
        for number, mark in enumerate(self._figures.classes):
            top = grid.cell(0, number)
            area = QRectF(top.left(), 4, top.width(), 26)
            wide = QFontMetricsF(font).horizontalAdvance(said + mark.name) + 22
            start = area.left() + max(0.0, (area.width() - wide) / 2)
            words = mark.name[:5] if small else said + mark.name
            self._chip(painter, start, area.center().y(), mark, font, words, area.right())
            side = grid.cell(number, 0)
            self._chip(painter, 4, side.center().y(), mark, font, mark.name, grid.left - 6)
        if not small and self._figures.classes:
            box = QRectF(4, 2, grid.left - 10, 30)
            self._write(
                painter, box, "A person\nsaid", self._colours.muted, sized(8.5),
                Qt.AlignmentFlag.AlignRight,
            )  # fmt: skip

    def _chip(
        self,
        painter: QPainter,
        x: float,
        y: float,
        mark: ClassMark,
        font: QFont,
        words: str,
        to: float,
    ) -> None:
        colours = self._colours
        side = 12 if self._grid.size <= LEGIBLE else 6
        painter.setPen(QPen(QColor(colours.text), 1))
        painter.setBrush(QColor(class_colour(colours, mark.name, mark.severity, mark.colour)))
        painter.drawRect(QRectF(x + 0.5, y - side / 2, side, side))
        area = QRectF(x + side + side / 2, y - 11, max(10.0, to - x - side * 1.5), 22)
        short = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, area.width())
        self._write(painter, area, short, colours.text, font, Qt.AlignmentFlag.AlignLeft)

    def _margins(self, painter: QPainter) -> None:
        """Found: recall of each row. Right: precision of each column."""
        grid, counts = self._grid, self._counts
        if not grid.size:
            return
        last, font = grid.cell(0, grid.size - 1), sized(9.5, QFont.Weight.DemiBold)
        small = grid.size > LEGIBLE
        head = QRectF(last.right() + 8, 4, 80, 26)
        self._write(
            painter, head, "Found", self._colours.muted, sized(9), Qt.AlignmentFlag.AlignLeft
        )
        for number in range(grid.size):
            hits = int(counts[number, number])
            row, column = grid.cell(number, 0), grid.cell(grid.size - 1, number)
            found, right = int(counts[number].sum()), int(counts[:, number].sum())
            box = QRectF(last.right() + 8, row.center().y() - 18, 80, 18 if not small else 36)
            size = sized(7.5, QFont.Weight.DemiBold) if small else font
            self._write(
                painter,
                box,
                _share(hits, found),
                self._colours.text,
                size,
                Qt.AlignmentFlag.AlignLeft,
            )
            below = QRectF(column.left(), column.bottom() + 4, column.width(), 22)
            words = _share(hits, right) if small else f"{_share(hits, right)} of {right}"
            self._write(
                painter, below, words, self._colours.text, size, Qt.AlignmentFlag.AlignCenter
            )
            if not small:
                box.translate(0, 17)
                self._write(
                    painter, box, f"of {found}", self._colours.muted, sized(9),
                    Qt.AlignmentFlag.AlignLeft,
                )  # fmt: skip
        bottom = grid.cell(grid.size - 1, 0)
        box = QRectF(4, bottom.bottom() + 4, grid.left - 10, 22)
        self._write(
            painter, box, "Right", self._colours.muted, sized(9), Qt.AlignmentFlag.AlignRight
        )

    def _write(
        self,
        painter: QPainter,
        box: QRectF,
        words: str,
        colour: str,
        font: QFont,
        align: Qt.AlignmentFlag,
    ) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        painter.drawText(box, int(align | Qt.AlignmentFlag.AlignVCenter), words)


def paint_overlay(painter: QPainter, figures: MatrixFigures, look: MatrixLook, grid: Grid) -> None:
    """The threshold that is tried, the chosen cell and its chosen bar."""
    colours = theme.current()
    if look.tried is not None:
        column, value = look.tried
        for row in np.flatnonzero(figures.counts[:, column]):
            _line(painter, grid.plot(int(row), column), value, QPen(QColor(colours.accent), 2))
    if look.chosen is None or max(look.chosen) >= grid.size:
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colours.focus), 3))
    painter.drawRect(grid.cell(*look.chosen).adjusted(0.5, 0.5, -0.5, -0.5))
    if look.bar is not None:
        plot = grid.plot(*look.chosen)
        wide = plot.width() / figures.bars.shape[2]
        painter.setPen(QPen(QColor(colours.focus), 2))
        x = plot.left() + look.bar * wide
        painter.drawRect(QRectF(x - 1, plot.top(), max(3.0, wide + 1), plot.height()))


def _line(painter: QPainter, plot: QRectF, value: float, pen: QPen) -> None:
    x = plot.left() + value * plot.width()
    painter.setPen(pen)
    painter.drawLine(QPointF(x, plot.top() - 2), QPointF(x, plot.bottom() + 2))


def _share(part: int, whole: int) -> str:
    """ "0.987"; a dash where there is nothing to count on."""
    return f"{part / whole:.3f}" if whole else "–"
