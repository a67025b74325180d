"""Confidences over time: a mark per class and verdict, thresholds as steps, model changes as flags."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFontMetrics

from ui import theme
from ui.tokens import class_colour
from ui.trend_data import TrendCurve, TrendData
from ui.type_scale import font

SYMBOLS = {
    "Good": "o", "Bad": "s", "NoData": "d", "LED": "star", "Cosmic": "t1", "HotChannel": "t",
    "Source": "+", "Ignore": "x",
}  # fmt: skip
_OTHERS = ("p", "h", "t2", "t3")
_STRIP_Y, _TOP = 1.06, 1.14
_NEAR_PX = 12
_TICK_PX = 12
_ANTIALIASED = 2000


@dataclass(slots=True)
class _Held:
    data: TrendData | None = None
    hidden: set[str] = field(default_factory=set)


class TimeOrRunAxis(pg.DateAxisItem):  # type: ignore[misc]
    """The time, or the run that was taken then."""

    def __init__(self) -> None:
        super().__init__(orientation="bottom")
        self.by_run = False
        self.times: Sequence[float] = ()
        self.runs: Sequence[int] = ()

    def tickStrings(self, values: Any, scale: float, spacing: float) -> list[str]:  # noqa: N802
        if not self.by_run:
            return list(super().tickStrings(values, scale, spacing))
        return [self._run_at(value) for value in values]

    def _run_at(self, at: float) -> str:
        place = bisect_right(self.times, at) - 1
        return str(self.runs[place]) if 0 <= place < len(self.runs) else ""


class TrendPlot(pg.PlotWidget):  # type: ignore[misc]
    """Zooms with the wheel, moves with the mouse; says which step the mouse is near."""

    hovered = Signal(int)  # the step's number; -1: none is near
    pressed = Signal(int)
    stretch_changed = Signal(float, float)  # seconds since 1970

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
        self._axis.times, self._axis.runs = data.times.tolist(), data.runs
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

    def count_by_run(self, by_run: bool) -> None:
        """Say runs or times below."""
        self._axis.by_run = by_run
        self._axis.picture = None
        self._axis.update()

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
        if data is None:
            return
        plot.setTitle(data.title, color=theme.current().text, size="10pt")
        self._draw_beam_off(data)
        if not len(data.times):
            self._say_nothing(data.nothing)
            return
        for number, curve in enumerate(data.curves):
            if curve.name not in self._held.hidden:
                self._draw_curve(data, curve, number)
        self._name_thresholds(data)
        self._draw_strip(data)
        self._draw_marks(data)

    def _draw_curve(self, data: TrendData, curve: TrendCurve, number: int) -> None:
        colour = QColor(class_colour(theme.current(), curve.name, curve.severity, curve.colour))
        if len(curve.low):
            self._draw_range(data, curve, colour)
        line = pg.mkPen(colour, width=1) if len(curve.low) else None
        symbol = SYMBOLS.get(curve.name, _OTHERS[number % len(_OTHERS)])
        self.getPlotItem().plot(
            data.times, curve.mean, pen=line, symbol=symbol, symbolSize=5, symbolPen=None,
            symbolBrush=colour, connect="finite", antialias=len(data.times) < _ANTIALIASED,
        )  # fmt: skip
        if np.isfinite(curve.threshold).any():
            self._draw_threshold(data, curve)

    def _draw_range(self, data: TrendData, curve: TrendCurve, colour: QColor) -> None:
        pale = QColor(colour)
        pale.setAlphaF(0.16)
        low, high = (
            pg.PlotDataItem(data.times, np.nan_to_num(side), pen=None)
            for side in (curve.low, curve.high)
        )
        self.addItem(pg.FillBetweenItem(low, high, brush=pale))

    def _draw_threshold(self, data: TrendData, curve: TrendCurve) -> None:
        pen = pg.mkPen(theme.current().text, width=1.5, style=Qt.PenStyle.DashLine)
        ends = np.append(data.times, data.times[-1] + 1.0)
        self.getPlotItem().plot(ends, curve.threshold, pen=pen, stepMode="center", connect="finite")

    def _name_thresholds(self, data: TrendData) -> None:
        """At the left end of each line, once where classes share one."""
        names: dict[float, list[str]] = {}
        for curve in data.curves:
            if curve.name not in self._held.hidden and np.isfinite(curve.threshold).any():
                first = curve.threshold[int(np.argmax(np.isfinite(curve.threshold)))]
                names.setdefault(round(float(first), 2), []).append(curve.name)
        for height, which in names.items():
            told = f"{', '.join(which)} {height:.2f}"
            words = pg.TextItem(told, color=theme.current().muted, anchor=(0, 1))
            words.setFont(font("small"))
            words.setPos(data.times[0], height)
            self.addItem(words, ignoreBounds=True)

    def _draw_strip(self, data: TrendData) -> None:
        """The verdicts as a strip above: bad ones as squares, unconfirmed ones as triangles."""
        colours = theme.current()
        for which, colour, symbol in (
            (data.bad, colours.major.background, "s"),
            (data.unconfirmed, colours.minor.background, "t1"),
        ):
            at = data.times[np.asarray(which, dtype=bool)]
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
                self.addItem(words, ignoreBounds=True)

    def _say_nothing(self, words: str) -> None:
        since, until = self.stretch()
        text = pg.TextItem(words, color=theme.current().muted, anchor=(0.5, 0.5))
        text.setFont(font("body"))
        text.setPos((since + until) / 2, 0.5)
        self.addItem(text, ignoreBounds=True)

    # ------------------------------------------------------------ the mouse

    def _stretch_moved(self, _box: object, stretch: tuple[float, float]) -> None:
        self.stretch_changed.emit(*stretch)

    def step_near(self, at: QPointF) -> int:
        """The step whose time is nearest to the scene's point; -1: none is near."""
        data = self._held.data
        box = self.getViewBox()
        if data is None or not len(data.times) or not box.sceneBoundingRect().contains(at):
            return -1
        x = box.mapSceneToView(at).x()
        nearest = int(np.argmin(np.abs(data.times - x)))
        width = abs(box.viewPixelSize()[0])
        return nearest if abs(data.times[nearest] - x) <= _NEAR_PX * width else -1

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


def _line(
    at: float, words: str, colour: str, behind: str, style: Qt.PenStyle, place: float
) -> pg.InfiniteLine:
    """A thin upright line with its words."""
    return pg.InfiniteLine(
        at, angle=90, pen=pg.mkPen(colour, width=1, style=style), label=words,
        labelOpts={"color": colour, "fill": behind, "position": place, "movable": False},
    )  # fmt: skip
