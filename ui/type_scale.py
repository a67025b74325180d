"""Fonts by their use, in points, so that any display scale works."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase

_SCALE: dict[str, tuple[float, QFont.Weight]] = {
    "small": (9, QFont.Weight.Normal),
    "body": (10, QFont.Weight.Normal),
    "name": (10, QFont.Weight.DemiBold),
    "section": (12, QFont.Weight.DemiBold),
    "card": (13, QFont.Weight.DemiBold),
    "figure": (16, QFont.Weight.DemiBold),
    "low wall": (22, QFont.Weight.Bold),
    "wall": (36, QFont.Weight.Bold),
}


def font(use: str) -> QFont:
    """The system's own font at the size and weight of ``use``, with figures of equal width."""
    points, weight = _SCALE[use]
    return sized(points, weight)


def sized(points: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The system's own font, ``points`` large."""
    made = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    made.setPointSizeF(points)
    made.setWeight(weight)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made
