"""How every part of the server is, and which pictures were set aside and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractItemModel, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ui.activity_panel import ActivityPanel
from ui.parts import BadgeLabel, Card, FactRows, label
from ui.states import TileState

_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class ComponentFacts:
    """One part of the server, ready to show."""

    name: str
    state: TileState
    word: str  # "Running", "Not heard for 12 s"
    sentence: str
    next_step: str
    facts: tuple[tuple[str, str], ...]
    past: str = ""  # a trouble that is over
    past_step: str = ""


class StatusPage(QWidget):
    """Cards above, the pictures set aside below."""

    try_again_wanted = Signal(list)  # rows of pictures that were set aside

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.again = QPushButton("Try the chosen ones again")
        self.activity = ActivityPanel()
        self._cards: dict[str, _ComponentCard] = {}
        self._grid = QGridLayout()
        self._none = label("The server has not told about its parts yet.", "body", kind="muted")
        self.quarantine = QTableView()
        self.quarantine_note = label("", "body", kind="muted")
        self._lay_out()

    def show_components(self, components: Sequence[ComponentFacts]) -> None:
        """One card each, in the order given; cards stay where they are."""
        self._none.setVisible(not components)
        gone = set(self._cards) - {component.name for component in components}
        for name in gone:
            self._cards.pop(name).deleteLater()
        for number, component in enumerate(components):
            card = self._cards.get(component.name)
            if card is None:
                card = self._cards[component.name] = _ComponentCard(component.name)
            self._grid.addWidget(card, number // _COLUMNS, number % _COLUMNS)
            card.show_component(component)

    def words_of(self, name: str) -> str:
        """What the card ``name`` says of its state."""
        return self._cards[name].word.text()

    def past_of(self, name: str) -> str:
        """The trouble that is over, as the card ``name`` tells it."""
        return self._cards[name].past.text() if name in self._cards else ""

    def show_quarantine(self, model: QAbstractItemModel) -> None:
        """Show ``model`` as the table of pictures set aside."""
        self.quarantine.setModel(model)
        head = self.quarantine.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, mode in enumerate((_FITTED, _SHARED, _SHARED)):
            head.setSectionResizeMode(column, mode)

    def show_quarantine_note(self, sentence: str) -> None:
        """The line above the table."""
        self.quarantine_note.setText(sentence)
        self.quarantine.setVisible(self.quarantine.model().rowCount() > 0)
        self.again.setVisible(self.quarantine.model().rowCount() > 0)

    def _try_again(self) -> None:
        rows = [each.row() for each in self.quarantine.selectionModel().selectedRows()]
        if rows:
            self.try_again_wanted.emit(sorted(rows))

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addWidget(label("Server", "section"))
        column.addWidget(self._none)
        self._grid.setSpacing(12)
        for number in range(_COLUMNS):
            self._grid.setColumnStretch(number, 1)
        column.addLayout(self._grid)
        column.addSpacing(8)
        column.addWidget(self.activity)
        column.addSpacing(8)
        column.addWidget(label("Pictures set aside", "section"))
        column.addWidget(self.quarantine_note)
        self.quarantine.setAccessibleName("Pictures set aside")
        self.quarantine.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.quarantine.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.quarantine.verticalHeader().hide()
        self.quarantine.setShowGrid(False)
        self.quarantine.setWordWrap(True)
        self.quarantine.setMinimumHeight(260)
        self.quarantine.hide()
        column.addWidget(self.quarantine, 1)
        column.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        self.again.hide()
        self.again.clicked.connect(self._try_again)
        column.addStretch(0)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)


_FITTED = QHeaderView.ResizeMode.ResizeToContents
_SHARED = QHeaderView.ResizeMode.Stretch


class _ComponentCard(Card):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._badge = BadgeLabel(TileState.GOOD, 16)
        self.word = label("", "body")
        self._sentence = label("", "body", kind="muted")
        self._sentence.setWordWrap(True)
        self._next = label("", "body")
        self._next.setWordWrap(True)
        self._facts = FactRows()
        self.past, self._past_step = label("", "small"), label("", "small", kind="muted")
        for words in (self.past, self._past_step):
            words.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._badge)
        row.addWidget(self.word)
        row.addStretch(1)
        self.body.addLayout(row)
        for widget in (self._sentence, self._next, self._facts, self.past, self._past_step):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.body.setAlignment(Qt.AlignmentFlag.AlignTop)

    def show_component(self, component: ComponentFacts) -> None:
        """Show how it is now."""
        self._badge.show_state(component.state)
        self.word.setText(component.word)
        self._sentence.setText(component.sentence)
        self._sentence.setVisible(bool(component.sentence))
        self._next.setText(component.next_step)
        self._next.setVisible(bool(component.next_step))
        self._facts.show_facts(component.facts)
        for line, words in ((self.past, component.past), (self._past_step, component.past_step)):
            line.setText(words)
            line.setVisible(bool(words))
        self.setAccessibleDescription(f"{component.word}. {component.sentence} {component.past}")
