"""Two models on the same pictures: who is right where, and whether that can be chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.parts import Card, FactRows, label


@dataclass(frozen=True, slots=True)
class ComparisonFigures:
    """Ready to show; ``rows``: class, pictures, found by each, right of each, "better"/"worse"/""."""

    sentence: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    note: str = ""


class ComparisonView(QWidget):
    """Differing pictures are shown in the strip below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.other = QComboBox()
        self.other.setAccessibleName("Compare with")
        self.sentence = label("", "card")
        self.sentence.setWordWrap(True)
        self.note = label("", "small", kind="muted")
        self.note.setWordWrap(True)
        self._facts, self._table = FactRows(), QGridLayout()
        self._table.setHorizontalSpacing(18)
        head = QHBoxLayout()
        head.addWidget(label("Compare with", "small", kind="muted"))
        head.addWidget(self.other)
        head.addStretch(1)
        cards = QHBoxLayout()
        same, classes = Card("On the same pictures"), Card("Class by class")
        same.body.addWidget(self._facts)
        same.body.addStretch(1)
        classes.body.addLayout(self._table)
        classes.body.addStretch(1)
        cards.addWidget(same, 1)
        cards.addWidget(classes, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addWidget(self.sentence)
        column.addLayout(cards)
        column.addWidget(self.note)
        column.addStretch(1)

    def show_others(self, others: Sequence[tuple[int, str]], chosen: int | None) -> None:
        """Offer these models (id, name) to compare with."""
        self.other.blockSignals(True)
        self.other.clear()
        for number, name in others:
            self.other.addItem(name, number)
        self.other.setCurrentIndex(max(0, self.other.findData(chosen)))
        self.other.blockSignals(False)

    def show_figures(self, figures: ComparisonFigures) -> None:
        """Show these."""
        self.sentence.setText(figures.sentence)
        self.note.setText(figures.note)
        self._facts.show_facts(figures.facts)
        while (item := self._table.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for row, cells in enumerate((figures.heads, *figures.rows)):
            for column, words in enumerate(cells):
                cell = label(words, "body", kind="" if row else "muted")
                if column:
                    cell.setAlignment(Qt.AlignmentFlag.AlignRight)
                self._table.addWidget(cell, row, column)
