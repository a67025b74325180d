"""Acknowledge, shelve, maintain: small windows that ask who and why, and block nothing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.parts import label


class PersonDialog(QDialog):
    """Asks for a name each time: the station is shared. Without one its button does nothing."""

    def __init__(self, title: str, verb: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(False)  # an alarm must never wait behind a dialog
        self.setMinimumWidth(460)
        self.heading = label(title, "card")
        self.about = label("", "body")
        self.about.setWordWrap(True)
        self.person, self.why = QLineEdit(), QLineEdit()
        self.person.setPlaceholderText("Your name")
        self.go, self.leave = QPushButton(verb), QPushButton("Leave it")
        self.result_line = label("", "body", kind="muted")
        self.result_line.setWordWrap(True)
        self.form = QFormLayout()
        self.why_needed = False
        self._name_fields()
        self._lay_out()
        for field in (self.person, self.why):
            field.textChanged.connect(self.check)
        self.leave.clicked.connect(self.reject)
        self.check()

    def ask(self, about: str, names: Sequence[str]) -> None:
        """Show the window for ``about``; ``names``: who was here before, as suggestions."""
        self.about.setText(about)
        self.result_line.clear()
        completer = QCompleter(list(names), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.person.setCompleter(completer)
        for field in (self.person, self.why):
            field.clear()
        self.show()
        self.raise_()
        self.activateWindow()
        self.person.setFocus()

    def show_result(self, sentence: str) -> None:
        """Why it was not done."""
        self.result_line.setText(sentence)

    def check(self) -> None:
        """Whether everything that is needed is there."""
        named = bool(self.person.text().strip())
        self.go.setEnabled(named and (not self.why_needed or bool(self.why.text().strip())))

    def add(self, name: str, field: QWidget) -> None:
        """One more field, with its name."""
        field.setAccessibleName(name)
        self.form.addRow(name, field)

    def _name_fields(self) -> None:
        self.form.setVerticalSpacing(10)
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self.add("Name", self.person)
        self.add("Why", self.why)

    def _lay_out(self) -> None:
        self.go.setProperty("kind", "primary")
        self.go.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self.leave)
        buttons.addStretch(1)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(self.heading)
        column.addWidget(self.about)
        column.addLayout(self.form)
        column.addWidget(self.result_line)
        column.addLayout(buttons)


class AcknowledgeDialog(PersonDialog):
    """Somebody has seen it."""

    chosen = Signal(str, str)  # who, why

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Acknowledge", "Acknowledge", parent)
        self.why.setPlaceholderText("What you found or did, if you like")
        self.go.clicked.connect(self._tell)

    def _tell(self) -> None:
        self.chosen.emit(self.person.text().strip(), self.why.text().strip())


class ShelveDialog(PersonDialog):
    """Quiet for a time that ends."""

    chosen = Signal(str, str, int)  # who, why, hours

    def __init__(self, spans: Sequence[tuple[str, int]], parent: QWidget | None = None) -> None:
        super().__init__("Shelve", "Shelve", parent)
        self.why_needed = True
        self.why.setPlaceholderText("Needed: others will read it")
        self.span = QComboBox()
        for word, hours in spans:
            self.span.addItem(word, hours)
        self.add("For", self.span)
        self.go.clicked.connect(self._tell)
        self.check()

    def _tell(self) -> None:
        hours = int(self.span.currentData())
        self.chosen.emit(self.person.text().strip(), self.why.text().strip(), hours)


class MaintenanceDialog(PersonDialog):
    """A detector or one plot goes out of service."""

    chosen = Signal(str, str, str, float)  # who, why, what, hours (0: until somebody ends it)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Maintenance", "Take out of service", parent)
        self.why_needed = True
        self.why.setPlaceholderText("Needed: others will read it")
        self.what, self.span = QComboBox(), QComboBox()
        for word, hours in (
            ("1 h", 1.0),
            ("6 h", 6.0),
            ("12 h", 12.0),
            ("1 d", 24.0),
            ("Until somebody ends it", 0.0),
        ):
            self.span.addItem(word, hours)
        self.add("What", self.what)
        self.add("For", self.span)
        self.go.clicked.connect(self._tell)
        self.check()

    def offer(self, things: Sequence[tuple[str, str]]) -> None:
        """What can be taken out of service: words and keys."""
        self.what.clear()
        for word, key in things:
            self.what.addItem(word, key)

    def _tell(self) -> None:
        self.chosen.emit(
            self.person.text().strip(),
            self.why.text().strip(),
            str(self.what.currentData() or ""),
            float(self.span.currentData()),
        )
