"""Areas of a picture, drawn with the mouse or typed as numbers."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.mask_canvas import MaskCanvas
from ui.parts import label, padded

_FIRST = QRectF(0.4, 0.4, 0.2, 0.2)  # of an area that is to be typed
_LEAST = 0.5  # percent between two opposite sides
_SIDES = ("Left", "Right", "Top", "Bottom")


class MaskAreas(QWidget):
    """The picture, the list of its areas, and the four sides of the chosen one in percent."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas, self.list = MaskCanvas(), QListWidget()
        self.sides = {name: padded(QDoubleSpinBox()) for name in _SIDES}
        self.add, self.remove = QPushButton("Add area"), QPushButton("Remove area")
        self.areas: list[QRectF] = []
        self._lay_out()
        self.canvas.drawn.connect(self.append)
        self.canvas.picked.connect(self.list.setCurrentRow)
        self.list.currentRowChanged.connect(self._show_chosen)
        self.add.clicked.connect(lambda: self.append(_FIRST))
        self.remove.clicked.connect(self._remove)
        for side in self.sides.values():
            side.valueChanged.connect(self._typed)
        self._show()

    def append(self, area: QRectF) -> None:
        """One more area, in fractions of the picture; it becomes the chosen one."""
        self.areas.append(area)
        self._show(len(self.areas) - 1)
        self.changed.emit()

    def _remove(self) -> None:
        place = self.list.currentRow()
        if place >= 0:
            del self.areas[place]
            self._show(min(place, len(self.areas) - 1))
            self.changed.emit()

    def _typed(self) -> None:
        """The numbers of the chosen area; an end that would overtake its beginning stays behind it."""
        place = self.list.currentRow()
        if place < 0:
            return
        left, right, top, bottom = (self.sides[name].value() for name in _SIDES)
        right, bottom = max(right, left + _LEAST), max(bottom, top + _LEAST)
        self.areas[place] = QRectF(
            left / 100, top / 100, (right - left) / 100, (bottom - top) / 100
        )
        self.list.item(place).setText(_words(place, self.areas[place]))
        self.canvas.show_areas(self.areas, place)
        self.changed.emit()

    def _show(self, chosen: int = -1) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        self.list.addItems([_words(place, area) for place, area in enumerate(self.areas)])
        self.list.setCurrentRow(chosen)
        self.list.blockSignals(False)
        self._show_chosen(chosen)

    def _show_chosen(self, place: int) -> None:
        chosen = 0 <= place < len(self.areas)
        box = self.areas[place] if chosen else QRectF()
        values = (box.left(), box.right(), box.top(), box.bottom())
        for side, value in zip(self.sides.values(), values, strict=True):
            side.blockSignals(True)
            side.setValue(100 * value)
            side.setEnabled(chosen)
            side.blockSignals(False)
        self.remove.setEnabled(chosen)
        self.canvas.show_areas(self.areas, place)

    def _lay_out(self) -> None:
        self.list.setAccessibleName("Areas of the mask")
        self.list.setMaximumHeight(110)
        self.list.setFixedWidth(270)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        numbers = QFormLayout()
        for name, side in self.sides.items():
            side.setRange(0, 100)
            side.setDecimals(1)
            side.setSuffix(" %")
            side.setProperty("kind", "exact")
            side.setAccessibleName(f"{name} side of the chosen area")
            numbers.addRow(name, side)
        side_column = QVBoxLayout()
        side_column.setSpacing(8)
        side_column.addWidget(label("Areas", "name"))
        side_column.addWidget(self.list)
        side_column.addLayout(numbers)
        side_column.addWidget(self.add)
        side_column.addWidget(self.remove)
        side_column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.canvas, 1)
        row.addLayout(side_column)


def _words(place: int, area: QRectF) -> str:
    across = f"{100 * area.left():.0f} to {100 * area.right():.0f} %"
    down = f"{100 * area.top():.0f} to {100 * area.bottom():.0f} %"
    return f"{place + 1}: across {across}, down {down}"
