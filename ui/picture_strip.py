"""Pictures behind a figure, in pages, with a class button each to label them again on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.masked import fitted
from ui.parts import label
from ui.type_scale import sized

_SIZE = QSize(150, 112)


@dataclass(frozen=True, slots=True)
class PictureCard:
    """One picture; ``key`` names it for the page, ``tip`` says all that is known."""

    key: int
    words: str  # "Good 0.998 · 91877.3"
    tip: str


class PictureStrip(QWidget):
    """A sentence, the pictures, the keys."""

    class_chosen = Signal(int, str)  # key of the picture, class
    page_wanted = Signal(int)  # offset
    opened = Signal(int)  # key of the picture

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offset, self._step = 0, 24
        self.title = label("Click a cell to see its pictures.", "name")
        self.note = label("", "small", kind="muted")
        self.pictures = QListWidget()
        self.pictures.setAccessibleName("Pictures of the cell")
        self.pictures.setViewMode(QListView.ViewMode.IconMode)
        self.pictures.setMovement(QListView.Movement.Static)
        self.pictures.setResizeMode(QListView.ResizeMode.Adjust)
        self.pictures.setIconSize(_SIZE)
        self.pictures.setSpacing(4)
        self.pictures.setFont(sized(8.5))
        self.pictures.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.pictures.itemActivated.connect(
            lambda item: self.opened.emit(item.data(Qt.ItemDataRole.UserRole))
        )
        self.pictures.installEventFilter(self)
        self._buttons = QHBoxLayout()
        self._classes: list[str] = []
        self.before, self.after = QPushButton("Before"), QPushButton("More")
        self.before.clicked.connect(lambda: self.page_wanted.emit(self._offset - self._step))
        self.after.clicked.connect(lambda: self.page_wanted.emit(self._offset + self._step))
        self._lay_out()

    def show_classes(self, names: Sequence[str]) -> None:
        """Offer these classes as keys 1, 2, ..."""
        if list(names) == self._classes:
            return
        self._classes = list(names)
        while (item := self._buttons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for number, name in enumerate(self._classes, start=1):
            key = f"{number} " if number <= 9 else ""
            button = QPushButton(f"{key}{name}")
            button.setToolTip(
                f"Label the chosen picture {name}" + (f" (key {number})" if key else "")
            )
            button.clicked.connect(lambda _=False, name=name: self._choose(name))
            self._buttons.addWidget(button)

    def show_cards(
        self, title: str, note: str, cards: Sequence[PictureCard], page: tuple[int, int, int]
    ) -> None:
        """A page; ``page``: offset, pictures on a page, pictures in all."""
        self._offset, self._step, total = page
        self.title.setText(title)
        self.note.setText(note)
        self.pictures.clear()
        for card in cards:
            item = QListWidgetItem(card.words)
            item.setData(Qt.ItemDataRole.UserRole, card.key)
            item.setToolTip(card.tip)
            item.setSizeHint(QSize(_SIZE.width() + 12, _SIZE.height() + 26))
            self.pictures.addItem(item)
        if cards:
            self.pictures.setCurrentRow(0)
        self.before.setEnabled(self._offset > 0)
        self.after.setEnabled(self._offset + len(cards) < total)

    def show_image(self, key: int, image: QImage) -> None:
        """The picture of a card."""
        for item in self._items(key):
            item.setIcon(QIcon(fitted(image, _SIZE, 2.0)))

    def mark(self, key: int, words: str) -> None:
        """Change the words below a picture: its label waits, or is kept."""
        for item in self._items(key):
            item.setText(words)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            digit = event.text()
            if digit.isdecimal() and 1 <= int(digit) <= len(self._classes):
                self._choose(self._classes[int(digit) - 1])
                return True
        return False

    def _choose(self, name: str) -> None:
        item = self.pictures.currentItem()
        if item is None:
            return
        self.class_chosen.emit(item.data(Qt.ItemDataRole.UserRole), name)
        row = self.pictures.row(item)
        self.pictures.setCurrentRow(min(row + 1, self.pictures.count() - 1))

    def _items(self, key: int) -> list[QListWidgetItem]:
        items = [self.pictures.item(row) for row in range(self.pictures.count())]
        return [item for item in items if item.data(Qt.ItemDataRole.UserRole) == key]

    def _lay_out(self) -> None:
        head, keys = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self.title)
        head.addWidget(self.note, 1)
        head.addWidget(self.before)
        head.addWidget(self.after)
        keys.addWidget(label("Label again", "small", kind="muted"))
        keys.addLayout(self._buttons)
        keys.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(keys)
        column.addWidget(self.pictures, 1)
