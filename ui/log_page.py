"""The log: streaks of Bad and Unconfirmed by detector on the left, the chosen one on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from ui.log_filters import LogFilters
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


class LogPage(QWidget):
    """Shows rows and one streak; asks for everything else by signal."""

    chosen = Signal(QModelIndex)
    more_wanted = Signal()
    picture_wanted = Signal(int)
    beginning_wanted = Signal()
    comment_given = Signal(str)
    export_wanted = Signal()
    report_wanted = Signal(str, bool)  # format, whether to send it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.filters = LogFilters()
        self.rows = QTreeView()
        self.none = label("", "section", kind="muted")
        self.note = label("", "body", kind="muted")
        self.older = QPushButton("Show older ones")
        self.export = QPushButton("Export CSV")
        self.report = QPushButton("Daily report")
        self.send = QPushButton("Send as report")
        self.preview = _Preview()
        self._lay_out()
        self._join()

    def show_rows(self, model: QAbstractItemModel) -> None:
        """Show ``model``: detectors above, their streaks below."""
        self.rows.setModel(model)
        head = self.rows.header()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setStretchLastSection(True)
        model.rowsInserted.connect(self._unfold)
        self.rows.selectionModel().currentChanged.connect(self._choose)

    def show_state(self, note: str, *, nothing: str = "", more: bool = False) -> None:
        """The line below the rows; ``nothing``: a sentence in place of rows."""
        self.note.setText(note)
        self.older.setVisible(more)
        self.none.setText(nothing)
        self._pile.setCurrentIndex(1 if nothing else 0)

    def _choose(self, now: QModelIndex, _before: QModelIndex) -> None:
        self.chosen.emit(now)

    def _unfold(self, parent: QModelIndex, first: int, last: int) -> None:
        if parent.isValid():
            self.rows.expand(parent)
            return
        for row in range(first, last + 1):
            index = self.rows.model().index(row, 0, parent)
            self.rows.setFirstColumnSpanned(row, parent, True)
            self.rows.expand(index)

    def _join(self) -> None:
        self.older.clicked.connect(self.more_wanted)
        self.export.clicked.connect(self.export_wanted)
        self.report.clicked.connect(lambda: self.report_wanted.emit("pdf", False))
        self.send.clicked.connect(lambda: self.report_wanted.emit("pdf", True))
        self.preview.pictures.currentIndexChanged.connect(self.picture_wanted)
        self.preview.beginning.clicked.connect(self.beginning_wanted)
        self.preview.commented.connect(self.comment_given)

    def _lay_out(self) -> None:
        self.rows.setAccessibleName("Streaks of bad and unconfirmed plots")
        self.rows.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.rows.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.rows.setUniformRowHeights(True)
        self.rows.setProperty("kind", "log")
        self.none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.none.setWordWrap(True)
        self.send.setToolTip("Sends it to everybody who wants the report by e-mail")
        split = QSplitter()
        split.addWidget(self._left())
        split.addWidget(self.preview)
        split.setSizes([940, 500])
        split.setStretchFactor(0, 1)
        split.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filters)
        column.addWidget(split, 1)

    def _left(self) -> QWidget:
        pile = QWidget()
        self._pile = QStackedLayout(pile)
        self._pile.addWidget(self.rows)
        self._pile.addWidget(self.none)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 6, 8, 10)
        foot.setSpacing(8)
        foot.addWidget(self.note)
        foot.addStretch(1)
        for button in (self.older, self.export, self.report, self.send):
            foot.addWidget(button)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(pile, 1)
        column.addLayout(foot)
        return left


class _Preview(QFrame):
    commented = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumWidth(380)
        self.title = label("Choose a line to see its pictures.", "card")
        self.badge = BadgeLabel(TileState.EMPTY, 22)
        self.verdict, self.sentence = label("", "name"), label("", "body", kind="muted")
        self.picture, self.picture_note = PictureView(), label("", "small", kind="muted")
        self.pictures = QComboBox()
        self.beginning = QPushButton("When did this begin?")
        self.facts, self.comments = FactRows(), label("", "body")
        self.comment = QLineEdit(placeholderText="Say something about this")
        self.add = QPushButton("Add comment")
        self._lay_out()
        self.show_nothing()
        self.comment.returnPressed.connect(self._say)
        self.add.clicked.connect(self._say)

    def show_nothing(self) -> None:
        """No streak is chosen."""
        self.title.setText("Choose a line to see its pictures.")
        for part in self._parts:
            part.hide()

    def show_streak(self, streak: StreakFacts) -> None:
        """Show ``streak``; which of its pictures is shown is for ``show_chunk``."""
        self.title.setText(streak.title)
        self.badge.show_state(streak.state)
        self.verdict.setText(streak.verdict)
        self.sentence.setText(streak.sentence)
        self.facts.show_facts(streak.facts)
        self.pictures.blockSignals(True)
        self.pictures.clear()
        self.pictures.addItems(list(streak.chunks))
        self.pictures.blockSignals(False)
        self.comments.setText(streak.comments or "No comments yet.")
        for part in self._parts:
            part.show()

    def show_picture(self, image: QImage | None, note: str = "") -> None:
        """The picture of the chosen chunk, or why there is none."""
        if image is not None:
            self.picture.show_image(image)
        self.picture.setVisible(image is not None)
        self.picture_note.setText(note)

    def _say(self) -> None:
        if text := self.comment.text().strip():
            self.commented.emit(text)

    def _lay_out(self) -> None:
        for widget, name in (
            (self.pictures, "Pictures of this streak"),
            (self.comment, "Comment"),
        ):
            widget.setAccessibleName(name)
        for words in (self.title, self.sentence, self.comments, self.picture_note):
            words.setWordWrap(True)
        head, step, said = QWidget(), QWidget(), QWidget()
        _row(head, (self.badge, self.verdict))
        _row(step, (self.pictures, self.beginning))
        _row(said, (self.comment, self.add), stretch=0)
        what, comments = Card("What was seen"), Card("Comments")
        what.body.addWidget(self.facts)
        comments.body.addWidget(self.comments)
        comments.body.addWidget(said)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 16, 12)
        column.setSpacing(8)
        self._parts: Sequence[QWidget] = (
            head, self.sentence, self.picture, self.picture_note, step, what, comments,
        )  # fmt: skip
        column.addWidget(self.title)
        for part in self._parts:
            column.addWidget(part, 1 if part is self.picture else 0)
        column.addStretch(0)
        self.picture.setMinimumHeight(240)


def _row(holder: QWidget, widgets: Sequence[QWidget], stretch: int | None = None) -> None:
    """Side by side; all the room goes to the one at ``stretch``, or is left at the end."""
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for number, widget in enumerate(widgets):
        row.addWidget(widget, 1 if number == stretch else 0)
    if stretch is None:
        row.addStretch(1)
