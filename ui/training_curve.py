"""The curve of a training: loss and accuracy of each pass, as they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.parts import Card, label
from ui.plot_style import style_plot

TICKS = 10


@dataclass(frozen=True, slots=True)
class CurveRow:
    """One pass over the pictures."""

    number: int
    training_loss: float
    validation_loss: float
    accuracy: float


class TrainingCurve(Card):
    """A head is fitted in one go and has no curve: then a sentence says so."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Curve", parent)
        self._plot = pg.PlotWidget(background=None)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.setAccessibleName("Loss and accuracy of each pass")
        self._none = label("", "body", kind="muted")
        self._none.setWordWrap(True)
        self._rows: Sequence[CurveRow] = ()
        self.body.addWidget(self._none)
        self.body.addWidget(self._plot, 1)
        self.body.addStretch(0)
        self.show_rows("Curve", ())

    def show_rows(self, title: str, rows: Sequence[CurveRow]) -> None:
        """Draw these passes."""
        self._rows = rows
        self.title.setText(title)
        self._none.setText(
            "" if rows else "No passes yet. A quick training has none: it is solved at once."
        )
        self._none.setVisible(not rows)
        self._plot.setVisible(bool(rows))
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_rows"):
            self._draw()

    def _draw(self) -> None:
        colours, plot = theme.current(), self._plot
        plot.clear()
        style_plot(plot)
        plot.setLabels(bottom="pass", left="loss, accuracy")
        legend = plot.plotItem.legend or plot.addLegend(offset=(-8, 8))
        legend.clear()
        legend.setLabelTextColor(colours.text)
        x = [row.number for row in self._rows]
        marked = x[:: len(x) // TICKS + 1]  # there is no half pass
        plot.getAxis("bottom").setTicks([[(number, str(number)) for number in marked]])
        dash, solid = Qt.PenStyle.DashLine, Qt.PenStyle.SolidLine
        for name, values, colour, pen in (
            ("Loss, training", [row.training_loss for row in self._rows], colours.muted, dash),
            ("Loss, validation", [row.validation_loss for row in self._rows], colours.text, solid),
            ("Accuracy, validation", [row.accuracy for row in self._rows], colours.accent, solid),
        ):
            plot.plot(
                x, values, pen=pg.mkPen(colour, width=2, style=pen), name=name, antialias=True,
                symbol="o", symbolSize=4, symbolPen=None, symbolBrush=colour,
            )  # fmt: skip
