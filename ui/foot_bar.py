"""The thin line at the bottom: how the server and the feed are, and which station this is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from ui.parts import IconLabel, label
from ui.type_scale import font


class FootBar(QFrame):
    """Sentences only; the link on the right appears when pictures were set aside."""

    quarantine_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "foot")
        self.setFixedHeight(26)
        self.server = label("", "small", kind="muted")
        self.feed = label("", "small", kind="muted")
        self.components = label("", "small", kind="muted")
        self.station = label("", "small", kind="muted")
        self.quarantine = QPushButton()
        self.quarantine.setProperty("kind", "link")
        self.quarantine.setFont(font("small"))
        self.quarantine.setCursor(Qt.CursorShape.PointingHandCursor)
        self.quarantine.clicked.connect(self.quarantine_clicked)
        self.show_quarantined(0)
        self._lay_out()

    def show_quarantined(self, total: int) -> None:
        """How many pictures could not be judged; nothing is shown for none."""
        pictures = "1 picture" if total == 1 else f"{total} pictures"
        self.quarantine.setText(f"{pictures} set aside")
        self.quarantine.setAccessibleName(f"{pictures} set aside. Show why.")
        self.quarantine.setVisible(total > 0)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(16)
        row.addWidget(IconLabel("server", 14))
        for widget in (self.server, self.feed, self.components, self.quarantine):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.station)
