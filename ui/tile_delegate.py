"""Paints one plot of the grid: head, picture, foot, with badge, word and frame by state."""

from __future__ import annotations

from PySide6.QtCore import (
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui import icons, theme
from ui.alarm_marks import AlarmMark, AlarmSign, head_of, is_outlined, paint_sign
from ui.fold_tile import paint_fold
from ui.hatch import paint_masks
from ui.painting import Index, outline, rounded_top, underline, write
from ui.pixmap_cache import PixmapCache
from ui.replay_mark import paint_replay
from ui.roles import Role, ScoreBar
from ui.states import TileState, frame_of
from ui.strip import HEIGHT, paint_strip
from ui.tile_metrics import SMALL, TileMetrics
from ui.tokens import Theme
from ui.type_scale import sized

SHOW_IN_LANE = "Show in the bad lane"
_PAD = 8
# Their badge stands in the foot: they call nobody.
_QUIET = (
    TileState.GOOD, TileState.MASKED, TileState.NEUTRAL, TileState.UNCONFIRMED, TileState.IGNORED,
)  # fmt: skip


class TileDelegate(QStyledItemDelegate):
    """Asks the model for roles only, and keeps scaled pictures so that a repaint is cheap."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.metrics: TileMetrics = SMALL
        self.link_lost = False
        self.bad_pictures = False  # whether a bad plot keeps its picture: there is no lane beside
        self._scaled = PixmapCache(600)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(*self.metrics.cell)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        box = QRect(option.rect.topLeft(), QSize(self.metrics.width, self.metrics.height))
        colours = theme.current()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if (fold := index.data(Role.FOLD)) is not None:
            paint_fold(painter, box, fold, self.metrics)
        else:
            self._plot(painter, box, option, index)
        if option.state & QStyle.StateFlag.State_HasFocus:
            outline(painter, box, colours.focus, 3)
        painter.restore()

    # ------------------------------------------------------------ parts

    def _plot(
        self, painter: QPainter, box: QRect, option: QStyleOptionViewItem, index: Index
    ) -> None:
        state, colours = TileState(index.data(Role.STATE)), theme.current()
        self._card(painter, box, state, index.data(Role.SIGN), colours)
        self._head(painter, box, index, state, colours)
        self._middle(painter, box, option, index, state)
        self._foot(painter, box, index, state, colours)
        if index.data(Role.REPLAY):
            paint_replay(painter, self.picture_room(box), self.metrics.foot_pt)

    def _card(
        self,
        painter: QPainter,
        box: QRect,
        state: TileState,
        sign: AlarmSign | None,
        colours: Theme,
    ) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.surface))
        painter.drawRoundedRect(box, 6, 6)
        if (fill := head_of(state, sign, colours)) is not None:
            painter.fillPath(rounded_top(box, self.metrics.head), QColor(fill.background))
        outline(painter, box, *frame_of(state, colours))
        if sign is not None and is_outlined(state, sign, colours):
            colour, width = frame_of(sign.shape, colours)
            underline(painter, box, self.metrics.head, colour, width)

    def _head(
        self, painter: QPainter, box: QRect, index: Index, state: TileState, colours: Theme
    ) -> None:
        sign: AlarmSign | None = index.data(Role.SIGN)
        fill = head_of(state, sign, colours)
        row = QRect(box.left() + _PAD, box.top(), box.width() - 2 * _PAD, self.metrics.head)
        side = self.metrics.badge
        badge = QRectF(row.left(), row.top() + (row.height() - side) / 2, side, side)
        if sign is not None and (sign.mark or is_outlined(state, sign, colours)):
            paint_sign(painter, badge, sign)
            row.setLeft(row.left() + side + 10)
        elif fill is not None:
            icons.paint_badge(painter, badge, state, on_fill=True)
            row.setLeft(row.left() + side + 7)
        painter.setFont(sized(self.metrics.name_pt, QFont.Weight.DemiBold))
        painter.setPen(QColor(fill.text if fill else colours.text))
        name = index.data(Role.NAME)
        write(painter, row, name)
        left = row.width() - painter.fontMetrics().horizontalAdvance(name) - 12
        painter.setFont(sized(9))
        painter.setPen(QColor(fill.text if fill else colours.muted))
        write(painter, row, _moment(painter, index, left), Qt.AlignmentFlag.AlignRight)

    def _middle(
        self,
        painter: QPainter,
        box: QRect,
        option: QStyleOptionViewItem,
        index: Index,
        state: TileState,
    ) -> None:
        room = self.picture_room(box)
        if state is TileState.MAJOR and not self.bad_pictures:
            _placeholder(painter, room, index.data(Role.LABEL), index.data(Role.SIGN))
            return
        image = index.data(Role.IMAGE)
        if image is None or image.isNull():
            _no_picture(painter, room, state)
        else:
            painter.setOpacity(self._opacity(state, option))
            place = self._scaled.draw(painter, room, image)
            painter.setOpacity(1.0)
            paint_masks(painter, place, index.data(Role.MASKS) or ())
        if self.metrics.bar and index.data(Role.SCORES):
            bar = QRectF(room.left(), room.bottom() + 4, room.width(), 5)
            threshold_bar(painter, bar, index.data(Role.SCORES)[0])
        below = box.bottom() - self.metrics.foot - HEIGHT + 1
        paint_strip(
            painter, QRectF(room.left(), below, room.width(), HEIGHT), index.data(Role.STRIP) or ()
        )

    def _foot(
        self, painter: QPainter, box: QRect, index: Index, state: TileState, colours: Theme
    ) -> None:
        foot = self.metrics.foot
        row = QRect(box.left() + _PAD, box.bottom() - foot, box.width() - 2 * _PAD, foot)
        painter.setFont(sized(self.metrics.foot_pt))
        painter.setPen(QColor(colours.muted))
        age = index.data(Role.AGE)
        width = painter.fontMetrics().horizontalAdvance(age) if age else 0
        write(painter, row, age, Qt.AlignmentFlag.AlignRight)
        row.setRight(row.right() - width - 6)
        wide = (
            painter.fontMetrics().horizontalAdvance(index.data(Role.VERDICT)) + self.metrics.badge
        )
        _strangeness(painter, row, index.data(Role.ANOMALY), wide, colours)
        if state in _QUIET:
            side = self.metrics.badge - 5
            top = row.top() + (row.height() - side) / 2
            icons.paint_badge(painter, QRectF(row.left(), top, side, side), state)
            row.setLeft(row.left() + side + 5)
        calm = state in (TileState.GOOD, TileState.IGNORED)
        painter.setPen(QColor(colours.muted if calm else colours.text))
        write(painter, row, index.data(Role.VERDICT))

    def picture_room(self, box: QRect) -> QRect:
        """Where the picture goes in the tile ``box``."""
        m = self.metrics
        return QRect(box.left() + 6, box.top() + m.head + 2, box.width() - 12, m.picture - 4)

    def link_hit(self, tile: QRect, at: QPoint) -> bool:
        """Whether ``at`` lies on the link of a bad plot's empty place."""
        return self.picture_room(
            QRect(tile.topLeft(), QSize(self.metrics.width, self.metrics.height))
        ).contains(at)

    def _opacity(self, state: TileState, option: QStyleOptionViewItem) -> float:
        if self.link_lost or state in (TileState.STALE, TileState.IGNORED):
            return 0.5
        hover = bool(option.state & QStyle.StateFlag.State_MouseOver)
        return 1.0 if hover else theme.current().picture_opacity


def _moment(painter: QPainter, index: Index, room: int) -> str:
    """Run, chunk and time of the picture, or as much of it as ``room`` px hold."""
    chunk, at = index.data(Role.CHUNK), index.data(Role.TIME)
    metrics = painter.fontMetrics()
    fitting = (
        text for text in (f"{chunk}  {at}", chunk) if metrics.horizontalAdvance(text) <= room
    )
    return next(fitting, "")


def _strangeness(
    painter: QPainter, row: QRect, anomaly: float | None, wide: int, colours: Theme
) -> None:
    """The mark of a picture that is unlike anything Good; takes from ``row`` what the verdict,
    ``wide`` px, leaves, and is only the sign where that is little.
    """
    if anomaly is None or anomaly < 1:
        return
    words = f"≠ {anomaly:.1f}×"
    usual = painter.font()
    strong = QFont(usual)
    strong.setWeight(QFont.Weight.DemiBold)
    painter.setFont(strong)
    painter.setPen(QColor(colours.text))
    if row.width() - painter.fontMetrics().horizontalAdvance(words) - 6 < wide:
        words = "≠"
    write(painter, row, words, Qt.AlignmentFlag.AlignRight)
    row.setRight(row.right() - painter.fontMetrics().horizontalAdvance(words) - 6)
    painter.setFont(usual)


def threshold_bar(painter: QPainter, bar: QRectF, score: ScoreBar) -> None:
    """How sure the top class is, and the tick it has to pass."""
    colours = theme.current()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.sunken))
    painter.drawRect(bar)
    painter.setBrush(QColor(colours.border))
    painter.drawRect(QRectF(bar.left(), bar.top(), bar.width() * score.confidence, bar.height()))
    painter.setBrush(QColor(colours.text))
    x = bar.left() + bar.width() * score.threshold
    painter.drawRect(QRectF(x - 1, bar.top() - 1, 2, bar.height() + 2))


def _placeholder(painter: QPainter, room: QRect, label: str, sign: AlarmSign | None) -> None:
    colours = theme.current()
    side = min(50, room.height() // 3)
    middle = room.center()
    top = middle.y() - side - 2
    badge = QRectF(middle.x() - side / 2, top, side, side)
    paint_sign(painter, badge, sign or AlarmSign(AlarmMark.CALLS, TileState.MAJOR))
    painter.setPen(QColor(colours.text))
    painter.setFont(sized(10, QFont.Weight.DemiBold))
    line = painter.fontMetrics().height()
    row = QRect(room.left(), top + side + 10, room.width(), line)
    write(painter, row, label, Qt.AlignmentFlag.AlignHCenter)
    link = sized(9.5)
    link.setUnderline(True)
    painter.setFont(link)
    painter.setPen(QColor(colours.accent))
    write(painter, row.translated(0, line + 4), SHOW_IN_LANE, Qt.AlignmentFlag.AlignHCenter)


def _no_picture(painter: QPainter, room: QRect, state: TileState) -> None:
    colours = theme.current()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.sunken))
    painter.drawRect(room)
    painter.setPen(QColor(colours.muted))
    painter.setFont(sized(9))
    word = "No plot yet" if state is TileState.EMPTY else "Loading the picture"
    write(painter, room, word, Qt.AlignmentFlag.AlignHCenter)
