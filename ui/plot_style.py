"""How plots look: one place for axes, grid and background."""

from __future__ import annotations

import pyqtgraph as pg

from ui import theme
from ui.type_scale import sized


def style_plot(plot: pg.PlotWidget) -> None:
    """Axes, grid and background in the theme in force."""
    colours = theme.current()
    plot.setBackground(colours.surface)
    plot.showGrid(x=False, y=True, alpha=0.25)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(pg.mkPen(colours.border))
        axis.setTextPen(pg.mkPen(colours.muted))
        axis.setStyle(tickFont=sized(9))
        axis.enableAutoSIPrefix(False)  # shares and counts: "0.85", never "850 (x0.001)"
