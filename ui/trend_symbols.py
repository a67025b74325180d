"""The mark of each class in plots over time: colour and shape, the same in every plot and beside its name."""

from __future__ import annotations

from functools import cache

import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import renderSymbol
from PySide6.QtGui import QBrush, QColor, QIcon, QPixmap

SYMBOLS = {
    "Good": "o", "Bad": "s", "NoData": "d", "LED": "star", "Cosmic": "t1", "HotChannel": "t",
    "Source": "+", "Ignore": "x",
}  # fmt: skip
_OTHERS = ("p", "h", "t2", "t3")
_ICON_PX = 12


def symbol_of(name: str) -> str:
    """The shape of a class."""
    return SYMBOLS.get(name) or _OTHERS[sum(name.encode()) % len(_OTHERS)]


@cache
def mark_icon(name: str, colour: str) -> QIcon:
    """The mark of a class, to stand beside its name."""
    brush = QBrush(QColor(colour))
    image = renderSymbol(symbol_of(name), _ICON_PX, pg.mkPen(None), brush, dpr=2.0)
    return QIcon(QPixmap.fromImage(image))
