"""Confidences over time or run by run: a mark per class and verdict, thresholds as steps, model changes as flags."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFontMetrics

from ui import theme
from ui.tokens import class_colour
from ui.trend_axis import TimeOrRunAxis, borders
from ui.trend_data import TrendCurve, TrendData
from ui.trend_symbols import symbol_of
from ui.type_scale import font

_STRIP_Y, _TOP = 1.06, 1.14
_LINE = 0.08  # the height of a line of words
_NEAR_PX = 12
_TICK_PX = 12
_ANTIALIASED = 2000
_BORDERS = 100  # runs, up to which it is drawn where each begins


@dataclass(slots=True)
class _Held:
    data: TrendData | None = None
    hidden: set[str] = field(default_factory=set)
    names: list[pg.TextItem] = field(default_factory=list)  # of thresholds


class TrendPlot(pg.PlotWidget):  # type: ignore[misc]
    """Zooms with the wheel, moves with the mouse; says which step the mouse is near."""

    hovered = Signal(int)  # the step's number; -1: none is near
    pressed = Signal(int)
    stretch_changed = Signal(float, float)  # as ``TrendData.at``

    def __init__(self) -> None:
        self._axis = TimeOrRunAxis()
        super().__init__(axisItems={"bottom": self._axis})
        self._held = _Held()
        self._near = -1
        self.setMinimumHeight(190)
        self.setMenuEnabled(False)
        self.hideButtons()
        box = self.getViewBox()
        box.setMouseEnabled(x=True, y=False)
        box.setYRange(0.0, _TOP, padding=0.02)
        box.setLimits(yMin=-0.05, yMax=_TOP + 0.05)
        box.sigXRangeChanged.connect(self._stretch_moved)
        box.disableAutoRange()
        self.scene().sigMouseMoved.connect(self._moved)
        self.scene().sigMouseClicked.connect(self._clicked)
        self._dress()

    def show_data(self, data: TrendData) -> None:
        """Replace what is drawn; the stretch in view stays."""
        self._held.data = data
        self._axis.follow(data)
        self.setAccessibleName(f"How sure Hydra was of {data.title}")
        self._draw()

    def hide_classes(self, names: set[str]) -> None:
        """Leave these classes out."""
        self._held.hidden = set(names)
        self._draw()

    def show_stretch(self, since: float, until: float) -> None:
        """Bring this stretch into view."""
        self.getViewBox().setXRange(since, until, padding=0)

    def stretch(self) -> tuple[float, float]:
        """What is in view."""
        (since, until), _ = self.getViewBox().viewRange()
        return since, until

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        # A closed plot of pyqtgraph has no parts left, and still hears of the palette.
        if event.type() is QEvent.Type.PaletteChange and self.getPlotItem() is not None:
            self._dress()
            self._draw()

    # ------------------------------------------------------------ drawing

    def _dress(self) -> None:
        colours = theme.current()
        self.setBackground(colours.surface)
        plot = self.getPlotItem()
        for name in ("bottom", "left"):
            axis = plot.getAxis(name)
            axis.setPen(pg.mkPen(colours.border, width=1))
            axis.setTextPen(colours.muted)
            axis.setStyle(tickFont=font("small"))
        # The same for every plot, and known before it is painted: stacked plots begin at the same pixel.
        plot.getAxis("left").setWidth(
            QFontMetrics(font("small")).horizontalAdvance("0.00") + _TICK_PX
        )
        plot.getAxis("left").setTicks([[(n / 4, f"{n / 4:.2f}") for n in range(5)]])
        plot.showGrid(x=False, y=True, alpha=0.15)

    def _draw(self) -> None:
        plot, data = self.getPlotItem(), self._held.data
        plot.clear()
        self._held.names = []
        if data is None:
            return
        plot.setTitle(data.title, color=theme.current().text, size="10pt")
        self._draw_beam_off(data)
        if not len(data.at):
            self._say_nothing(data.nothing)
            return
        self._draw_borders(data)
        for curve in data.curves:
            if curve.name not in self._held.hidden:
                self._draw_curve(data, curve)
        self._name_thresholds()
        self._draw_strip(data)
        self._draw_marks(data)

    def _draw_curve(self, data: TrendData, curve: TrendCurve) -> None:
        colour = QColor(class_colour(theme.current(), curve.name, curve.severity, curve.colour))
        if len(curve.low):
            self._draw_range(data, curve, colour)
        line = pg.mkPen(colour, width=1) if len(curve.low) else None
        self.getPlotItem().plot(
            data.at, curve.mean, pen=line, symbol=symbol_of(curve.name), symbolSize=5, symbolPen=None,
            symbolBrush=colour, connect="finite", antialias=len(data.at) < _ANTIALIASED,
        )  # fmt: skip
        if np.isfinite(curve.threshold).any():
            self._draw_threshold(data, curve)

    def _draw_borders(self, data: TrendData) -> None:
        """Where one run ends and the next begins."""
        if at := borders(data.run_marks, _BORDERS):
            ends = np.tile((-0.05, _TOP), len(at))
            pen = pg.mkPen(theme.current().border, width=1, style=Qt.PenStyle.DotLine)
            line = pg.PlotCurveItem(np.repeat(at, 2), ends, pen=pen, connect="pairs")
            line.setZValue(-5)
            self.addItem(line, ignoreBounds=True)

    def _draw_range(self, data: TrendData, curve: TrendCurve, colour: QColor) -> None:
        pale = QColor(colour)
        pale.setAlphaF(0.16)
        low, high = (
            pg.PlotDataItem(data.at, np.nan_to_num(side), pen=None)
            for side in (curve.low, curve.high)
        )
        self.addItem(pg.FillBetweenItem(low, high, brush=pale))

    def _draw_threshold(self, data: TrendData, curve: TrendCurve) -> None:
        pen = pg.mkPen(theme.current().text, width=1.5, style=Qt.PenStyle.DashLine)
        ends = np.append(data.at, data.at[-1] + (0.2 if data.by_run else 1.0))
        self.getPlotItem().plot(ends, curve.threshold, pen=pen, stepMode="center", connect="finite")

    def _name_thresholds(self) -> None:
        """Where each line comes into view, as high as it is there; once where classes share one."""
        data, held = self._held.data, self._held
        for words in held.names:
            self.removeItem(words)
        held.names = []
        if data is None or not len(data.at):
            return
        begin = max(self.stretch()[0], float(data.at[0]))
        above = 2.0
        for height, told in _thresholds(data, held.hidden, begin):
            # Above its line; below it where the next line above is near.
            side = 1 if above - height > _LINE else 0
            words = pg.TextItem(told, color=theme.current().muted, anchor=(0, side))
            words.setFont(font("small"))
            words.setPos(begin, height)
            self.addItem(words, ignoreBounds=True)
            held.names.append(words)
            above = height

    def _draw_strip(self, data: TrendData) -> None:
        """The verdicts as a strip above: bad ones as squares, unconfirmed ones as triangles."""
        colours = theme.current()
        for which, colour, symbol in (
            (data.bad, colours.major.background, "s"),
            (data.unconfirmed, colours.minor.background, "t1"),
        ):
            at = data.at[np.asarray(which, dtype=bool)]
            marks = pg.ScatterPlotItem(
                at, np.full(len(at), _STRIP_Y), symbol=symbol, size=7, brush=colour,
                pen=pg.mkPen(colours.text, width=0.5),
            )  # fmt: skip
            self.addItem(marks)

    def _draw_marks(self, data: TrendData) -> None:
        colours = theme.current()
        for at, words in data.flags:
            self.addItem(
                _line(at, words, colours.text, colours.surface, Qt.PenStyle.SolidLine, 0.97)
            )
        for at, words in data.changes:
            self.addItem(
                _line(at, words, colours.accent, colours.surface, Qt.PenStyle.DotLine, 0.1)
            )

    def _draw_beam_off(self, data: TrendData) -> None:
        """Hatched, with its words where there is room for them."""
        colours, widest = theme.current(), max((b - a for a, b in data.beam_off), default=0.0)
        brush = QBrush(QColor(colours.border), Qt.BrushStyle.BDiagPattern)
        for begin, end in data.beam_off:
            region = pg.LinearRegionItem(
                (begin, end), movable=False, brush=brush, pen=pg.mkPen(colours.border, width=1)
            )
            region.setZValue(-10)
            self.addItem(region, ignoreBounds=True)
            if end - begin == widest:
                words = pg.TextItem(
                    "No beam", color=colours.text, fill=colours.surface, anchor=(0.5, 1)
                )
                words.setFont(font("small"))
                words.setPos((begin + end) / 2, 0.02)
                words.setZValue(10)
                self.addItem(words, ignoreBounds=True)

    def _say_nothing(self, words: str) -> None:
        since, until = self.stretch()
        text = pg.TextItem(words, color=theme.current().muted, anchor=(0.5, 0.5))
        text.setFont(font("body"))
        text.setPos((since + until) / 2, 0.5)
        self.addItem(text, ignoreBounds=True)

    # ------------------------------------------------------------ the mouse

    def _stretch_moved(self, _box: object, stretch: tuple[float, float]) -> None:
        self._name_thresholds()
        self.stretch_changed.emit(*stretch)

    def step_near(self, at: QPointF) -> int:
        """The step whose place is nearest to the scene's point; -1: none is near."""
        data = self._held.data
        box = self.getViewBox()
        if data is None or not len(data.at) or not box.sceneBoundingRect().contains(at):
            return -1
        x = box.mapSceneToView(at).x()
        nearest = int(np.argmin(np.abs(data.at - x)))
        width = abs(box.viewPixelSize()[0])
        return nearest if abs(data.at[nearest] - x) <= _NEAR_PX * width else -1

    def _moved(self, at: QPointF) -> None:
        near = self.step_near(at)
        if near == self._near:
            return
        self._near = near
        data = self._held.data
        self.setToolTip(data.tips[near] if data is not None and near >= 0 else "")
        self.hovered.emit(near)

    def _clicked(self, event: Any) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            near = self.step_near(event.scenePos())
            if near >= 0:
                self.pressed.emit(near)


def _thresholds(data: TrendData, hidden: set[str], begin: float) -> list[tuple[float, str]]:
    """The thresholds in force from ``begin`` on, the highest first: how high, and whose."""
    place = max(0, int(np.searchsorted(data.at, begin, side="right")) - 1)
    names: dict[float, list[str]] = {}
    for curve in data.curves:
        known = curve.threshold[place:][np.isfinite(curve.threshold[place:])]
        if curve.name not in hidden and len(known):
            names.setdefault(round(float(known[0]), 2), []).append(curve.name)
    ordered = sorted(names.items(), reverse=True)
    return [(height, f"{', '.join(which)} {height:.2f}") for height, which in ordered]


def _line(
    at: float, words: str, colour: str, behind: str, style: Qt.PenStyle, place: float
) -> pg.InfiniteLine:
    """A thin upright line with its words."""
    return pg.InfiniteLine(
        at, angle=90, pen=pg.mkPen(colour, width=1, style=style), label=words,
        labelOpts={"color": colour, "fill": behind, "position": place, "movable": False},
    )  # fmt: skip
