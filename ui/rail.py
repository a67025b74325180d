"""The rail on the left: one button per page, always with its word."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ui.parts import IconFollower, IconLabel, label
from ui.type_scale import font, sized


@dataclass(frozen=True, slots=True)
class RailItem:
    """One page: its key, its word, its icon, its shortcut, and whether it stands at the bottom."""

    key: str
    word: str
    shortcut: str
    low: bool = False


_SHORT = 7  # letters; more are cut off at the ends in a wide font


class Rail(QFrame):
    """Exactly one page is chosen at any time."""

    chosen = Signal(str)

    def __init__(self, items: tuple[RailItem, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "rail")
        self.setFixedWidth(76)
        self._group = QButtonGroup(self)
        self._items = {item.key: item for item in items}
        self._buttons = {item.key: self._button(item) for item in items}
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 8, 4, 8)
        column.setSpacing(6)
        column.addWidget(IconLabel("hydra", 34, "accent"), 0, Qt.AlignmentFlag.AlignHCenter)
        word = label("HYDRA")
        word.setFont(sized(8, font("name").weight()))
        column.addWidget(word, 0, Qt.AlignmentFlag.AlignHCenter)
        for item in items:
            if not item.low:
                column.addWidget(self._buttons[item.key])
        column.addStretch(1)
        for item in items:
            if item.low:
                column.addWidget(self._buttons[item.key])

    def choose(self, key: str) -> None:
        """Mark the page ``key`` as the current one."""
        if key in self._buttons:
            self._buttons[key].setChecked(True)

    def show_number(self, key: str, number: str, words: str) -> None:
        """Put a number beside a word, as it asks for work; ``words`` say of what. Empty: none."""
        button, item = self._buttons[key], self._items[key]
        text = f"{item.word} {number}".strip()
        button.setFont(font("small") if len(text) <= _SHORT else sized(8, font("small").weight()))
        button.setText(text)
        button.setAccessibleName(f"{item.word}, {words}" if words else item.word)
        tip = f"{item.word} ({item.shortcut})"
        button.setToolTip(f"{tip}: {words}" if words else tip)

    def _button(self, item: RailItem) -> QToolButton:
        made = QToolButton()
        made.setProperty("kind", "rail")
        made.setText(item.word)
        made.setFont(font("small"))
        made.setCheckable(True)
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        made.setToolTip(f"{item.word} ({item.shortcut})")
        made.setAccessibleName(item.word)
        made.setMinimumHeight(44)
        IconFollower(made, item.key, 22)
        self._group.addButton(made)
        made.clicked.connect(lambda: self.chosen.emit(item.key))
        return made
