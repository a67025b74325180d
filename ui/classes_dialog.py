"""The classes of a plot type: added, changed, renamed, merged, by those who may."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.label_roles import Brush
from ui.masked import fitted
from ui.parts import label, restyle

SEVERITIES = ("good", "warning", "bad", "neutral")
_NEW = "New class"


class ClassesDialog(QDialog):
    """A list on the left, what is known of the chosen one on the right; nothing changes before Store."""

    store_wanted = Signal(object, str)  # Brush as filled in, the name it had (empty: a new one)
    merge_wanted = Signal(str, str)  # this class, into that one
    split_wanted = Signal(str, str)  # of this class, the chosen pictures become that new one
    examples_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Classes of this plot type")
        self.setModal(False)
        self.resize(720, 460)
        self._brushes: tuple[Brush, ...] = ()
        self.classes = QListWidget()
        self.name, self.key, self.colour, self.words, self.off = (QLineEdit() for _ in range(5))
        self.severity, self.into = QComboBox(), QComboBox()
        self.teaches = QCheckBox("Used in training")
        self.pick, self.store = QPushButton("Pick"), QPushButton("Store")
        self.merge, self.split = QPushButton("Merge"), QPushButton("Split off")
        self.notice = label("", "body", kind="muted")
        self._examples = [QLabel() for _ in range(3)]
        self._set_up()
        self._lay_out()

    def show_classes(self, brushes: Sequence[Brush]) -> None:
        """The classes as they are now; the choice stays where it can."""
        chosen = self._chosen.name
        self._brushes = tuple(brushes)
        self.classes.clear()
        self.classes.addItems([*(f"{b.name}  ({b.labelled})" for b in brushes), _NEW])
        names = [brush.name for brush in brushes]
        self.classes.setCurrentRow(names.index(chosen) if chosen in names else 0)

    def show_examples(self, images: Sequence[QImage]) -> None:
        """Pictures that carry the chosen class."""
        for place, view in enumerate(self._examples):
            shown = place < len(images)
            view.setVisible(shown)
            if shown:
                view.setPixmap(fitted(images[place], QSize(150, 112), self.devicePixelRatioF()))

    def say(self, words: str, *, loud: bool = False) -> None:
        """What the server said."""
        self.notice.setText(words)
        restyle(self.notice, "state", "minor" if loud else "")

    @property
    def _chosen(self) -> Brush:
        row = self.classes.currentRow()
        return self._brushes[row] if 0 <= row < len(self._brushes) else Brush("", "")

    def _show_chosen(self) -> None:
        brush = self._chosen
        self.name.setText(brush.name)
        self.key.setText(brush.key)
        self.colour.setText(brush.colour)
        self.words.setText(brush.description)
        self.severity.setCurrentText(brush.severity)
        self.teaches.setChecked(brush.teaches)
        self.into.clear()
        self.into.addItems([each.name for each in self._brushes if each.name != brush.name])
        self.merge.setEnabled(bool(brush.name) and self.into.count() > 0)
        self.split.setEnabled(bool(brush.name))
        self.off.clear()
        self.show_examples(())
        if brush.name:
            self.examples_wanted.emit(brush.name)

    def _store(self) -> None:
        filled = Brush(
            self.name.text().strip(), self.key.text().strip(), self.severity.currentText(),
            self.colour.text().strip(), self.words.text().strip(),
            teaches=self.teaches.isChecked(),
        )  # fmt: skip
        self.store_wanted.emit(filled, self._chosen.name)

    def _pick_colour(self) -> None:
        dialog = QColorDialog(QColor(self.colour.text()), self)
        dialog.colorSelected.connect(lambda colour: self.colour.setText(colour.name().upper()))
        dialog.open()

    def _set_up(self) -> None:
        for widget, name in (
            (self.classes, "Classes"), (self.name, "Name"), (self.key, "Key"),
            (self.colour, "Colour"), (self.words, "Description"), (self.severity, "Severity"),
            (self.into, "Merge into"), (self.off, "New class that is split off"),
        ):  # fmt: skip
            widget.setAccessibleName(name)
        self.severity.addItems(SEVERITIES)
        self.key.setMaxLength(1)
        self.key.setPlaceholderText("One digit or letter")
        self.colour.setPlaceholderText("#RRGGBB; empty: the theme's own")
        self.words.setPlaceholderText("How such a plot looks")
        self.merge.setToolTip(
            "Every picture of this class gets the other one's label, as new votes"
        )
        self.off.setPlaceholderText("Name of a new class")
        self.split.setToolTip(
            "The pictures of this class that are chosen in the grid become the new class, as new votes"
        )
        self.teaches.setToolTip("Off: an Ignore, for pictures that no model should learn from")
        self.store.setProperty("kind", "primary")
        self.classes.currentRowChanged.connect(lambda _row: self._show_chosen())
        self.store.clicked.connect(self._store)
        self.pick.clicked.connect(self._pick_colour)
        self.merge.clicked.connect(
            lambda: self.merge_wanted.emit(self._chosen.name, self.into.currentText())
        )
        self.split.clicked.connect(
            lambda: self.split_wanted.emit(self._chosen.name, self.off.text().strip())
        )

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("Name", self.name)
        form.addRow("Means", self.severity)
        form.addRow("Key", self.key)
        form.addRow("Colour", _beside(self.colour, self.pick))
        form.addRow("Description", self.words)
        form.addRow("", self.teaches)
        form.addRow("", self.store)
        form.addRow("Merge into", _beside(self.into, self.merge))
        form.addRow("Split off", _beside(self.off, self.split))
        pictures = QHBoxLayout()
        for view in self._examples:
            view.setAccessibleName("Example")
            pictures.addWidget(view)
        pictures.addStretch(1)
        right = QVBoxLayout()
        right.addLayout(form)
        right.addLayout(pictures)
        right.addStretch(1)
        right.addWidget(self.notice)
        row = QHBoxLayout(self)
        row.addWidget(self.classes, 1)
        row.addLayout(right, 2)


def _beside(left: QWidget, right: QWidget) -> QWidget:
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(left, 1)
    row.addWidget(right)
    return both
