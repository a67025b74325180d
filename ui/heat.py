"""The colours of a heat map: turbo, the stronger the more opaque."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPaintEvent, QPen, qRgba
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.type_scale import sized

CUT_OFF = 0.1  # what is weaker is not drawn: it would only veil the picture
# Mikhailov's polynomials for turbo (Google AI blog, August 2019), for x in 0..1, constant first.
_RED = (0.13572138, 4.61539260, -42.66032258, 132.13108234, -152.94239396, 59.28637943)
_GREEN = (0.09140261, 2.19418839, 4.84296658, -14.18503333, 4.27729857, 2.82956604)
_BLUE = (0.10667330, 12.64194608, -60.58204836, 110.36276771, -89.90310912, 27.34824973)


def turbo(share: float) -> tuple[int, int, int]:
    """Red, green and blue (0..255) for a share of 0..1."""

    def channel(terms: tuple[float, ...]) -> int:
        value = sum(term * share**power for power, term in enumerate(terms))
        return round(255 * min(1.0, max(0.0, value)))

    return channel(_RED), channel(_GREEN), channel(_BLUE)


@lru_cache(maxsize=1)
def _table() -> list[int]:
    colours = []
    for step in range(256):
        share = step / 255
        alpha = 0 if share < CUT_OFF else min(255, round(255 * 1.25 * share))
        colours.append(qRgba(*turbo(share), alpha))
    return colours


def coloured(grey: QImage) -> QImage:
    """A grey map (white: most) as colours with their opacity; its size is that of ``grey``."""
    plain = grey.convertToFormat(QImage.Format.Format_Grayscale8)
    plain.reinterpretAsFormat(QImage.Format.Format_Indexed8)
    plain.setColorTable(_table())
    return plain.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def is_empty(grey: QImage) -> bool:
    """Whether nothing in the picture speaks for the class."""
    small = grey.convertToFormat(QImage.Format.Format_Grayscale8)
    return max(bytes(small.constBits()), default=0) == 0


class HeatLegend(QWidget):
    """The colours from little to much, with the words at their ends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Legend of the heat map: blue is little, red is much")
        self.setToolTip(f"Less than {CUT_OFF:.0%} of the strongest is not drawn.")
        self.setFixedHeight(22)

    def sizeHint(self) -> QSize:
        return QSize(170, 22)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 22)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(sized(9))
        metrics = painter.fontMetrics()
        left, right = metrics.horizontalAdvance("little"), metrics.horizontalAdvance("much")
        bar = QRectF(left + 6, 6, self.width() - left - right - 12, 10)
        shades = QLinearGradient(bar.topLeft(), bar.topRight())
        for step in range(11):
            shades.setColorAt(step / 10, QColor(*turbo(step / 10)))
        painter.setPen(QPen(QColor(theme.current().border), 1))
        painter.setBrush(shades)
        painter.drawRect(bar)
        painter.setPen(QColor(theme.current().muted))
        baseline = round(11 + metrics.ascent() / 2 - 1)
        painter.drawText(0, baseline, "little")
        painter.drawText(round(bar.right()) + 6, baseline, "much")
