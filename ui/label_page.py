"""The labeler: palette above, queue in the middle, filters left, the chosen picture large on the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ui.label_delegate import LabelDelegate
from ui.label_grid import LabelGrid
from ui.label_palette import LabelPalette
from ui.label_side import LabelSide
from ui.parts import FactRows, IconFollower, label, restyle
from ui.picture_view import PictureView

_STILL = 4  # px that a hand moves in a click


class LargeView(PictureView):
    """The picture of the single view: it takes the keys, since the grid behind it cannot have them."""

    key = Signal(object)  # QKeyEvent
    space_held = Signal(bool)
    clicked = Signal()  # not what moves the picture about, and once for a double click

    _pressed_at: QPoint | None = None  # None: the next release ends no click

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if self._pressed_at is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        moved = (event.position().toPoint() - self._pressed_at).manhattanLength()
        self._pressed_at = (
            None  # the second release of a double click meets a picture nobody has seen
        )
        if moved < _STILL:
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space:
            self.key.emit(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.space_held.emit(False)


class Strip(QListView):
    """The neighbours of the large picture, in one row; it follows the grid's choice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tiles = LabelDelegate(self)
        tiles.width = 128
        self.setAccessibleName("Neighbours in the queue")
        self.setItemDelegate(tiles)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedHeight(tiles.cell.height() + 4)

    def follow(self, grid: LabelGrid) -> None:
        """Show the grid's model and its choice."""
        self.setModel(grid.model())
        self.setSelectionModel(grid.selectionModel())
        grid.current_moved.connect(self._centre)

    def _centre(self, index: QModelIndex) -> None:
        self.scrollTo(index, QListView.ScrollHint.PositionAtCenter)


class LabelPage(QWidget):
    """What to show comes from outside; keys and clicks go outside as they are."""

    take_back_wanted = Signal()
    copies_wanted = Signal()
    refused_seen = Signal()
    order_wanted = Signal()

    def __init__(self, queues: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.side, self.palette_bar = LabelSide(queues), LabelPalette()
        self.grid, self.preview, self.large = LabelGrid(), PictureView(), LargeView()
        self.strip = Strip()
        self.large.setAccessibleName("The picture, large")
        for view in (self.preview, self.large):
            view.see_through_masks()
        self.facts, self.key_facts = FactRows(), FactRows()
        self._title = label("", "card")
        self.count, self._hidden = label("", "body"), label("", "body", kind="muted")
        self._empty = label("", "section", kind="muted")
        self._waiting = label("", "body")
        self.take_back = QPushButton("Take back")
        self.copies, self.order = QPushButton(), QPushButton()
        self.seen = QPushButton("Understood")
        self._stack = QStackedWidget()
        self._foot = QFrame()
        self._left = ""
        self.grid.current_moved.connect(lambda _index: self.count.setText(self._left))
        self.setFocusProxy(self.grid)
        self._lay_out()

    # ------------------------------------------------------------ what is shown

    def show_count(self, words: str) -> None:
        """How much is left."""
        self._left = words
        self.count.setText(words)

    def say(self, words: str) -> None:
        """In its place what has just happened, until another picture is chosen."""
        self.count.setText(words)

    def show_verdict_hidden(self, hidden: bool) -> None:
        """Whether what the model said is hidden until the person has decided."""
        self._hidden.setText("AI verdict hidden (B)" if hidden else "AI verdict shown (B)")

    def show_empty(self, sentence: str) -> None:
        """A sentence in place of the grid; empty text shows the grid."""
        self._empty.setText(sentence)
        if sentence:
            self._stack.setCurrentWidget(self._empty)
        elif self._stack.currentWidget() is self._empty:
            self._stack.setCurrentWidget(self.grid)

    def show_single(self, single: bool) -> None:
        """One picture fills the page with its neighbours below; the keys stay the same."""
        self._stack.setCurrentWidget(self._single if single else self.grid)
        (self.large if single else self.grid).setFocus()

    @property
    def single(self) -> bool:
        """Whether one picture fills the page."""
        return self._stack.currentWidget() is self._single

    def show_picture(
        self, title: str, image: QImage | None, facts: Sequence[tuple[str, str]]
    ) -> None:
        """The chosen picture, at the right and in the large view."""
        self._title.setText(title)
        self.facts.show_facts(facts)
        for view in (self.preview, self.large):
            view.show_image(image if image is not None else QImage())

    def paint_now(self) -> None:
        """Have the chosen picture on the screen before anything else is done.

        One view is enough: Qt paints whatever else of the window waits for it along with it.
        """
        (self.large if self.single else self.preview).viewport().repaint()

    def show_waiting(self, words: str, *, loud: bool, to_see: bool = False) -> None:
        """The bar below: what still waits, or what was refused; ``to_see``: until it is said to be seen."""
        self._waiting.setText(words)
        self.seen.setVisible(to_see)
        restyle(self._foot, "state", "minor" if loud else "")

    def offer_copies(self, number: int, class_name: str, key: str) -> None:
        """Offer to label ``number`` near copies of what was labelled last; 0 takes the offer back."""
        words = "near copy" if number == 1 else "near copies"
        self.copies.setText(f"Label {number} {words} {class_name} too ({key})" if number else "")
        self.copies.setVisible(number > 0)

    def offer_order(self, words: str) -> None:
        """Offer to show the queue in an order that has changed; empty takes the offer back."""
        self.order.setText(words)
        self.order.setVisible(bool(words))

    # ------------------------------------------------------------ layout

    def _lay_out(self) -> None:
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._single = QWidget()
        single = QVBoxLayout(self._single)
        single.setContentsMargins(0, 0, 0, 0)
        single.addWidget(self.large, 1)
        single.addWidget(self.strip)
        for view in (self.grid, self._single, self._empty):
            self._stack.addWidget(view)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(_scrolled(self.side))
        row.addLayout(self._middle(), 1)
        row.addWidget(_scrolled(self._right()))

    def _middle(self) -> QVBoxLayout:
        head = QHBoxLayout()
        self.order.setAccessibleName("Show the queue in its new order")
        self.order.clicked.connect(self.order_wanted)
        self.order.hide()
        # What is said there wraps, and is never what makes the window wider.
        self.count.setWordWrap(True)
        policy = self.count.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
        self.count.setSizePolicy(policy)
        head.addWidget(self.count, 1)
        head.addWidget(self.order)
        head.addWidget(self._hidden)
        column = QVBoxLayout()
        column.setContentsMargins(14, 10, 10, 8)
        column.setSpacing(8)
        column.addWidget(self.palette_bar)
        column.addLayout(head)
        column.addWidget(self._stack, 1)
        column.addWidget(self._bar())
        return column

    def _bar(self) -> QFrame:
        self.take_back.setToolTip("Backspace")
        self.take_back.setAccessibleName("Take back the last label")
        IconFollower(self.take_back, "back", 16)
        self.take_back.clicked.connect(self.take_back_wanted)
        self.seen.clicked.connect(self.refused_seen)
        # Its words change with every label: the window shall not be laid out anew each time.
        self._waiting.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.copies.setAccessibleName("Label the near copies too")
        self.copies.clicked.connect(self.copies_wanted)
        for button in (self.copies, self.seen):
            button.hide()
        row = QHBoxLayout(self._foot)
        row.setContentsMargins(8, 4, 8, 4)
        row.addWidget(self._waiting, 1)
        row.addWidget(self.copies)
        row.addWidget(self.seen)
        row.addWidget(self.take_back)
        return self._foot

    def _right(self) -> QFrame:
        right = QFrame()
        right.setProperty("kind", "page-head")
        right.setFixedWidth(340)
        column = QVBoxLayout(right)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(10)
        column.addWidget(self._title)
        self.preview.setFixedHeight(236)
        self.preview.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column.addWidget(self.preview)
        column.addWidget(self.facts)
        column.addWidget(label("Keys", "name"))
        column.addWidget(self.key_facts)
        column.addStretch(1)
        return right


def _scrolled(panel: QFrame) -> QScrollArea:
    """A side panel that a low screen can scroll."""
    area = QScrollArea()
    area.setWidget(panel)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFixedWidth(panel.minimumWidth() + 14)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
