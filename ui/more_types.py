"""A menu of things that are shown along with the chosen one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QWidget


class MoreTypes(QPushButton):
    """Ticks beside names; the button says how many."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self.setAccessibleName("Other plot types that are shown too")
        self.setToolTip(
            "Show several plot types in one queue, with the classes that all of them have"
        )
        self._say()

    def offer(self, kinds: Sequence[tuple[int, str]]) -> None:
        """What may be shown too (id, name); ticks stay where they can."""
        ticked = set(self.chosen())
        self._menu.clear()
        for number, name in kinds:
            action = QAction(name, self._menu, checkable=True, checked=number in ticked)
            action.setData(number)
            action.toggled.connect(self._ticked)
            self._menu.addAction(action)
        self.setVisible(bool(kinds))
        self._say()

    def chosen(self) -> tuple[int, ...]:
        """The ids of what is ticked, in the order of the menu."""
        return tuple(action.data() for action in self._menu.actions() if action.isChecked())

    def _ticked(self, _on: bool) -> None:
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        many = len(self.chosen())
        self.setText(f"and {many} more" if many else "Several plot types")
