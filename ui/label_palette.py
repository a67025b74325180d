"""The palette: one button per class with its key, its colour and its word; a pressed one is the brush."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ui import theme
from ui.label_roles import Brush
from ui.parts import label
from ui.tokens import class_colour


class LabelPalette(QWidget):
    """Clicking a class makes it the brush that the mouse paints with; clicking it again puts it away."""

    edit_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: list[QPushButton] = []
        self._brushes: tuple[Brush, ...] = ()
        self._brush = ""
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._notice = label("", "body", kind="muted")
        self.edit = QPushButton("Classes")
        self.edit.setProperty("kind", "plain")
        self.edit.setToolTip(
            "Add, rename, merge classes of this plot type; give them keys and colours"
        )
        self.edit.clicked.connect(self.edit_wanted)
        self._row.addWidget(self._notice)
        self._row.addStretch(1)
        self._row.addWidget(self.edit)

    def show_brushes(self, brushes: Sequence[Brush], *, may_label: bool, may_edit: bool) -> None:
        """The classes of the plot type, in their order."""
        for button in self._buttons:
            button.deleteLater()
        self._brushes = tuple(brushes)
        self._buttons = [self._button(brush, enabled=may_label) for brush in brushes]
        for place, button in enumerate(self._buttons):
            self._row.insertWidget(place, button)
        self._notice.setText(_notice(bool(brushes), may_label))
        self._notice.setVisible(bool(self._notice.text()))
        self.edit.setVisible(may_edit)
        self.choose("")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:  # another theme
            for button, brush in zip(self._buttons, self._brushes, strict=True):
                button.setIcon(_chip(brush))

    @property
    def brush(self) -> str:
        """The class that a click paints; empty: a click selects."""
        return self._brush

    def choose(self, name: str) -> None:
        """Press the button of a class without telling anybody."""
        self._brush = name
        for button in self._buttons:
            button.setChecked(button.property("brush") == name)

    def _button(self, brush: Brush, *, enabled: bool) -> QPushButton:
        made = QPushButton(f"{brush.key}   {brush.name}" if brush.key else brush.name)
        made.setProperty("brush", brush.name)
        made.setCheckable(True)
        made.setEnabled(enabled)
        made.setIcon(_chip(brush))
        made.setIconSize(QSize(14, 14))
        made.setMinimumHeight(32)
        key = f"Key {brush.key}. " if brush.key else ""
        made.setToolTip(f"{brush.description or brush.name}. {key}Click: paint with it.")
        made.setAccessibleName(f"Label {brush.name}")
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.clicked.connect(lambda: self._clicked(brush.name))
        return made

    def _clicked(self, name: str) -> None:
        self.choose("" if self._brush == name else name)


def _notice(any_class: bool, may_label: bool) -> str:
    if not may_label:
        return "You may look, but not label this plot type. Ask the administrator for the role labeller."
    return "" if any_class else "This plot type has no classes yet. Add the first with: Classes."


def _chip(brush: Brush) -> QIcon:
    drawn = QPixmap(28, 28)
    drawn.setDevicePixelRatio(2)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colours = theme.current()
    painter.setPen(QPen(QColor(colours.text), 1))
    painter.setBrush(QColor(class_colour(colours, brush.name, brush.severity, brush.colour)))
    painter.drawRoundedRect(QRectF(1, 1, 12, 12), 2, 2)
    painter.end()
    return QIcon(drawn)
