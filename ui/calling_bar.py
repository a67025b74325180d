"""What stands in the status line about alarms: how many wait, and whether this station can be heard."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QWidget

from ui.parts import IconFollower, IconLabel, label, restyle


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
        self.explain = menu.addAction("What is wrong with the sound")
        self.explain.setVisible(False)
        self.setMenu(menu)
        self.show_state("Sound on", heard=True)

    def show_state(self, words: str, *, heard: bool, trouble: str = "") -> None:
        """ "Sound on", "Muted 4:12", "No sound"; ``trouble``: a sentence that makes a badge of it."""
        self.setToolTip(trouble)
        self.explain.setVisible(bool(trouble))
        restyle(self, "kind", "badge" if trouble else "plain")
        if words == self.text():
            return
        self.setText(words)
        self.setAccessibleName(f"Alarm sound: {words}")
        self._icon.show_icon("sound" if heard else "muted")
        self.unmute.setEnabled(not heard)


class SilenceBanner(QFrame):
    """A calm line over the page while this station, or another one, can not be heard.

    Somebody who has read it puts it away; the sound button goes on saying it, and what is new comes back.
    """

    settings_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "news")
        self.words = label("")
        self.words.setWordWrap(True)
        self._read = ""  # the sentence that was put away
        change, self.read = QPushButton("Sound settings"), QPushButton("I have read it")
        self.read.setToolTip("The sound button above goes on saying it")
        for button in (change, self.read):
            button.setProperty("kind", "plain")
        change.clicked.connect(self.settings_wanted)
        self.read.clicked.connect(self._put_away)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 2, 8, 2)
        row.setSpacing(10)
        row.addWidget(IconLabel("muted", 18, "accent"))
        row.addWidget(label("No sound", "name"))
        row.addWidget(self.words, 1)
        row.addWidget(change)
        row.addWidget(self.read)
        self.hide()

    def show_words(self, words: str) -> None:
        """What is wrong; empty: nothing is."""
        if not words:
            self._read = ""
        self.words.setText(words)
        self.setAccessibleName(f"No sound: {words}")
        self.setVisible(bool(words) and words != self._read)

    def bring_back(self) -> None:
        """Show again what was put away."""
        self._read = ""
        self.show_words(self.words.text())

    def _put_away(self) -> None:
        self._read = self.words.text()
        self.hide()
