"""What stands in the status line about alarms: how many wait, and whether this station can be heard."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QWidget

from ui.parts import BadgeLabel, IconFollower, label
from ui.states import TileState


class SoundButton(QPushButton):
    """Words say the state; its menu mutes for a time that ends."""

    mute_wanted = Signal(int)  # minutes
    unmute_wanted = Signal()

    def __init__(self, minutes: tuple[int, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "plain")
        self._icon = IconFollower(self, "sound", 20)
        menu = QMenu(self)
        self.actions_by_minutes: dict[int, QAction] = {}
        for number in minutes:
            action = menu.addAction(f"Mute for {number} min")
            action.triggered.connect(lambda _=False, number=number: self.mute_wanted.emit(number))
            self.actions_by_minutes[number] = action
        self.unmute = menu.addAction("Sound on")
        self.unmute.triggered.connect(self.unmute_wanted)
        self.setMenu(menu)
        self.show_state("Sound on", heard=True)

    def show_state(self, words: str, *, heard: bool) -> None:
        """ "Sound on", "Muted 4 min 12 s", "No sound"."""
        if words == self.text():
            return
        self.setText(words)
        self.setAccessibleName(f"Alarm sound: {words}")
        self._icon.show_icon("sound" if heard else "muted")
        self.unmute.setEnabled(not heard)


class SilenceBanner(QFrame):
    """Over the page while this station, or another one, can not be heard."""

    settings_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "banner")
        self.words = label("", "name")
        self.words.setWordWrap(True)
        change = QPushButton("Sound settings")
        change.clicked.connect(self.settings_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 16, 4)
        row.setSpacing(10)
        row.addWidget(BadgeLabel(TileState.STALE, 20, on_fill=True), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        row.addWidget(change)
        self.hide()

    def show_words(self, words: str) -> None:
        """Nothing hides it."""
        self.words.setText(words)
        self.setAccessibleName(words)
        self.setVisible(bool(words))
