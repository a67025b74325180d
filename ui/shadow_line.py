"""One line on how a candidate does beside the active model, and the way to the pictures where they differ."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ui.parts import label
from ui.type_scale import font


class ShadowLine(QWidget):
    """Hidden until there is something to say."""

    show_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = label("", "body")
        self.sentence.setWordWrap(True)
        self.show_them = QPushButton("Show where they differ")
        self.show_them.setProperty("kind", "link")
        self.show_them.setFont(font("small"))
        self.show_them.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_them.clicked.connect(self.show_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.show_them)
        self.clear()

    def clear(self) -> None:
        """Nothing is in the shadow."""
        self.hide()

    def show_standing(self, sentence: str, tip: str, differing: int) -> None:
        """``tip``: what does not fit on the line; ``differing``: pictures that can be shown."""
        self.sentence.setText(sentence)
        self.sentence.setToolTip(tip)
        plots = "1 plot" if differing == 1 else f"{differing:,} plots"
        self.show_them.setText(f"Show {plots} where they differ")
        self.show_them.setAccessibleName(self.show_them.text())
        self.show_them.setVisible(differing > 0)
        self.show()
