"""What a view of pictures that want a label may ask its model, beyond Qt's own roles."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from PySide6.QtCore import Qt


class Standing(StrEnum):
    """How far a label has come."""

    NONE = "none"
    WAITS = "waits"  # on this station only
    SAVED = "saved"  # in the database
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Brush:
    """A class of the palette: what is shown on its button and painted on tiles."""

    name: str
    key: str
    severity: str = "neutral"
    colour: str = ""
    description: str = ""
    labelled: int = 0
    teaches: bool = True


@dataclass(frozen=True, slots=True)
class Face:
    """All that a tile shows besides its picture; tiles of equal faces look alike."""

    title: str  # "92317.8"
    label: str  # empty: none
    standing: Standing
    colour: str  # "#RRGGBB" of the label's class
    said: str  # what the model said, empty while hidden
    marks: str = ""  # "not sure", "flagged", "pinned to training" ...
    alarm: str = ""  # somebody else changed it under your hands
    heading: str = ""  # of the group that begins here: "Run 92317"
    shaded: bool = False  # of every second group


class LabelRole(IntEnum):
    """Item roles of the labeler's model; the types are those of the answers."""

    TITLE = Qt.ItemDataRole.UserRole + 1  # str: "92317.8"
    LABEL = Qt.ItemDataRole.UserRole + 2  # str, empty: none
    STANDING = Qt.ItemDataRole.UserRole + 3  # Standing
    IMAGE = Qt.ItemDataRole.UserRole + 4  # QImage | None
    SAID = Qt.ItemDataRole.UserRole + 5  # str: what the model said, empty while hidden
    MARKS = Qt.ItemDataRole.UserRole + 6  # str: "not sure", "flagged", "pinned to training" ...
    WHY = Qt.ItemDataRole.UserRole + 7  # str
    COLOUR = Qt.ItemDataRole.UserRole + 8  # str "#RRGGBB" of the label's class
    PICTURE_ID = Qt.ItemDataRole.UserRole + 9  # int
    HASH = Qt.ItemDataRole.UserRole + 10  # str
    FACE = Qt.ItemDataRole.UserRole + 12  # Face: in one call, since a screenful asks often
    ALARM = Qt.ItemDataRole.UserRole + 11  # str: somebody else changed it under your hands
