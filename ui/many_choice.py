"""A button that offers words to choose from, as many as wanted; none chosen is all of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QMenu, QPushButton, QWidgetAction


class ManyChoice(QPushButton):
    """Says what is chosen; its menu stays open while boxes are ticked."""

    changed = Signal()  # by the user

    def __init__(self, every: str, noun: str) -> None:
        super().__init__()
        self._every, self._noun = every, noun
        self._boxes: dict[str, QCheckBox] = {}
        self._offered: tuple[str, ...] = ()
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self.setAccessibleName(noun.capitalize())
        self._say()

    def words(self) -> tuple[str, ...]:
        """What can be chosen."""
        return tuple(self._boxes)

    def chosen(self) -> tuple[str, ...]:
        """What is chosen; empty: everything."""
        return tuple(word for word, box in self._boxes.items() if box.isChecked())

    def offer(self, words: Sequence[str]) -> None:
        """Replace what can be chosen; a choice that was made stays."""
        chosen = self.chosen()
        if self._offered == tuple(words):  # an open menu keeps its boxes
            return
        self._offered = tuple(words)
        self._menu.clear()
        self._boxes = {}
        for word in (*words, *(each for each in chosen if each not in words)):
            self._add(word, checked=word in chosen)
        self._say()

    def choose(self, words: Sequence[str]) -> None:
        """Choose just these; a word that is no choice here becomes one."""
        for word in words:
            if word not in self._boxes:
                self._add(word, checked=False)
        for word, box in self._boxes.items():
            with QSignalBlocker(box):
                box.setChecked(word in words)
        self._say()

    def tick(self, word: str) -> None:
        """As if a person clicked it."""
        self._boxes[word].click()

    def _add(self, word: str, *, checked: bool) -> None:
        box = QCheckBox(word)
        box.setChecked(checked)
        box.toggled.connect(self._toggled)
        action = QWidgetAction(self._menu)
        action.setDefaultWidget(box)
        self._menu.addAction(action)
        self._boxes[word] = box

    def _toggled(self) -> None:
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        chosen = self.chosen()
        few = ", ".join(chosen) if len(chosen) <= 2 else f"{len(chosen)} {self._noun}"
        self.setText(few if chosen else self._every)
        self.setEnabled(bool(self._boxes))
