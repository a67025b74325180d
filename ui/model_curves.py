"""Metric against threshold, calibration, and how good models became on how many pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui import theme
from ui.parts import label
from ui.plot_style import style_plot
from ui.training_curve import CurveRow, TrainingCurve

_METRICS = (("Precision", "accent", Qt.PenStyle.SolidLine), ("Recall", "major_line", Qt.PenStyle.DashLine),
            ("F1", "text", Qt.PenStyle.SolidLine), ("Accuracy", "muted", Qt.PenStyle.DotLine))  # fmt: skip


@dataclass(frozen=True, slots=True)
class CurveFigures:
    """``metric``: (threshold, precision, recall, F1, accuracy); the others: (x, y, low, high)."""

    metric: Sequence[tuple[float, float, float, float, float]] = ()
    threshold: float | None = None
    calibration: Sequence[tuple[float, float, float, float]] = ()
    learning: Sequence[tuple[float, float, float, float]] = ()
    passes: Sequence[CurveRow] = ()  # of the training
    notes: tuple[str, str, str] = ("", "", "")  # below each plot


class ModelCurvesView(QWidget):
    """Three plots and the passes of the training; hover is in their words, all figures are also in the note below each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.classes = QComboBox()
        self.classes.setAccessibleName("Class of the curves")
        self._plots = tuple(pg.PlotWidget(background=None) for _ in range(3))
        names = ("If the threshold were here", "Sure and right", "More labels, better models")
        self._notes = tuple(label("", "small", kind="muted") for _ in names)
        self._figures = CurveFigures()
        self.passes = TrainingCurve()
        head = QHBoxLayout()
        head.addWidget(label("Class", "small", kind="muted"))
        head.addWidget(self.classes)
        head.addStretch(1)
        grid = QGridLayout()
        for place, (name, plot, note) in enumerate(
            zip(names, self._plots, self._notes, strict=True)
        ):
            plot.setAccessibleName(name)
            plot.setMouseEnabled(x=False, y=False)
            plot.setMenuEnabled(False)
            plot.hideButtons()
            note.setWordWrap(True)
            held = QVBoxLayout()
            held.addWidget(label(name, "name"))
            held.addWidget(plot, 1)
            held.addWidget(note)
            grid.addLayout(held, place // 2, place % 2)
        grid.addWidget(self.passes, 1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addLayout(grid, 1)
        self._draw()

    def show_curves(self, figures: CurveFigures) -> None:
        """Draw these."""
        self._figures = figures
        for note, words in zip(self._notes, figures.notes, strict=True):
            note.setText(words)
        self.passes.show_rows("Passes of the training", figures.passes)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_figures"):
            self._draw()

    def _draw(self) -> None:
        for plot in self._plots:
            plot.clear()
            style_plot(plot)
        metric, calibration, learning = self._plots
        self._draw_metric(metric)
        self._draw_calibration(calibration)
        self._draw_learning(learning)

    def _draw_metric(self, plot: pg.PlotWidget) -> None:
        colours, rows = theme.current(), self._figures.metric
        plot.setLabels(bottom="threshold", left="metric")
        plot.setRange(xRange=(0, 1), yRange=(0, 1.02), padding=0.02)
        legend = plot.plotItem.legend or plot.addLegend(offset=(8, -8))
        legend.clear()
        legend.setLabelTextColor(colours.text)
        for number, (name, colour, style) in enumerate(_METRICS, start=1):
            pen = pg.mkPen(getattr(colours, colour), width=2, style=style)
            plot.plot(
                [row[0] for row in rows], [row[number] for row in rows], pen=pen, name=name,
                antialias=True,
            )  # fmt: skip
        if self._figures.threshold is not None:
            pen = pg.mkPen(colours.text, width=1.5, style=Qt.PenStyle.DashLine)
            plot.addItem(pg.InfiniteLine(self._figures.threshold, angle=90, pen=pen))

    def _draw_calibration(self, plot: pg.PlotWidget) -> None:
        colours = theme.current()
        plot.setLabels(bottom="sure", left="right")
        plot.setRange(xRange=(0, 1), yRange=(0, 1.02), padding=0.02)
        plot.plot([0, 1], [0, 1], pen=pg.mkPen(colours.muted, style=Qt.PenStyle.DashLine))
        _with_bars(plot, self._figures.calibration)

    def _draw_learning(self, plot: pg.PlotWidget) -> None:
        plot.setLabels(bottom="labelled pictures", left="accuracy")
        plot.enableAutoRange(axis="y")
        plot.setXRange(
            0, max((row[0] for row in self._figures.learning), default=1.0), padding=0.05
        )
        _with_bars(plot, self._figures.learning)


def _with_bars(plot: pg.PlotWidget, rows: Sequence[tuple[float, float, float, float]]) -> None:
    if not rows:
        return
    colours = theme.current()
    x, y = [row[0] for row in rows], [row[1] for row in rows]
    pen = pg.mkPen(colours.accent, width=1.5)
    plot.addItem(
        pg.ErrorBarItem(
            x=np.array(x),
            y=np.array(y),
            top=np.array([row[3] - row[1] for row in rows]),
            bottom=np.array([row[1] - row[2] for row in rows]),
            beam=0.0,
            pen=pen,
        )
    )
    plot.plot(
        x, y, pen=pen, symbol="o", symbolSize=6, symbolPen=None, symbolBrush=colours.accent,
        antialias=True,
    )  # fmt: skip
