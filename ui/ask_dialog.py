"""Asks for a name and a reason before something that stays on record."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.parts import label


class AskDialog(QDialog):
    """Opened with ``open``; ``told`` comes with name and reason, and the dialog is gone."""

    told = Signal(str, str)

    def __init__(
        self, parent: QWidget, title: str, sentence: str, verb: str, person: str = ""
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(420)
        self.person, self.reason = QLineEdit(person), QLineEdit()
        self.person.setPlaceholderText("Your name")
        self.person.setAccessibleName("Your name")
        self.reason.setPlaceholderText("Why")
        self.reason.setAccessibleName("Reason")
        self.primary = QPushButton(verb)
        self.primary.setProperty("kind", "primary")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.primary, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._tell)
        buttons.rejected.connect(self.reject)
        words = label(sentence)
        words.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(10)
        for widget in (label(title, "card"), words, self.person, self.reason, buttons):
            column.addWidget(widget)
        for field in (self.person, self.reason):
            field.textChanged.connect(self._enable)
        self._enable()
        (self.reason if person else self.person).setFocus()

    def _enable(self) -> None:
        self.primary.setEnabled(bool(self.person.text().strip() and self.reason.text().strip()))

    def _tell(self) -> None:
        self.told.emit(self.person.text().strip(), self.reason.text().strip())
        self.accept()
