"""Pictures from our own SVG paths, in any colour and size; the folder is named once by the program."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui import theme
from ui.states import BADGES, TileState, fill_of, line_of

# The files are valid drawings of their own; these three colours in them stand for ours.
_FILL, _LINE, _GLYPH = "#AAAAAA", "#111111", "#EEEEEE"
_folders: list[Path] = []


def read_from(folder: Path) -> None:
    """Take all icons from ``folder`` (with the badges in ``folder/badges``)."""
    _folders[:] = [folder]
    _drawing.cache_clear()
    pixmap.cache_clear()


def file_of(name: str) -> Path:
    """The SVG file of an icon ("run") or a badge ("badges/major")."""
    return _folders[0] / f"{name}.svg"


@lru_cache(maxsize=256)
def _drawing(name: str, fill: str, line: str, glyph: str) -> QSvgRenderer:
    text = file_of(name).read_text(encoding="utf-8")
    for placeholder, colour in ((_FILL, fill), (_LINE, line), (_GLYPH, glyph)):
        text = text.replace(placeholder, colour)
    return QSvgRenderer(QByteArray(text.encode()))


@lru_cache(maxsize=256)
def pixmap(name: str, line: str, size: int, ratio: float = 1.0, fill: str = "none") -> QPixmap:
    """A one-coloured icon, ``size`` px square, sharp at the device ``ratio``."""
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    _drawing(name, fill, line, line).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return made


def icon(name: str, line: str, size: int = 20) -> QIcon:
    """The same as a QIcon that stays sharp at 100, 200 and 300 %."""
    made = QIcon()
    for ratio in (1.0, 2.0, 3.0):
        made.addPixmap(pixmap(name, line, size, ratio))
    return made


def paint_badge(painter: QPainter, box: QRectF, state: TileState, *, on_fill: bool = False) -> None:
    """Draw the shape of ``state`` into ``box``; ``on_fill``: it stands on the state's own fill."""
    name = BADGES[state]
    if not name:
        return
    colours = theme.current()
    fill = fill_of(state, colours)
    if fill is None:
        line = line_of(state, colours)
        _drawing(f"badges/{name}", "none", line, line).render(painter, box)
        return
    edge = fill.text if on_fill else colours.text
    _drawing(f"badges/{name}", fill.background, edge, fill.text).render(painter, box)


def paint_outline(painter: QPainter, box: QRectF, name: str) -> None:
    """The outer line of a drawing alone: what is filled in it, and what stands inside, is left out."""
    _drawing(name, "none", theme.current().text, "none").render(painter, box)


def paint_mark(painter: QPainter, box: QRectF, mark: str) -> None:
    """Draw what was done about an alarm ("seen", "shelved")."""
    colours = theme.current()
    _drawing(f"marks/{mark}", colours.surface, colours.text, colours.text).render(painter, box)


def badge_pixmap(state: TileState, size: int, ratio: float, *, on_fill: bool = False) -> QPixmap:
    """A badge for a label or a button."""
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    paint_badge(painter, QRectF(0, 0, size, size), state, on_fill=on_fill)
    painter.end()
    return made
