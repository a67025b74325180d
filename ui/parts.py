"""Small widgets that every page uses: labels by use, badges, icons that follow the theme, fact rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui import icons, theme
from ui.states import WORDS, TileState
from ui.type_scale import font

Box = TypeVar("Box", bound=QAbstractSpinBox)


def label(text: str, use: str = "body", kind: str = "") -> QLabel:
    """A line of text in the font for ``use``; ``kind`` "muted" for second lines."""
    made = QLabel(text)
    made.setFont(font(use))
    made.setTextFormat(Qt.TextFormat.PlainText)
    if kind:
        made.setProperty("kind", kind)
    return made


def padded(box: Box) -> Box:
    """A number or date with room left of its text: Qt gives the padding of a style sheet to the arrows only."""
    box.lineEdit().setTextMargins(8, 0, 0, 0)
    return box


def offer(box: QComboBox, entries: Sequence[tuple[int | str, str]]) -> None:
    """Replace the choices (id, words) without a signal; what is chosen stays if it is still there, else the first is."""
    if list(entries) == [(box.itemData(n), box.itemText(n)) for n in range(box.count())]:
        return  # an open list stays as it is
    chosen = box.currentData()
    with QSignalBlocker(box):
        box.clear()
        for number, words in entries:
            box.addItem(words, number)
        box.setCurrentIndex(max(0, box.findData(chosen)))


def restyle(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the style sheet looks at, and have it looked at."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    for inside in widget.findChildren(QWidget):
        widget.style().polish(inside)


class BadgeLabel(QLabel):
    """One badge; its word is its accessible name."""

    def __init__(self, state: TileState, size: int, *, on_fill: bool = False) -> None:
        super().__init__()
        self._badge, self._side, self._on_fill = state, size, on_fill
        self.setFixedSize(size, size)
        self.show_state(state)

    def show_state(self, state: TileState) -> None:
        """Change to the badge of ``state``."""
        self._badge = state
        self.setAccessibleName(WORDS[state])
        ratio = self.devicePixelRatioF()
        self.setPixmap(icons.badge_pixmap(state, self._side, ratio, on_fill=self._on_fill))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.show_state(self._badge)


class IconFollower(QWidget):
    """Gives a button its icon in the theme's colour, and again whenever the theme changes."""

    def __init__(self, button: QAbstractButton, name: str, size: int, colour: str = "text") -> None:
        super().__init__(button)
        self._button, self._icon, self._side, self._colour = button, name, size, colour
        button.setIconSize(QSize(size, size))
        self.hide()
        self._draw()

    def show_icon(self, name: str) -> None:
        """Change to another icon."""
        self._icon = name
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        colour: str = getattr(theme.current(), self._colour)
        self._button.setIcon(icons.icon(self._icon, colour, self._side))


class IconLabel(QLabel):
    """An icon beside words; the words say what it means."""

    def __init__(self, name: str, size: int, colour: str = "muted") -> None:
        super().__init__()
        self._icon, self._side, self._colour = name, size, colour
        self.setFixedSize(size, size)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        colour: str = getattr(theme.current(), self._colour)
        self.setPixmap(icons.pixmap(self._icon, colour, self._side, self.devicePixelRatioF()))


class Card(QFrame):
    """A titled box on the page."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setAccessibleName(title)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(14, 12, 14, 12)
        self.body.setSpacing(8)
        self.title = label(title, "name")
        self.body.addWidget(self.title)


class FactRows(QWidget):
    """Names on the left, values on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, QLabel]] = []

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Replace all rows by ``facts``."""
        while len(self._rows) < len(facts):
            self._add_row()
        for number, (name, value) in enumerate(self._rows):
            shown = number < len(facts)
            name.setVisible(shown)
            value.setVisible(shown)
            if shown:
                name.setText(facts[number][0])
                value.setText(facts[number][1])

    def _add_row(self) -> None:
        name, value = label("", "body", kind="muted"), label("", "body")
        value.setAlignment(Qt.AlignmentFlag.AlignRight)
        value.setWordWrap(True)
        value.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = len(self._rows)
        self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, row, 1)
        self._rows.append((name, value))
