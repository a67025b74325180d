"""Two bars above the page: trouble with the connection, and how far the server's start-up is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QWidget

from ui.parts import BadgeLabel, label
from ui.states import TileState


class LinkBanner(QFrame):
    """Hidden while the link is well; else one sentence over the whole width."""

    settings_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "banner")
        self._words = label("", "name")
        self._words.setWordWrap(True)
        self._change = QPushButton("Change connection")
        self._change.clicked.connect(self.settings_wanted)
        # The banner's fill is not the page's: this button keeps the page's own colours.
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 16, 6)
        row.setSpacing(10)
        row.addWidget(BadgeLabel(TileState.STALE, 22, on_fill=True))
        row.addWidget(self._words, 1)
        row.addWidget(self._change)
        self.hide()

    def show_trouble(self, sentence: str, *, can_change: bool = False) -> None:
        """Say what is wrong; an empty sentence hides the bar."""
        self._words.setText(sentence)
        self.setAccessibleName(sentence)
        self._change.setVisible(can_change)
        self.setVisible(bool(sentence))

    @property
    def sentence(self) -> str:
        """What it says."""
        return self._words.text()


class PreparingBar(QFrame):
    """How far the server is with getting ready."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "preparing")
        self._words = label("")
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("The server is getting ready")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 16, 6)
        row.setSpacing(16)
        row.addWidget(self._words)
        row.addWidget(self.bar, 1)
        self.hide()

    def show_progress(self, sentence: str, fraction: float) -> None:
        """``fraction`` 0..1; 1 hides the bar."""
        self._words.setText(sentence)
        self.bar.setValue(round(fraction * 1000))
        self.setVisible(fraction < 1.0)
