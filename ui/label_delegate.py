"""Paints one picture of the labeler: head with the label's chip and word, the picture, what it waits for."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui import theme
from ui.label_roles import LabelRole, Standing
from ui.pixmap_cache import PixmapCache
from ui.tile_delegate import outline, write
from ui.type_scale import font

_Index = QModelIndex | QPersistentModelIndex
GAP = 8  # px between two tiles
_HEAD, _PAD = 24, 8
_WORDS = {
    Standing.NONE: "",
    Standing.WAITS: "waits",
    Standing.SAVED: "✓ saved",
    Standing.REFUSED: "refused",
}


class LabelDelegate(QStyledItemDelegate):
    """Tiles of one width; the picture keeps 4:3 whole."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.width = 180
        self._scaled = PixmapCache(400)

    @property
    def cell(self) -> QSize:
        """A tile with the gap around it."""
        return QSize(self.width + GAP, self._height() + GAP)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        return self.cell

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        colours = theme.current()
        box = QRect(option.rect.left() + 3, option.rect.top() + 3, self.width, self._height())
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(box, QColor(colours.accent_tint if selected else colours.surface))
        self._head(painter, box, index)
        self._picture(painter, box, index)
        self._frame(painter, box, index, selected)
        if option.state & QStyle.StateFlag.State_HasFocus:
            outline(painter, box, colours.focus, 3)
        painter.restore()

    def _head(self, painter: QPainter, box: QRect, index: _Index) -> None:
        colours = theme.current()
        row = QRect(box.left() + _PAD, box.top(), box.width() - 2 * _PAD, _HEAD)
        label = index.data(LabelRole.LABEL)
        painter.setFont(font("name" if label else "small"))
        left = row
        if label:
            chip = QRectF(row.left() + 0.5, row.center().y() - 5, 11, 11)
            painter.setPen(QPen(QColor(colours.text), 1))
            painter.setBrush(QColor(index.data(LabelRole.COLOUR)))
            painter.drawRoundedRect(chip, 2, 2)
            left = row.adjusted(18, 0, 0, 0)
        painter.setPen(QColor(colours.text if label else colours.muted))
        word = _WORDS[index.data(LabelRole.STANDING)] or index.data(LabelRole.TITLE)
        painter.setFont(font("small"))
        room = painter.fontMetrics().horizontalAdvance(word) + 8
        write(painter, row, word, Qt.AlignmentFlag.AlignRight)
        painter.setFont(font("name" if label else "small"))
        write(painter, left.adjusted(0, 0, -room, 0), label or "No label")

    def _picture(self, painter: QPainter, box: QRect, index: _Index) -> None:
        room = self._room(box)
        image = index.data(LabelRole.IMAGE)
        if image is not None and not image.isNull():
            self._scaled.draw(painter, room, image)
        else:
            painter.fillRect(room, QColor(theme.current().sunken))
        words = [
            index.data(LabelRole.ALARM),
            index.data(LabelRole.MARKS),
            index.data(LabelRole.SAID),
        ]
        if note := next((each for each in words if each), ""):
            self._note(painter, room, note, loud=bool(words[0]))

    def _note(self, painter: QPainter, room: QRect, note: str, *, loud: bool) -> None:
        colours = theme.current()
        line = QRect(room.left(), room.bottom() - 17, room.width(), 18)
        painter.fillRect(line, QColor(colours.minor.background if loud else colours.surface))
        painter.setPen(QColor(colours.minor.text if loud else colours.text))
        painter.setFont(font("small"))
        write(painter, line.adjusted(6, 0, -6, 0), note)

    def _frame(self, painter: QPainter, box: QRect, index: _Index, selected: bool) -> None:
        colours = theme.current()
        colour = index.data(LabelRole.COLOUR) if index.data(LabelRole.LABEL) else colours.hair
        outline(painter, box, colours.accent if selected else colour, 2 if selected else 1)

    def _room(self, box: QRect) -> QRect:
        return QRect(box.left() + 2, box.top() + _HEAD, box.width() - 4, self.width * 3 // 4)

    def _height(self) -> int:
        return _HEAD + self.width * 3 // 4 + 3
