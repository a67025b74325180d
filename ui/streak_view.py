"""One streak of the log: its pictures, who has seen it, what people said, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.label_bar import LabelBar
from ui.parts import BadgeLabel, Card, FactRows, label
from ui.picture_view import PictureView
from ui.states import TileState


@dataclass(frozen=True, slots=True)
class StreakFacts:
    """One streak, ready to show."""

    title: str
    state: TileState
    verdict: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    chunks: tuple[str, ...]  # one for each picture
    comments: str


class StreakView(QFrame):
    """Shows one streak; asks for everything else by signal."""

    commented = Signal(str, str)  # what, and who says it
    replay_wanted = Signal()
    picture_wanted = Signal(int)  # place among the streak's pictures

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumWidth(380)
        self.title = label("Choose a line to see its pictures.", "card")
        self.badge = BadgeLabel(TileState.EMPTY, 22)
        self.verdict, self.sentence = label("", "name"), label("", "body", kind="muted")
        self.picture, self.picture_note = PictureView(), label("", "small", kind="muted")
        self.pictures = QComboBox()
        self.beginning = QPushButton("When did this begin?")
        self.open = QPushButton("Open")
        self.labels = LabelBar(per_row=3)
        self.facts, self.comments = FactRows(), label("", "body")
        self.comment = QLineEdit(placeholderText="Say something about this")
        self.person = QLineEdit(placeholderText="Your name")
        self.add, self.replay = QPushButton("Add comment"), QPushButton("Replay this run")
        self._lay_out()
        self.show_nothing()
        self.comment.returnPressed.connect(self._say)
        self.add.clicked.connect(self._say)
        self.pictures.currentIndexChanged.connect(self.picture_wanted)

    def show_nothing(self) -> None:
        """No streak is chosen."""
        self.title.setText("Choose a line to see its pictures.")
        for part in (*self._parts, self.labels):
            part.hide()

    def show_streak(self, streak: StreakFacts, place: int = 0) -> None:
        """Show ``streak``, with its picture at ``place`` chosen."""
        self.title.setText(streak.title)
        self.badge.show_state(streak.state)
        self.verdict.setText(streak.verdict)
        self.sentence.setText(streak.sentence)
        self.facts.show_facts(streak.facts)
        self.pictures.blockSignals(True)
        self.pictures.clear()
        self.pictures.addItems(list(streak.chunks))
        self.pictures.setCurrentIndex(min(place, len(streak.chunks) - 1))
        self.pictures.blockSignals(False)
        self.comments.setText(streak.comments or "No comments yet.")
        for part in self._parts:
            part.show()

    def show_names(self, names: Sequence[str]) -> None:
        """Who was at this station before, the last one first: suggestions for who says it now."""
        completer = QCompleter(list(names), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.person.setCompleter(completer)

    def show_picture(self, image: QImage | None, note: str = "") -> None:
        """The picture of the chosen chunk, or why there is none."""
        if image is not None:
            self.picture.show_image(image)
        self.picture.setVisible(image is not None)
        self.picture_note.setText(note)

    def _say(self) -> None:
        if text := self.comment.text().strip():
            self.commented.emit(text, self.person.text().strip())

    def _lay_out(self) -> None:
        for widget, name in (
            (self.pictures, "Pictures of this streak"),
            (self.comment, "Comment"),
            (self.person, "Your name"),
        ):
            widget.setAccessibleName(name)
        for words in (self.title, self.sentence, self.comments, self.picture_note):
            words.setWordWrap(True)
        head, step, said = QWidget(), QWidget(), QWidget()
        _row(head, (self.badge, self.verdict))
        self.open.setToolTip("The detail page: heat map, neighbours, log book (Enter)")
        _row(step, (self.pictures, self.open, self.beginning))
        self.person.setFixedWidth(110)
        _row(said, (self.comment, self.person, self.add), stretch=0)
        what, comments = Card("What was seen"), Card("Comments")
        what.body.addWidget(self.facts)
        what.body.addWidget(self.replay)
        self.replay.clicked.connect(self.replay_wanted)
        comments.body.addWidget(self.comments)
        below = _scrolled((self.labels, comments, what))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 16, 12)
        column.setSpacing(8)
        self._parts: Sequence[QWidget] = (
            head, self.sentence, self.picture, self.picture_note, step, below, said,
        )  # fmt: skip
        column.addWidget(self.title)
        for part in self._parts:
            column.addWidget(part)
        column.setStretchFactor(self.picture, 3)
        column.setStretchFactor(below, 4)
        self.picture.setMinimumHeight(200)


def _scrolled(widgets: Sequence[QWidget]) -> QScrollArea:
    """One below the other; what has no room is scrolled to."""
    inside = QWidget()
    column = QVBoxLayout(inside)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    return area


def _row(holder: QWidget, widgets: Sequence[QWidget], stretch: int | None = None) -> None:
    """Side by side; all the room goes to the one at ``stretch``, or is left at the end."""
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for number, widget in enumerate(widgets):
        row.addWidget(widget, 1 if number == stretch else 0)
    if stretch is None:
        row.addStretch(1)
