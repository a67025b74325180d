"""Paints one tile that stands for a whole group: its worst badge, how many plots, and how they are."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from ui import icons, theme
from ui.alarm_marks import head_of, paint_sign
from ui.painting import outline, rounded_top, write
from ui.roles import Fold
from ui.states import fill_of, frame_of
from ui.tile_metrics import TileMetrics
from ui.type_scale import sized

_PAD = 8
_BEHIND = 4  # px by which a second card looks out


def paint_fold(painter: QPainter, box: QRect, fold: Fold, metrics: TileMetrics) -> None:
    """``box`` is the place of a tile; a second card behind it says that there are more."""
    colours = theme.current()
    card = box.adjusted(0, 0, -_BEHIND, -_BEHIND)
    for place in (card.translated(_BEHIND, _BEHIND), card):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.surface))
        painter.drawRoundedRect(place, 6, 6)
        outline(painter, place, colours.border, 1)
    fill = head_of(fold.worst, fold.sign, colours)
    if fill is not None:
        painter.fillPath(rounded_top(card, metrics.head), QColor(fill.background))
    outline(painter, card, *frame_of(fold.worst, colours))
    row = QRect(card.left() + _PAD, card.top(), card.width() - 2 * _PAD, metrics.head)
    row = _badge(painter, row, fold, metrics.badge)
    painter.setFont(sized(metrics.name_pt, QFont.Weight.DemiBold))
    painter.setPen(QColor(fill.text if fill else colours.text))
    write(painter, row, fold.group)
    _counts(painter, card, fold, metrics)


def _badge(painter: QPainter, row: QRect, fold: Fold, side: int) -> QRect:
    """The badge of the worst; returns what is left of the row."""
    place = QRectF(row.left(), row.top() + (row.height() - side) / 2, side, side)
    if fold.sign is not None and fold.sign.mark:
        paint_sign(painter, place, fold.sign)
    else:
        on_fill = fill_of(fold.worst, theme.current()) is not None
        icons.paint_badge(painter, place, fold.worst, on_fill=on_fill)
    return row.adjusted(side + 8, 0, 0, 0)


def _counts(painter: QPainter, card: QRect, fold: Fold, metrics: TileMetrics) -> None:
    colours = theme.current()
    line = metrics.foot
    row = QRect(card.left() + _PAD, card.top() + metrics.head + 6, card.width() - 2 * _PAD, line)
    painter.setFont(sized(metrics.name_pt + 2, QFont.Weight.DemiBold))
    painter.setPen(QColor(colours.text))
    write(painter, row, f"{fold.plots} plots")
    painter.setFont(sized(metrics.foot_pt))
    lines = max(0, (card.bottom() - metrics.foot - row.bottom()) // line)
    for state, number, word in fold.counts[:lines]:
        row = row.translated(0, line)
        side = metrics.badge - 3
        place = QRectF(row.left(), row.top() + (line - side) / 2, side, side)
        icons.paint_badge(painter, place, state)
        painter.setPen(QColor(colours.text))
        write(painter, row.adjusted(side + 7, 0, 0, 0), f"{number} {word}")
    foot = QRect(
        card.left() + _PAD, card.bottom() - metrics.foot, card.width() - 2 * _PAD, metrics.foot
    )
    painter.setPen(QColor(colours.muted))
    write(painter, foot, "Enter unfolds it")
