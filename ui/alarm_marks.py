"""What was done about an alarm, as a mark on its badge: the shape says how bad, the mark what was done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from ui import icons, theme
from ui.states import BADGES, TileState, fill_of
from ui.tokens import Fill, Theme


class AlarmMark(StrEnum):
    """The value is the name of the drawing."""

    CALLS = ""  # nobody has acknowledged: the badge by itself, filled
    SEEN = "seen"
    RETURNED = "returned"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out_of_service"


@dataclass(frozen=True, slots=True)
class AlarmSign:
    """How the alarm of a plot stands. ``shape``: how bad it is, or was; ``words`` for people.

    ``by``: who did what about it, when and why, as a sentence; empty: nobody has yet.
    """

    mark: AlarmMark
    shape: TileState
    words: str = ""
    by: str = ""


WORDS = {
    AlarmMark.CALLS: "not acknowledged",
    AlarmMark.SEEN: "acknowledged",
    AlarmMark.RETURNED: "good again, not acknowledged",
    AlarmMark.SHELVED: "shelved",
    AlarmMark.SUPPRESSED: "suppressed by design",
    AlarmMark.OUT_OF_SERVICE: "out of service",
}
_CALM = (TileState.GOOD, TileState.NEUTRAL)
_ASIDE = (AlarmMark.SHELVED, AlarmMark.SUPPRESSED, AlarmMark.OUT_OF_SERVICE)


def head_of(state: TileState, sign: AlarmSign | None, colours: Theme) -> Fill | None:
    """The filled head of a tile: in the state's colour while it calls, muted where it was set aside,
    and none (an outline) where somebody has seen it or it is over.
    """
    if sign is None or sign.mark is AlarmMark.CALLS:
        return fill_of(state, colours)
    return Fill(colours.sunken, colours.muted) if sign.mark in _ASIDE else None


def is_outlined(state: TileState, sign: AlarmSign | None, colours: Theme) -> bool:
    """Whether the head is an outline in place of a fill: also where an alarm outlasts its verdict."""
    if sign is None or sign.mark in _ASIDE:
        return False
    return sign.mark is not AlarmMark.CALLS or (
        fill_of(state, colours) is None and fill_of(sign.shape, colours) is not None
    )


def told(verdict: str, state: TileState, sign: AlarmSign) -> str:
    """The line of a tile. What is well says what its alarm is, in place of how sure the model is."""
    calm = state in _CALM
    if sign.mark is AlarmMark.CALLS and calm and not sign.words:
        return f"{verdict}, still calls"
    if calm and sign.mark is AlarmMark.RETURNED:
        return f"{sign.words.capitalize()}, good again"
    if calm and sign.mark in _ASIDE:
        return sign.words.capitalize()
    return f"{verdict}, {sign.words}" if sign.words else verdict


def paint_sign(painter: QPainter, box: QRectF, sign: AlarmSign) -> None:
    """A badge with its mark, for any ground but the state's own fill.

    Seen: the filled shape with a tick in its corner, which stands out of ``box`` a little. Else the
    outline of the shape around the mark.
    """
    if sign.mark in (AlarmMark.CALLS, AlarmMark.SEEN):
        icons.paint_badge(painter, box, sign.shape)
    if sign.mark is AlarmMark.SEEN:
        side = 0.68 * box.width()
        corner = QRectF(box.right() - 0.5 * side, box.bottom() - 0.62 * side, side, side)
        icons.paint_mark(painter, corner, "seen")
    elif sign.mark is not AlarmMark.CALLS:
        _outlined(painter, box, sign)


def _outlined(painter: QPainter, box: QRectF, sign: AlarmSign) -> None:
    filled = fill_of(sign.shape, theme.current()) is not None
    name = f"badges/{BADGES[sign.shape]}" if filled else "marks/plain"
    icons.paint_outline(painter, box, name)
    inset = 0.22 * box.width()
    low = 0.1 * box.height() if sign.shape is TileState.MINOR else 0.0  # a triangle is wide below
    icons.paint_mark(painter, box.adjusted(inset, inset + low, -inset, -inset + low), sign.mark)
