"""The keys of the labeler: shown, changed, checked for clashes, exported."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QKeySequenceEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.parts import label, restyle


class KeysDialog(QDialog):
    """Beside the window, not in its way; a change counts at once where it clashes with nothing."""

    chosen = Signal(str, str)  # name of the action, its new key
    reset_wanted = Signal()
    export_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys of the labeler")
        self.setModal(False)
        self.resize(460, 640)
        self.fields: dict[str, QKeySequenceEdit] = {}
        self.notice = label("Click a key to change it.", "body", kind="muted")
        self.notice.setWordWrap(True)
        self.reset, self.export = QPushButton("Reset all keys"), QPushButton("Export")
        self.reset.clicked.connect(self.reset_wanted)
        self.export.clicked.connect(self.export_wanted)
        self._form = QFormLayout()
        inside = QWidget()
        inside.setLayout(self._form)
        area = QScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        row = QHBoxLayout()
        row.addWidget(self.reset)
        row.addWidget(self.export)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.addWidget(self.notice)
        column.addWidget(area, 1)
        column.addLayout(row)

    def show_keys(
        self, fixed: Sequence[tuple[str, str]], own: Sequence[tuple[str, str, str]]
    ) -> None:
        """``fixed``: key and words of what cannot be changed; ``own``: name, words, key."""
        if not self.fields:
            for key, words in fixed:
                self._form.addRow(words, label(key, "name"))
            for name, words, _ in own:
                self._form.addRow(words, self._field(name, words))
        for name, _, key in own:
            self.fields[name].blockSignals(True)
            self.fields[name].setKeySequence(QKeySequence(key))
            self.fields[name].blockSignals(False)

    def say(self, words: str, *, loud: bool = False) -> None:
        """Why a key was not taken, or that it was."""
        self.notice.setText(words)
        restyle(self.notice, "state", "minor" if loud else "")

    def _field(self, name: str, words: str) -> QKeySequenceEdit:
        made = QKeySequenceEdit()
        made.setMaximumSequenceLength(1)
        made.setAccessibleName(f"Key for: {words}")
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.editingFinished.connect(
            lambda: self.chosen.emit(
                name, made.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
            )
        )
        self.fields[name] = made
        return made
