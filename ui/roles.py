"""What a view of plots may ask its model, beyond Qt's own roles."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import Qt

from ui.alarm_marks import AlarmSign
from ui.states import TileState


@dataclass(frozen=True, slots=True)
class ScoreBar:
    """One class in a bar chart: how sure, and how sure it must be (both 0..1)."""

    name: str
    confidence: float
    threshold: float
    severity: str = "neutral"
    colour: str = ""  # the site's own "#RRGGBB", or empty


@dataclass(frozen=True, slots=True)
class Fold:
    """A group that stands as one tile: its worst plot, and how many are in which state."""

    group: str
    plots: int
    worst: TileState
    sign: AlarmSign | None
    counts: tuple[tuple[TileState, int, str], ...]  # state, number, word; the worst first


class Role(IntEnum):
    """Item roles of the plots model; the types are those of the answers."""

    NAME = Qt.ItemDataRole.UserRole + 1  # str
    STATE = Qt.ItemDataRole.UserRole + 2  # TileState
    VERDICT = Qt.ItemDataRole.UserRole + 3  # str: "Good 99 %", "Bad? 58 %", "Old, 4 min"
    LABEL = Qt.ItemDataRole.UserRole + 4  # str: "Bad"
    AGE = Qt.ItemDataRole.UserRole + 5  # str: "14 s"
    IMAGE = Qt.ItemDataRole.UserRole + 6  # QImage | None
    GROUP = Qt.ItemDataRole.UserRole + 7  # str
    SCORES = Qt.ItemDataRole.UserRole + 8  # tuple[ScoreBar, ...]
    FACTS = Qt.ItemDataRole.UserRole + 9  # tuple[tuple[str, str], ...]: name and value
    GUIDANCE = Qt.ItemDataRole.UserRole + 10  # str: what to do
    ROW = Qt.ItemDataRole.UserRole + 11  # the model's own row, a plain value
    STRIP = Qt.ItemDataRole.UserRole + 13  # tuple[TileState, ...]: the last verdicts, oldest first
    ANOMALY = Qt.ItemDataRole.UserRole + 14  # float | None: 1.0 = the limit
    HEAT = Qt.ItemDataRole.UserRole + 15  # QImage | None: where the model looked, grey
    REPLAY = Qt.ItemDataRole.UserRole + 19  # bool: not live
    SIGN = Qt.ItemDataRole.UserRole + 16  # AlarmSign | None: how its alarm stands
    CHUNK = Qt.ItemDataRole.UserRole + 17  # str: "92317.8"
    TIME = Qt.ItemDataRole.UserRole + 18  # str: "08:12:34", when the picture was made
    FOLD = Qt.ItemDataRole.UserRole + 20  # Fold | None: the tile stands for a group
    MASKS = Qt.ItemDataRole.UserRole + 21  # tuple[QRectF, ...]: areas left out, in fractions
    HIDDEN = Qt.ItemDataRole.UserRole + 12  # bool
