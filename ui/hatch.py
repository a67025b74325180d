"""Masked areas of a picture: hatched, framed and named, over the picture that stays as it came."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from ui import theme
from ui.type_scale import sized

WORD = "masked"
_STEP, _LINE, _FRAME = 9.0, 1.5, 2.0  # px
_WASH = 0.62  # of the surface over the picture: what is below can still be guessed
_THIN = 0.15  # the same for somebody who has to say what the whole picture shows


class MaskItem(QGraphicsItem):
    """The masked areas over a picture in a scene; lines and word keep their size when it is zoomed."""

    def __init__(self) -> None:
        super().__init__()
        self._picture = QRectF()
        self.areas: tuple[QRectF, ...] = ()
        self.see_through = False

    def lay_over(self, picture: QRectF) -> None:
        """The picture is there, in the scene."""
        self.prepareGeometryChange()
        self._picture = picture

    def show_areas(self, areas: Sequence[QRectF]) -> None:
        """Hatch these, in fractions of the picture."""
        self.areas = tuple(areas)
        self.update()

    def boundingRect(self) -> QRectF:
        return self._picture

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        seen = painter.worldTransform().mapRect(self._picture)
        painter.save()
        painter.resetTransform()
        paint_masks(painter, seen, self.areas, see_through=self.see_through)
        painter.restore()


def paint_masks(
    painter: QPainter,
    picture: QRectF,
    areas: Sequence[QRectF],
    chosen: int = -1,
    *,
    see_through: bool = False,
) -> None:
    """Hatch ``areas`` (fractions of ``picture``, in px); ``chosen``: the one with the strong frame.

    ``see_through``: with thin, wide lines and no word, so that what is below can be judged.
    """
    wash, step = (_THIN, 2 * _STEP) if see_through else (_WASH, _STEP)
    for number, area in enumerate(areas):
        box = inside(picture, area)
        _hatch(painter, box, wash, step, strong=number == chosen)
        if not see_through:
            _name(painter, box)


def inside(picture: QRectF, area: QRectF) -> QRectF:
    """Where ``area``, in fractions, lies in ``picture``."""
    return QRectF(
        picture.left() + area.left() * picture.width(),
        picture.top() + area.top() * picture.height(),
        area.width() * picture.width(),
        area.height() * picture.height(),
    )


def _hatch(painter: QPainter, box: QRectF, share: float, step: float, *, strong: bool) -> None:
    colours = theme.current()
    painter.save()
    painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
    wash = QColor(colours.surface)
    wash.setAlphaF(share)
    painter.fillRect(box, wash)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colours.masked), _LINE))
    painter.drawLines(_lines(box, step))
    pen = QPen(QColor(colours.focus if strong else colours.masked), 2 * _FRAME)  # half is clipped
    pen.setStyle(Qt.PenStyle.SolidLine if strong else Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)
    painter.restore()


def _lines(box: QRectF, step: float) -> list[QLineF]:
    """Rising to the right; they start at multiples of the step, so that neighbours join."""
    reach = box.width() + box.height()
    count = int(reach // step) + 1
    return [
        QLineF(
            box.left() + at - box.height(), box.bottom(), box.left() + at, box.top()
        )
        for at in (step * number for number in range(count))
    ]  # fmt: skip


def _name(painter: QPainter, box: QRectF) -> None:
    """The word, where there is room for it."""
    colours = theme.current()
    font = sized(8)
    words = QFontMetricsF(font).boundingRect(WORD)
    chip = QRectF(0, 0, words.width() + 10, words.height() + 2)
    if chip.width() + 6 > box.width() or chip.height() + 6 > box.height():
        return
    chip.moveCenter(box.center())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.surface))
    painter.drawRoundedRect(chip, 3, 3)
    painter.setPen(QColor(colours.text))
    painter.setFont(font)
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, WORD)
