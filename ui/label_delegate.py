"""Paints one picture of the labeler: head with the label's chip and word, the picture, what it waits for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui import theme
from ui.label_roles import Face, LabelRole, Standing
from ui.painting import outline, write
from ui.pixmap_cache import PixmapCache
from ui.type_scale import font

_Index = QModelIndex | QPersistentModelIndex
GAP = 8  # px between two tiles
_HEAD, _PAD = 24, 8
_MOST_PIXELS = 8_000_000  # of tiles that are held, four bytes each: three screens full
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
        # Whole tiles, by everything that they show: a scrolled screenful is put there, not painted anew.
        self._tiles: OrderedDict[tuple[Hashable, ...], QPixmap] = OrderedDict()

    @property
    def cell(self) -> QSize:
        """A tile with the gap around it."""
        return QSize(self.width + GAP, self._height() + GAP)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        return self.cell

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        ratio = painter.device().devicePixelRatioF()
        face, image = index.data(LabelRole.FACE), index.data(LabelRole.IMAGE)
        name = image.cacheKey() if image is not None else 0
        key = (face, name, selected, focused, self.width, ratio, theme.current().name)
        if (tile := self._tiles.get(key)) is None:
            tile = self._drawn(face, image, ratio, selected=selected, focused=focused)
            self._tiles[key] = tile
            most = _MOST_PIXELS // (tile.width() * tile.height())
            while len(self._tiles) > most:
                self._tiles.popitem(last=False)
        self._tiles.move_to_end(key)
        if face.shaded:
            painter.fillRect(option.rect, QColor(theme.current().hair))
        painter.drawPixmap(option.rect.left() + 3, option.rect.top() + 3, tile)

    def _drawn(
        self, face: Face, image: QImage | None, ratio: float, *, selected: bool, focused: bool
    ) -> QPixmap:
        colours = theme.current()
        box = QRect(0, 0, self.width, self._height())
        tile = QPixmap(box.size() * ratio)
        tile.setDevicePixelRatio(ratio)
        tile.fill(QColor(colours.accent_tint if selected else colours.surface))
        painter = QPainter(tile)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._head(painter, box, face)
        self._picture(painter, box, face, image)
        self._frame(painter, box, face, selected)
        if focused:
            outline(painter, box, colours.focus, 3)
        painter.end()
        return tile

    def _head(self, painter: QPainter, box: QRect, face: Face) -> None:
        colours = theme.current()
        row = QRect(box.left() + _PAD, box.top(), box.width() - 2 * _PAD, _HEAD)
        label = face.label
        painter.setFont(font("name" if label else "small"))
        left = row
        if label:
            chip = QRectF(row.left() + 0.5, row.center().y() - 5, 11, 11)
            painter.setPen(QPen(QColor(colours.text), 1))
            painter.setBrush(QColor(face.colour))
            painter.drawRoundedRect(chip, 2, 2)
            left = row.adjusted(18, 0, 0, 0)
        painter.setPen(QColor(colours.text if label else colours.muted))
        word = _WORDS[face.standing] or face.title
        painter.setFont(font("small"))
        room = painter.fontMetrics().horizontalAdvance(word) + 8
        write(painter, row, word, Qt.AlignmentFlag.AlignRight)
        painter.setFont(font("name" if label else "small"))
        write(painter, left.adjusted(0, 0, -room, 0), label or "No label")

    def _picture(self, painter: QPainter, box: QRect, face: Face, image: QImage | None) -> None:
        room = self._room(box)
        if image is not None and not image.isNull():
            self._scaled.draw_marked(painter, room, image, see_through=True)
        else:
            painter.fillRect(room, QColor(theme.current().sunken))
        if face.heading:
            self._heading(painter, room, face.heading)
        if note := face.alarm or face.marks or face.said:
            self._note(painter, room, note, loud=bool(face.alarm))

    def _heading(self, painter: QPainter, room: QRect, words: str) -> None:
        colours = theme.current()
        painter.setFont(font("name"))
        wide = min(room.width(), painter.fontMetrics().horizontalAdvance(words) + 14)
        tag = QRect(room.left(), room.top(), wide, 20)
        painter.fillRect(tag, QColor(colours.accent))
        painter.setPen(QColor(colours.accent_text))
        write(painter, tag.adjusted(7, 0, -4, 0), words)

    def _note(self, painter: QPainter, room: QRect, note: str, *, loud: bool) -> None:
        colours = theme.current()
        line = QRect(room.left(), room.bottom() - 17, room.width(), 18)
        painter.fillRect(line, QColor(colours.minor.background if loud else colours.surface))
        painter.setPen(QColor(colours.minor.text if loud else colours.text))
        painter.setFont(font("small"))
        write(painter, line.adjusted(6, 0, -6, 0), note)

    def _frame(self, painter: QPainter, box: QRect, face: Face, selected: bool) -> None:
        colours = theme.current()
        colour = face.colour if face.label else colours.hair
        outline(painter, box, colours.accent if selected else colour, 2 if selected else 1)

    def _room(self, box: QRect) -> QRect:
        return QRect(box.left() + 2, box.top() + _HEAD, box.width() - 4, self.width * 3 // 4)

    def _height(self) -> int:
        return _HEAD + self.width * 3 // 4 + 3
