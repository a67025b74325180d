"""Over every page while a past run is replayed: that it is a replay, where it stands, and its controls."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.parts import label, restyle


class ReplayBar(QFrame):
    """Hidden unless a run is replayed."""

    play_wanted = Signal()  # play or pause
    step_wanted = Signal()
    speed_wanted = Signal(float)
    end_wanted = Signal()
    again_wanted = Signal()
    aside_wanted = Signal()  # look at what is live, and come back

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "replay")
        self._shown_calls: tuple[str, ...] = ("",)
        self.tag = label("REPLAY", "section")
        self.words = label("", "name")
        self.words.setWordWrap(True)
        self.words.setMinimumHeight(2 * self.words.fontMetrics().height())
        self.below = label("", "body")
        self.below.setWordWrap(True)
        self.play, self.step = QPushButton("Pause"), QPushButton("Step")
        self.speed, self.progress = QComboBox(), QProgressBar()
        self.calls, self.calls_menu = QPushButton("No calls"), QMenu(self)
        self.aside, self.again = QPushButton("Look at live"), QPushButton("From the start")
        self.end = QPushButton("End the replay")
        self._name_controls()
        self._lay_out()
        self.hide()

    def show_speeds(self, speeds: Sequence[tuple[float, str]], chosen: float) -> None:
        """What can be chosen."""
        with QSignalBlocker(self.speed):
            self.speed.clear()
            for value, words in speeds:
                self.speed.addItem(words, value)
            self.speed.setCurrentIndex(max(0, self.speed.findData(chosen)))

    def show_place(self, words: str, done: int, total: int, *, playing: bool, ended: bool) -> None:
        """Where the replay stands."""
        self.words.setText(words)
        self.progress.setRange(0, max(1, total))
        self.progress.setValue(done)
        self.progress.setAccessibleName(f"{done} of {total} pictures")
        self.play.setText("Pause" if playing else "Play")
        for control in (self.play, self.step):
            control.setEnabled(not ended)

    def show_calls(self, lines: Sequence[str]) -> None:
        """What would have called so far, newest last."""
        count = len(lines)
        if count == len(self._shown_calls) and tuple(lines[-1:]) == self._shown_calls[-1:]:
            return
        self._shown_calls = tuple(lines)
        self.calls.setText({0: "No calls", 1: "1 call"}.get(count, f"{count} calls"))
        self.calls.setEnabled(bool(lines))
        self.calls_menu.clear()
        for line in reversed(lines[-30:]):
            self.calls_menu.addAction(line)

    def show_below(self, sentence: str, *, live_alarm: bool = False) -> None:
        """The second line: the last call as it would have come, or a live alarm."""
        self.below.setText(sentence)
        self.below.setMargin(6 if live_alarm else 0)  # Qt leaves a style's edge out of the height
        restyle(self.below, "state", "major" if live_alarm else "")

    def show_aside(self, aside: bool) -> None:
        """Whether the live plots are shown meanwhile."""
        self.aside.setText("Back to the replay" if aside else "Look at live")

    def _name_controls(self) -> None:
        for button, tip, wanted in (
            (self.play, "Play or pause (Ctrl+Space)", self.play_wanted),
            (self.step, "One picture on (Ctrl+Shift+Space)", self.step_wanted),
            (self.aside, "Show the live plots; the replay waits", self.aside_wanted),
            (self.again, "Begin the run again", self.again_wanted),
            (self.end, "Leave the replay and show the live plots", self.end_wanted),
        ):
            button.setToolTip(tip)
            button.clicked.connect(wanted)
        self.play.setShortcut("Ctrl+Space")
        self.step.setShortcut("Ctrl+Shift+Space")
        self.speed.setAccessibleName("Speed of the replay")
        self.speed.currentIndexChanged.connect(
            lambda _row: self.speed_wanted.emit(self.speed.currentData())
        )
        self.calls.setMenu(self.calls_menu)
        self.calls.setToolTip(
            "What would have called, in words: nothing sounds and nothing is kept"
        )
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(140)
        self.tag.setProperty("kind", "replay-tag")

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(8)
        first.addWidget(self.tag)
        first.addWidget(self.words, 1)
        for control in (self.play, self.step, self.speed, self.calls):
            first.addWidget(control)
        for control in (self.again, self.aside, self.end):
            first.addWidget(control)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 5, 16, 5)
        column.setSpacing(3)
        column.addLayout(first)
        second.addWidget(self.below, 1)
        second.addWidget(self.progress)
        column.addLayout(second)


def tag(text: str) -> QLabel:
    """A small mark of the replay for other places."""
    made = label(text, "name")
    made.setProperty("kind", "replay-tag")
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return made
