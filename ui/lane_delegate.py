"""Paints one card of the bad lane: large picture, how sure per class, since when, what to do."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui import heat, icons, theme
from ui.alarm_marks import AlarmMark, AlarmSign, head_of, is_outlined, paint_sign
from ui.class_bars import ROW, paint_bars
from ui.hatch import paint_masks
from ui.names import broken
from ui.painting import Index, outline, rounded_top, underline, write
from ui.pixmap_cache import PixmapCache
from ui.replay_mark import paint_replay
from ui.roles import Role
from ui.states import TileState
from ui.type_scale import sized

_HEAD, GAP, _PAD, _FACT = 40, 12, 12, 19
_NO_ACTION = "No action is set for this plot."
_MORE = "Details"
ACKNOWLEDGE = "Acknowledge"
_BUTTON = 28  # px high


class LaneDelegate(QStyledItemDelegate):
    """Cards as wide as the lane; the picture keeps 4:3."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.width = 340
        self.link_lost = False
        self.scale = 1.0  # larger on the wall
        self.heat = 0.5  # how strong heat maps are painted
        self._scaled = PixmapCache(60)
        self._heats = PixmapCache(60)

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self.width, self._height(index) + GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours = theme.current()
        box = QRect(option.rect.left(), option.rect.top(), self.width, self._height(index))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.surface))
        painter.drawRoundedRect(box, 6, 6)
        sign: AlarmSign | None = index.data(Role.SIGN)
        head = self._head_height(index)
        if (fill := head_of(TileState.MAJOR, sign, colours)) is not None:
            painter.fillPath(rounded_top(box, head), QColor(fill.background))
        outline(painter, box, colours.major_line, 2)
        if is_outlined(TileState.MAJOR, sign, colours):
            underline(painter, box, head, colours.major_line, 2)
        self._head(painter, box, index, sign)
        below = self._picture(painter, box, index)
        self._words(painter, box, below, index)
        if index.data(Role.REPLAY):
            room = box.adjusted(10, head + 8, -10, 0)
            paint_replay(painter, room, 9 * self.scale)
        if option.state & QStyle.StateFlag.State_HasFocus:
            outline(painter, box, colours.focus, 3)
        painter.restore()

    def _head(self, painter: QPainter, box: QRect, index: Index, sign: AlarmSign | None) -> None:
        colours = theme.current()
        row = QRect(box.left() + _PAD, box.top(), box.width() - 2 * _PAD, self._px(_HEAD))
        side = self._px(26)
        badge = QRectF(row.left(), row.top() + self._px(7), side, side)
        if sign is not None and sign.mark:
            paint_sign(painter, badge, sign)
        else:
            icons.paint_badge(painter, badge, TileState.MAJOR, on_fill=True)
        fill = head_of(TileState.MAJOR, sign, colours)
        painter.setPen(QColor(fill.text if fill else colours.text))
        painter.setFont(self._head_font())
        name, below = row.adjusted(side + 10, 0, 0, 0), index.data(Role.VERDICT)
        lines = self._name_lines(index)
        if not lines:
            write(painter, row, below, Qt.AlignmentFlag.AlignRight)
            write(painter, name, index.data(Role.NAME))
            return
        line = painter.fontMetrics().height()
        name.setTop(name.top() + self._px(7))
        for words in (*lines, below):
            name.setHeight(line)
            write(painter, name, words)
            name.translate(0, line)

    def _head_font(self) -> QFont:
        return sized(12 * self.scale, QFont.Weight.DemiBold)

    def _name_lines(self, index: Index) -> list[str]:
        """The whole name in lines, where it has no room beside the verdict; none where it has."""
        metrics = QFontMetrics(self._head_font())
        room = self.width - 2 * _PAD - self._px(26) - 10
        name, verdict = index.data(Role.NAME), index.data(Role.VERDICT)
        if metrics.horizontalAdvance(name) + metrics.horizontalAdvance(verdict) + 8 <= room:
            return []
        return broken(name, metrics, room)

    def _head_height(self, index: Index) -> int:
        lines = len(self._name_lines(index))
        if not lines:
            return self._px(_HEAD)
        return 2 * self._px(7) + (lines + 1) * QFontMetrics(self._head_font()).height()

    def _picture(self, painter: QPainter, box: QRect, index: Index) -> int:
        room = QRect(
            box.left() + 10,
            box.top() + self._head_height(index) + 8,
            box.width() - 20,
            self._picture_height(),
        )
        image = index.data(Role.IMAGE)
        if image is not None and not image.isNull():
            painter.setOpacity(0.5 if self.link_lost else 1.0)
            place = self._scaled.draw(painter, room, image)
            self._heat(painter, room, image, index.data(Role.HEAT))
            painter.setOpacity(1.0)
            paint_masks(painter, place, index.data(Role.MASKS) or ())
        return room.bottom() + 8

    def _heat(self, painter: QPainter, room: QRect, image: QImage, grey: QImage | None) -> None:
        """The map over the picture, stretched to it."""
        if grey is None or not self.heat:
            return
        size = image.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(QPoint(0, 0), size)
        place.moveCenter(room.center())
        painter.setOpacity(self.heat)
        self._heats.stretch(painter, place, grey, heat.coloured)

    def _words(self, painter: QPainter, box: QRect, top: int, index: Index) -> None:
        colours = theme.current()
        inside = QRect(box.left() + _PAD, top, box.width() - 2 * _PAD, box.bottom() - top)
        painter.setFont(sized(9 * self.scale))
        scores = index.data(Role.SCORES)[:4]
        bars = QRect(inside.left(), top, inside.width(), self._px(ROW) * len(scores))
        paint_bars(painter, bars, scores, "percent")
        line = bars.bottom() + 8
        for name, value in index.data(Role.FACTS)[:2]:
            row = QRect(inside.left(), line, inside.width(), self._px(_FACT))
            painter.setPen(QColor(colours.muted))
            write(painter, row, name)
            painter.setPen(QColor(colours.text))
            write(painter, row.adjusted(self._px(100), 0, 0, 0), value, Qt.AlignmentFlag.AlignRight)
            line += self._px(_FACT)
        painter.setFont(sized(9.5 * self.scale))
        text = QRect(inside.left(), line + 6, inside.width(), self._action_height(index))
        painter.drawText(text, _WRAP, action_words(index))
        link = sized(9.5 * self.scale)
        link.setUnderline(True)
        painter.setFont(link)
        painter.setPen(QColor(colours.accent))
        fact = self._px(_FACT)
        last = QRect(inside.left(), box.bottom() - fact - 8, inside.width(), fact)
        write(painter, last, _MORE, Qt.AlignmentFlag.AlignRight)
        if _calls(index) and not self.wall:
            self._button(painter, self.button(box))

    def button(self, card: QRect) -> QRect:
        """Where Acknowledge stands on a card whose alarm calls."""
        words = QFontMetrics(sized(10)).horizontalAdvance(ACKNOWLEDGE)
        return QRect(card.left() + _PAD, card.bottom() - _BUTTON - 7, words + 24, _BUTTON)

    def acknowledge_hit(self, option: QRect, index: Index, at: QPoint) -> bool:
        """Whether ``at`` lies on the button of the card at ``option``."""
        card = QRect(option.left(), option.top(), self.width, self._height(index))
        return _calls(index) and not self.wall and self.button(card).contains(at)

    def _button(self, painter: QPainter, place: QRect) -> None:
        colours = theme.current()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent))
        painter.drawRoundedRect(place, 4, 4)
        painter.setFont(sized(10))
        painter.setPen(QColor(colours.accent_text))
        write(painter, place, ACKNOWLEDGE, Qt.AlignmentFlag.AlignHCenter)

    @property
    def wall(self) -> bool:
        """Whether it is only looked at."""
        return self.scale > 1

    def _px(self, size: int) -> int:
        return round(size * self.scale)

    def _picture_height(self) -> int:
        return (self.width - 20) * 3 // 4

    def _action_height(self, index: Index) -> int:
        room = QRect(0, 0, self.width - 2 * _PAD, 2000)
        return (
            QFontMetrics(sized(9.5 * self.scale))
            .boundingRect(room, _WRAP, action_words(index))
            .height()
        )

    def _height(self, index: Index) -> int:
        bars = self._px(ROW) * len(index.data(Role.SCORES)[:4])
        facts = self._px(_FACT) * len(index.data(Role.FACTS)[:2])
        last = max(self._px(_FACT), _BUTTON) if _calls(index) else self._px(_FACT)
        words = self._action_height(index) + 14 + last + 12
        return self._head_height(index) + 8 + self._picture_height() + 8 + bars + 8 + facts + words


_WRAP = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)


def _calls(index: Index) -> bool:
    sign: AlarmSign | None = index.data(Role.SIGN)
    if sign is None or index.data(Role.REPLAY):  # a replay has nothing to acknowledge
        return False
    return sign.mark in (AlarmMark.CALLS, AlarmMark.RETURNED)


def action_words(index: Index) -> str:
    """Who did what about it, and what is to be done."""
    guidance, sign = index.data(Role.GUIDANCE), index.data(Role.SIGN)
    what = f"Do this: {guidance}" if guidance else _NO_ACTION
    return f"{sign.by}\n{what}" if sign is not None and sign.by else what
