"""The keys, the badges and what they mean, and what this program is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.parts import BadgeLabel, Card, FactRows, label
from ui.states import TileState

_KEYS = (
    ("Run, Label, Library, Log", "Ctrl+1, Ctrl+2, Ctrl+3, Ctrl+4"),
    ("History, Training, Status", "Ctrl+5, Ctrl+6, Ctrl+7"),
    ("Settings, Help", "Ctrl+8, Ctrl+9"),
    ("Open the plot in full", "Enter or click"),
    ("Back one step", "Esc"),
    ("Earlier picture, later picture, newest", "Left, Right, End"),
    ("Plot before, plot after", "Page Up, Page Down"),
    ("Where the model looked, weaker, stronger", "G, [, ]"),
    ("Compare with the last Good picture", "R"),
    ("Label the picture", "1 to 9"),
    ("Menu of a plot", "Menu key or right click"),
    ("Move a plot", "Drag, or Ctrl+Shift+Left, Right"),
    ("Hide a plot, put it into a group", "Ctrl+H, Ctrl+G"),
    ("Mask an area, all masks", "Ctrl+M, Ctrl+Shift+M"),
    ("Larger and smaller plots", "Ctrl+wheel, Ctrl++, Ctrl+−"),
    ("Wider and narrower bad lane", "Ctrl+., Ctrl+,"),
    ("Zoom the picture, move it, show it whole", "+ and −, Shift+arrows, 0"),
    ("Alarms", "Ctrl+0"),
    ("Acknowledge, shelve", "Ctrl+K, Ctrl+Shift+K"),
    ("Go to the alarm window", "F6"),
    ("In it: show, mute, move, minimise", "Enter, M, Alt+arrows, Esc"),
    ("Filter by name", "Ctrl+F"),
    ("Ask the server for everything again", "F5"),
    ("Wall: full screen, pages turn by themselves", "F11"),
    ("Replay a past run", "Ctrl+R"),
    ("In it: play or pause, one picture on", "Ctrl+Space, Ctrl+Shift+Space"),
    ("Another run window, close it", "Ctrl+N, Ctrl+W"),
    ("Quit", "Ctrl+Q"),
)
_BADGES = (
    (TileState.GOOD, "Good", "The model is sure enough. Nothing to do."),
    (
        TileState.MASKED,
        "Good, masked",
        "Good but for a known problem area, which is hatched and not judged.",
    ),
    (TileState.NEUTRAL, "NoData", "Neither good nor bad: no data, a calibration."),
    (
        TileState.UNCONFIRMED,
        "Good?",
        "It looks good, but the model is less sure than it should be.",
    ),
    (TileState.MINOR, "To look at", "It may be bad. Open it and judge for yourself."),
    (TileState.MAJOR, "Bad", "The model is sure that it is bad. It stands in the bad lane."),
    (TileState.INVALID, "No model", "Nothing has learned this plot yet, so it is not judged."),
    (TileState.STALE, "Old", "A new picture is overdue. What you see is old."),
    (TileState.IGNORED, "Ignored", "Switched off by the maintainer. It calls nobody."),
)


class HelpPage(QWidget):
    """Static, but for the version."""

    def __init__(self, version: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        keys, rows = Card("Keys"), FactRows()
        rows.show_facts(_KEYS)
        keys.body.addWidget(rows)
        about = Card("About")
        words = label(
            f"Hydra {version}. It looks at every monitoring plot, says what it sees and how sure it "
            "is, and calls when something broke. It aids the people on shift; it does not replace "
            "them. Licence: Apache 2.0."
        )
        words.setWordWrap(True)
        about.body.addWidget(words)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addWidget(label("Help", "section"))
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(_badges(), 1, Qt.AlignmentFlag.AlignTop)
        row.addWidget(keys, 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        column.addWidget(about)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)


def _badges() -> Card:
    card, grid = Card("What the badges mean"), QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(10)
    grid.setColumnStretch(2, 1)
    for row, (state, word, meaning) in enumerate(_BADGES):
        grid.addWidget(BadgeLabel(state, 24), row, 0)
        grid.addWidget(label(word, "name"), row, 1)
        text = label(meaning)
        text.setWordWrap(True)
        grid.addWidget(text, row, 2)
    card.body.addLayout(grid)
    return card
