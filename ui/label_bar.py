""" "Is the AI wrong?": one button for each class, with its key, for those who may label."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QWidget

from ui.parts import Card, label

KEYS = "123456789"


class LabelBar(Card):
    """Hidden for those who may not; says what label the picture has and whether one still waits."""

    chosen = Signal(str)  # class

    def __init__(self, parent: QWidget | None = None, *, per_row: int = 9) -> None:
        super().__init__("Is the AI wrong?", parent)
        self._per_row = per_row
        self.said = label("Your label teaches it.", "small", kind="muted")
        self.said.setWordWrap(True)
        self._buttons: list[QPushButton] = []
        self._names: tuple[str, ...] = ()
        self._holder = QWidget()
        self._row = QGridLayout(self._holder)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(12)
        self.body.removeWidget(self.title)
        head.addWidget(self.title)
        head.addWidget(self.said, 1)
        self.body.addLayout(head)
        self.body.addWidget(self._holder)
        self.hide()

    def show_classes(self, names: Sequence[str]) -> None:
        """The classes that may be given, in the order of their keys; none hides the bar."""
        self.setVisible(bool(names))
        if tuple(names) == self._names:
            return
        self._names = tuple(names)
        for button in self._buttons:
            button.setParent(None)  # at once: a deletion waits for the event loop
            button.deleteLater()
        self._buttons = []
        for place, name in enumerate(self._names):
            key = f"{KEYS[place]}  " if place < len(KEYS) else ""
            button = QPushButton(f"{key}{name}")
            button.setAccessibleName(f"Label it {name}")
            button.clicked.connect(lambda _on=False, chosen=name: self.chosen.emit(chosen))
            self._row.addWidget(button, place // self._per_row, place % self._per_row)
            self._buttons.append(button)

    def press(self, number: int) -> None:
        """The key ``number`` (from 1)."""
        if self.isVisible() and number <= len(self._names):
            self.chosen.emit(self._names[number - 1])

    def show_said(self, sentence: str) -> None:
        """What became of the label."""
        self.said.setText(sentence)
