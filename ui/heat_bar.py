"""Below the picture: the heat map's controls, the reference, and what can be done with the picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSlider, QVBoxLayout, QWidget

from ui.heat import HeatLegend
from ui.parts import label
from ui.picture_view import Compare

HINT = "A heat map is a hint where the model looked, and no proof."
_COMPARE = (
    ("No reference", Compare.NONE),
    ("Last Good beside", Compare.BESIDE),
    ("Last Good in turn", Compare.BLINK),
    ("Difference from last Good", Compare.DIFFERENCE),
)


class ArrowSlider(QSlider):
    """Keeps the arrow keys for itself while it has the focus; else they walk through time."""

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and _is_arrow(event):
            event.accept()
            return True
        return bool(super().event(event))


def _is_arrow(event: QEvent) -> bool:
    return (
        isinstance(event, QKeyEvent)
        and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right)
        and event.modifiers() == Qt.KeyboardModifier.NoModifier
    )


class HeatBar(QWidget):
    """Two lines of controls; what they do happens outside."""

    toggled = Signal(bool)
    class_chosen = Signal(str)
    opacity_changed = Signal(float)  # 0..1
    compare_chosen = Signal(object)  # Compare
    copy_wanted = Signal()
    save_wanted = Signal()
    link_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.looked = QPushButton("Where it looked  G")
        self.classes = QComboBox()
        self.slider = ArrowSlider(Qt.Orientation.Horizontal)
        self.share = label("50 %", "body")
        self.legend = HeatLegend()
        self.hint = label(HINT, "small", kind="muted")
        self.compare = QComboBox()
        self._fill()
        self._lay_out()

    def show_classes(self, names: Sequence[str], chosen: str) -> None:
        """The classes that can be asked about."""
        with QSignalBlocker(self.classes):
            self.classes.clear()
            for name in names:
                self.classes.addItem(f"for {name}", name)
            self.classes.setCurrentIndex(max(0, self.classes.findData(chosen)))
        self.looked.setEnabled(bool(names))
        self.classes.setEnabled(bool(names))

    def show_note(self, sentence: str) -> None:
        """What is to be said about the map; empty: that it is only a hint."""
        self.hint.setText(sentence or HINT)

    def set_on(self, on: bool) -> None:
        """Mark whether the map is shown, without telling anybody."""
        with QSignalBlocker(self.looked):
            self.looked.setChecked(on)

    def step(self, percent: int) -> None:
        """Make the map stronger or weaker."""
        self.slider.setValue(self.slider.value() + percent)

    @property
    def opacity(self) -> float:
        """How strong the map is, 0..1."""
        return self.slider.value() / 100

    def _fill(self) -> None:
        self.looked.setCheckable(True)
        self.looked.setAccessibleName("Show where the model looked")
        self.looked.toggled.connect(self.toggled)
        self.classes.setAccessibleName("Class that the heat map is for")
        self.classes.currentIndexChanged.connect(self._class_chosen)
        self.slider.setAccessibleName("Strength of the heat map in percent")
        self.slider.setToolTip("Keys [ and ] change it by 5 %")
        self.slider.setRange(0, 100)
        self.slider.setSingleStep(5)
        self.slider.setValue(50)
        self.slider.setMinimumWidth(90)
        self.slider.valueChanged.connect(self._slid)
        self.share.setFixedWidth(44)
        self.compare.setAccessibleName("Compare with the last Good picture")
        self.compare.setToolTip("Key R takes the next one")
        for words, how in _COMPARE:
            self.compare.addItem(words, how)
        self.compare.currentIndexChanged.connect(self._compare_chosen)

    def _class_chosen(self, _row: int) -> None:
        self.class_chosen.emit(self.classes.currentData() or "")

    def _slid(self, value: int) -> None:
        self.share.setText(f"{value} %")
        self.opacity_changed.emit(value / 100)

    def _compare_chosen(self, _row: int) -> None:
        self.compare_chosen.emit(self.how)

    @property
    def how(self) -> Compare:
        """How the reference is wanted (Qt keeps only the word)."""
        return Compare(self.compare.currentData())

    def next_compare(self) -> None:
        """The next way to compare."""
        self.compare.setCurrentIndex((self.compare.currentIndex() + 1) % self.compare.count())

    def _lay_out(self) -> None:
        above, below = QHBoxLayout(), QHBoxLayout()
        for row in (above, below):
            row.setSpacing(8)
        above.addWidget(self.looked)
        above.addWidget(self.classes)
        above.addWidget(self.slider, 1)
        for widget in (self.share, self.legend):
            above.addWidget(widget)
        below.addWidget(self.compare)
        below.addStretch(1)
        for words, name, wish in (
            ("Copy", "Copy the picture", self.copy_wanted),
            ("Save as", "Save the picture as a file", self.save_wanted),
            ("Copy link", "Copy a link to this picture", self.link_wanted),
        ):
            button = QPushButton(words)
            button.setAccessibleName(name)
            button.clicked.connect(wish)
            below.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(above)
        column.addWidget(self.hint)
        column.addLayout(below)
