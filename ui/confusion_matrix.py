"""The confusion matrix on the screen: hover reads it, a click opens its pictures, a drag tries a threshold."""

from __future__ import annotations

import csv
from pathlib import Path

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPixmap, QResizeEvent
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView, QStyleOptionGraphicsItem, QToolTip, QWidget

from ui import theme
from ui.matrix_figures import MatrixFigures, MatrixLook
from ui.matrix_grid import Grid, grid_of
from ui.matrix_painter import MatrixPainter, paint_overlay

_NEAR = 5.0  # px from a threshold within which it is taken hold of
_ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class _MatrixItem(pg.GraphicsObject):  # type: ignore[misc]
    """The whole matrix as one item: twenty classes are four hundred cells, painted once and kept."""

    def __init__(self) -> None:
        super().__init__()
        self._area = QRectF()
        self._base: QPixmap | None = None
        self._shown: tuple[MatrixFigures, MatrixLook, Grid] | None = None

    def show_on(
        self, area: QRectF, figures: MatrixFigures, look: MatrixLook, grid: Grid, *, fresh: bool
    ) -> None:
        """Paint this from now on; ``fresh``: more changed than what is chosen and tried."""
        if area != self._area:
            self.prepareGeometryChange()
            self._area = area
        if fresh:
            self._base = None
        self._shown = figures, look, grid
        self.update()

    def boundingRect(self) -> QRectF:
        return self._area

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        if self._shown is None or self._area.isEmpty():
            return
        if self._base is None:
            self._base = self._drawn(painter.device().devicePixelRatioF())
        painter.drawPixmap(0, 0, self._base)
        paint_overlay(painter, *self._shown)

    def _drawn(self, ratio: float) -> QPixmap:
        assert self._shown is not None
        made = QPixmap((self._area.size() * ratio).toSize())
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        MatrixPainter(*self._shown).paint_base(painter)
        painter.end()
        return made


class ConfusionMatrix(pg.GraphicsView):  # type: ignore[misc]
    """Rows: what a person said. Columns: what the AI said. Bars: how sure it was."""

    cell_chosen = Signal(int, int)  # row, column
    bar_chosen = Signal(int, int, int)  # row, column, bar
    threshold_tried = Signal(int, float)  # column, value: while it is dragged

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Confusion matrix")
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self._item = _MatrixItem()
        self.addItem(self._item)
        self.figures, self.look = MatrixFigures(), MatrixLook()
        self._dragged: int | None = None
        self._arrange()

    # ------------------------------------------------------------ what is shown

    def show_figures(self, figures: MatrixFigures, look: MatrixLook) -> None:
        """Show these counts in this look."""
        before = self.figures, self.look.log, self.look.shares
        self.figures, self.look = figures, look
        fresh = before[0] is not figures or before[1:] != (look.log, look.shares)
        right = sum(int(figures.counts[n, n]) for n in range(len(figures.classes)))
        self.setAccessibleDescription(
            f"{right} of {int(figures.bars.sum())} pictures right, {len(figures.classes)} classes."
            " Arrow keys choose a cell, Enter shows its pictures."
        )
        self._arrange(fresh=fresh)

    @property
    def grid(self) -> Grid:
        """Where the cells are now."""
        return grid_of(len(self.figures.classes), self.width(), self.height())

    def sizeHint(self) -> QSize:
        return QSize(760, 620)

    def words_at(self, point: QPointF) -> str:
        """What is under the mouse, in words; empty where there is nothing."""
        place = self.grid.at(point)
        if place is None:
            return ""
        row, column = place
        expert, said = self.figures.classes[row].name, self.figures.classes[column].name
        count = int(self.figures.counts[row, column])
        words = f"A person said {expert}, the AI said {said}: {_pictures(count)}"
        bar = self._bar_at(point, row, column)
        if count and bar is not None:
            bins = self.figures.bars.shape[2]
            held = int(self.figures.bars[row, column, bar])
            words += f"\nSure {bar / bins:.3f} to {(bar + 1) / bins:.3f}: {_pictures(held)}"
        if (threshold := self.figures.thresholds[column]) is not None:
            words += f"\nThreshold of {said}: {threshold:.3f}"
        return words

    def close(self) -> bool:
        """pyqtgraph's own close takes the scene away from under a viewport that is still there."""
        return QGraphicsView.close(self)

    # ------------------------------------------------------------ exports

    def save_png(self, path: str, ratio: float = 2.0) -> bool:
        """Write the matrix as a picture; False: it could not be written."""
        size = self.size() * ratio
        image = QImage(size, QImage.Format.Format_RGB32)
        image.fill(theme.current().bg)
        painter = QPainter(image)
        painter.scale(ratio, ratio)
        self._painter().paint(painter)
        painter.end()
        return bool(image.save(path))

    def save_svg(self, path: str) -> bool:
        """Write the matrix as a drawing; False: it could not be written."""
        generator = QSvgGenerator()
        generator.setFileName(path)
        generator.setSize(self.size())
        generator.setViewBox(self.rect())
        generator.setTitle("Confusion matrix")
        painter = QPainter()
        if not painter.begin(generator):
            return False
        self._painter().paint(painter)
        return painter.end()

    def save_csv(self, path: str) -> bool:
        """Write every bar as a row; False: it could not be written."""
        bins = self.figures.bars.shape[2]
        try:
            with Path(path).open("w", newline="", encoding="utf-8") as file:
                table = csv.writer(file)
                table.writerow(["expert", "ai", "from", "to", "pictures"])
                for row, column, bar in zip(*self.figures.bars.nonzero(), strict=True):
                    table.writerow(
                        [
                            self.figures.classes[row].name,
                            self.figures.classes[column].name,
                            f"{bar / bins:.3f}",
                            f"{(bar + 1) / bins:.3f}",
                            int(self.figures.bars[row, column, bar]),
                        ]
                    )
        except OSError:
            return False
        return True

    # ------------------------------------------------------------ mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        place = self.grid.at(point)
        if event.button() is not Qt.MouseButton.LeftButton or place is None:
            return
        if (held := self._threshold_at(point)) is not None:
            self._dragged = held
            return
        row, column = place
        bar = self._bar_at(point, row, column)
        if bar is not None and self.figures.bars[row, column, bar]:
            self.bar_chosen.emit(row, column, bar)
        else:
            self.cell_chosen.emit(row, column)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._dragged is not None:
            self.threshold_tried.emit(self._dragged, self._value_at(point, self._dragged))
            return
        near = self._threshold_at(point) is not None
        self.viewport().setCursor(
            Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor
        )
        QToolTip.showText(event.globalPosition().toPoint(), self.words_at(point), self)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        if self._dragged is not None:
            self._dragged = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        size, chosen = len(self.figures.classes), self.look.chosen
        if not size:
            event.ignore()
        elif (step := _ARROWS.get(Qt.Key(event.key()))) is not None:
            row, column = chosen or (0, -step[1])
            self.cell_chosen.emit((row + step[0]) % size, (column + step[1]) % size)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and chosen is not None:
            self.cell_chosen.emit(*chosen)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_item"):  # the base class resizes itself before we are made
            self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_item"):
            self._arrange()

    # ------------------------------------------------------------ parts

    def _painter(self) -> MatrixPainter:
        return MatrixPainter(self.figures, self.look, self.grid)

    def _arrange(self, *, fresh: bool = True) -> None:
        area = QRectF(self.rect())
        self._item.show_on(area, self.figures, self.look, self.grid, fresh=fresh)

    def _bar_at(self, point: QPointF, row: int, column: int) -> int | None:
        plot, bins = self.grid.plot(row, column), int(self.figures.bars.shape[2])
        if not plot.left() <= point.x() < plot.right() or point.y() < plot.top():
            return None
        return min(bins - 1, int((point.x() - plot.left()) / plot.width() * bins))

    def _threshold_at(self, point: QPointF) -> int | None:
        """The column whose threshold, in force or tried, is under the mouse."""
        place = self.grid.at(point)
        if place is None or not self.figures.counts[place]:
            return None
        column, tried = place[1], self.look.tried
        held = tried[1] if tried and tried[0] == column else self.figures.thresholds[column]
        if held is None:
            return None
        plot = self.grid.plot(*place)
        distance = abs(plot.left() + held * plot.width() - point.x())
        return place[1] if distance <= _NEAR else None

    def _value_at(self, point: QPointF, column: int) -> float:
        plot = self.grid.plot(0, column)
        return min(1.0, max(0.0, round((point.x() - plot.left()) / plot.width(), 2)))


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"
