"""The strip below the detail view: the chunks before and after, and the class confidences over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from ui import icons, theme
from ui.painting import outline, write
from ui.pixmap_cache import PixmapCache
from ui.states import TileState
from ui.tokens import class_colour
from ui.type_scale import sized

SHOWN = 7


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One chunk of the strip."""

    key: str  # what ``chosen`` says
    state: TileState
    words: str  # "Good 0.981"
    place: str  # ".8"
    spoken: str
    image: QImage | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One verdict of the trend: when, and how sure of each class."""

    at: datetime
    shares: tuple[tuple[str, str, float], ...]  # class, severity, confidence


class Strip(QWidget):
    """Seven chunks at most, the shown one framed."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cache = PixmapCache(40)
        self._tiles = [_Tile(self._cache) for _ in range(SHOWN)]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        for tile in self._tiles:
            row.addWidget(tile)
            tile.clicked.connect(lambda _on=False, t=tile: self.chosen.emit(t.key))

    def show_chunks(self, chunks: Sequence[Neighbour], current: str) -> None:
        """Show ``chunks`` (oldest first), the one with the key ``current`` framed."""
        for place, tile in enumerate(self._tiles):
            tile.show_chunk(chunks[place] if place < len(chunks) else None, current)


class _Tile(QAbstractButton):
    def __init__(self, cache: PixmapCache) -> None:
        super().__init__()
        self._cache = cache
        self._chunk: Neighbour | None = None
        self._framed = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_chunk(None, "")

    @property
    def key(self) -> str:
        return self._chunk.key if self._chunk else ""

    def show_chunk(self, chunk: Neighbour | None, current: str) -> None:
        self._chunk = chunk
        self._framed = chunk is not None and chunk.key == current
        self.setEnabled(chunk is not None)
        self.setAccessibleName(chunk.spoken if chunk else "No picture")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(150, 104)

    def minimumSizeHint(self) -> QSize:
        return QSize(84, 96)

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().adjusted(0, 0, -1, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.surface if self._chunk else colours.sunken))
        painter.drawRoundedRect(box, 6, 6)
        if self._chunk is None:
            return
        self._inside(painter, box, self._chunk)
        if self.hasFocus():
            outline(painter, box, colours.focus, 3)
        elif self._framed:
            outline(painter, box, colours.accent, 3)
        else:
            outline(painter, box, colours.hair, 1)

    def _inside(self, painter: QPainter, box: QRect, chunk: Neighbour) -> None:
        colours = theme.current()
        room = box.adjusted(6, 5, -6, -26)
        if chunk.image is not None and not chunk.image.isNull():
            painter.setOpacity(theme.current().picture_opacity)
            self._cache.draw_marked(painter, room, chunk.image)
            painter.setOpacity(1.0)
        foot = QRect(box.left() + 7, box.bottom() - 24, box.width() - 14, 22)
        icons.paint_badge(painter, QRectF(foot.left(), foot.top() + 4, 14, 14), chunk.state)
        painter.setFont(sized(9))
        painter.setPen(QColor(colours.muted))
        width = painter.fontMetrics().horizontalAdvance(chunk.place)
        write(painter, foot, chunk.place, Qt.AlignmentFlag.AlignRight)
        painter.setPen(QColor(colours.text))
        write(painter, foot.adjusted(19, 0, -width - 4, 0), chunk.words)


class Trend(QWidget):
    """Confidence of each class against time, the shown class's threshold dashed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: tuple[Point, ...] = ()
        self._at: datetime | None = None
        self._threshold: tuple[str, float] = ("", 0.0)
        self.setAccessibleName("How sure over time")
        self.setFixedHeight(84)

    def show_points(
        self, points: Sequence[Point], at: datetime | None, threshold: tuple[str, float]
    ) -> None:
        """``points`` oldest first; ``at``: the shown one; ``threshold``: a class and what it needs."""
        self._points, self._at, self._threshold = tuple(points), at, threshold
        self.setAccessibleDescription(f"{len(points)} verdicts")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(sized(9))
        area = QRectF(34, 6, self.width() - 46, self.height() - 28)
        self._axes(painter, area)
        if len(self._points) < 2:
            return
        first, last = self._points[0].at, self._points[-1].at
        span = max(1.0, (last - first).total_seconds())

        def x(at: datetime) -> float:
            return area.left() + area.width() * (at - first).total_seconds() / span

        self._limit(painter, area)
        for point in self._points:
            for name, severity, share in point.shares:
                y = area.bottom() - area.height() * share
                _mark(painter, QPointF(x(point.at), y), name, severity)
        if self._at is not None:
            painter.setPen(QPen(QColor(theme.current().accent), 2))
            painter.drawLine(QPointF(x(self._at), area.top()), QPointF(x(self._at), area.bottom()))
        self._times(painter, area, first, last)

    def _axes(self, painter: QPainter, area: QRectF) -> None:
        colours = theme.current()
        for share, word in ((0.0, "0"), (0.5, "0.5"), (1.0, "1")):
            y = area.bottom() - area.height() * share
            painter.setPen(QPen(QColor(colours.hair), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(colours.muted))
            write(painter, QRect(0, round(y) - 8, 28, 16), word, Qt.AlignmentFlag.AlignRight)

    def _limit(self, painter: QPainter, area: QRectF) -> None:
        name, value = self._threshold
        if not name:
            return
        y = area.bottom() - area.height() * value
        painter.setPen(QPen(QColor(theme.current().text), 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.drawText(QPointF(area.left() + 6, y - 3), f"{name} needs {value:.2f}")

    def _times(self, painter: QPainter, area: QRectF, first: datetime, last: datetime) -> None:
        painter.setPen(QColor(theme.current().muted))
        row = QRect(round(area.left()), round(area.bottom()) + 4, round(area.width()), 16)
        write(painter, row, first.astimezone().strftime("%H:%M"))
        write(painter, row, last.astimezone().strftime("%H:%M"), Qt.AlignmentFlag.AlignRight)


def _mark(painter: QPainter, at: QPointF, name: str, severity: str) -> None:
    """Class is colour and shape: round for good, square for bad, a diamond for the rest."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(class_colour(theme.current(), name, severity)))
    if severity == "good":
        painter.drawEllipse(at, 2.8, 2.8)
    elif severity == "bad":
        painter.drawRect(QRectF(at.x() - 2.5, at.y() - 2.5, 5, 5))
    else:
        corners = ((0, -3.4), (3.4, 0), (0, 3.4), (-3.4, 0))
        painter.drawPolygon([QPointF(at.x() + dx, at.y() + dy) for dx, dy in corners])
