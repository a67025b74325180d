"""What a person may change about this desktop: theme, size of the tiles, and the server."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal, SignalInstance
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.parts import Card, FactRows, label

_THEMES = (("Follow the system", "system"), ("Light", "light"), ("Dark", "dark"))
_SIZES = (("Fit: all plots at once", "fit"), ("Small", "S"), ("Medium", "M"), ("Large", "L"))


class SettingsPage(QWidget):
    """Every change takes effect at once; there is nothing to apply."""

    theme_changed = Signal(str)
    size_changed = Signal(str)
    connection_wanted = Signal()
    administration_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.connection = FactRows()
        self._themes = _Choice("Theme", _THEMES, self.theme_changed)
        self._sizes = _Choice("Size of the plots", _SIZES, self.size_changed)
        server, change = Card("Connection"), QPushButton("Change connection")
        change.clicked.connect(self.connection_wanted)
        server.body.addWidget(self.connection)
        row = QHBoxLayout()
        row.addWidget(change)
        people = QPushButton("People, roles and changes")
        people.clicked.connect(self.administration_wanted)
        row.addWidget(people)
        row.addStretch(1)
        server.body.addLayout(row)
        inside, area, outer = QWidget(), QScrollArea(), QVBoxLayout(self)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addWidget(label("Settings", "section"))
        for card in (self._themes, self._sizes, server):
            card.setMaximumWidth(640)
            column.addWidget(card)
        column.addStretch(1)
        self._column = column

    def add_card(self, card: Card) -> None:
        """One more subject, below the others."""
        card.setMaximumWidth(640)
        self._column.insertWidget(self._column.count() - 1, card)

    def choose_theme(self, theme: str) -> None:
        """Mark "system", "light" or "dark"."""
        self._themes.choose(theme)

    def choose_size(self, size: str) -> None:
        """Mark "fit", "S", "M" or "L"."""
        self._sizes.choose(size)


class _Choice(Card):
    def __init__(
        self, title: str, options: tuple[tuple[str, str], ...], changed: SignalInstance
    ) -> None:
        super().__init__(title)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QRadioButton] = {}
        self._changed = changed
        row = QHBoxLayout()
        row.setSpacing(20)
        for word, key in options:
            button = self._buttons[key] = QRadioButton(word)
            button.setObjectName(key)
            self._group.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        self.body.addLayout(row)
        self._group.buttonClicked.connect(self._tell)

    def choose(self, key: str) -> None:
        """Mark one without telling anybody."""
        with QSignalBlocker(self._group):
            if key in self._buttons:
                self._buttons[key].setChecked(True)
                return
            # One of its own, chosen elsewhere: none of ours is in force.
            self._group.setExclusive(False)
            for button in self._buttons.values():
                button.setChecked(False)
            self._group.setExclusive(True)

    def _tell(self, button: QRadioButton) -> None:
        self._changed.emit(button.objectName())
