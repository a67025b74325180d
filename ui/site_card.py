"""The settings of the site: each with what it does, its value, who changed it, and before and after of a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.parts import Card, label, padded

Value = bool | float | str


@dataclass(frozen=True, slots=True)
class SettingFacts:
    """One setting, ready to show: by its value a switch, a number, or one of ``choices`` (value, words)."""

    key: str
    name: str
    sentence: str
    value: Value
    choices: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    most: float = 0.0
    changed: str = ""  # "Changed by Ann, 14 May 2026"


class SiteCard(Card):
    """Nothing is changed before somebody has seen before and after and pressed Save."""

    change_wanted = Signal(str, object, object)  # key, new value, the one that was shown
    trial_wanted = Signal(str, object)  # key, value: what would it do?

    def __init__(self) -> None:
        super().__init__("Settings of the site")
        self.rows: dict[str, SettingRow] = {}
        self.result = label("", "body", kind="muted")
        self.result.setWordWrap(True)
        self._column = QVBoxLayout()
        self._column.setSpacing(14)
        self.body.addLayout(self._column)
        self.body.addWidget(self.result)
        self.body.addStretch(1)

    def show_settings(self, settings: Sequence[SettingFacts]) -> None:
        """Show what the server has; an edit that nobody saved yet stays."""
        for facts in settings:
            row = self.rows.get(facts.key)
            if row is None:
                row = self.rows[facts.key] = SettingRow(facts)
                row.save.clicked.connect(partial(self._save, facts.key))
                row.trial.clicked.connect(partial(self._try, facts.key))
                self._column.addWidget(row)
            row.show_setting(facts)

    def _save(self, key: str) -> None:
        row = self.rows[key]
        self.change_wanted.emit(key, row.value, row.facts.value)

    def _try(self, key: str) -> None:
        self.trial_wanted.emit(key, self.rows[key].value)


class SettingRow(QWidget):
    """One setting with its editor."""

    def __init__(self, facts: SettingFacts) -> None:
        super().__init__()
        self.facts = facts
        self.editor = _editor(facts)
        self.editor.setAccessibleName(facts.name)
        self.change = label("", "body")
        self.changed = label("", "small", kind="muted")
        self.save, self.leave = QPushButton("Save"), QPushButton("Leave it")
        self.trial = QPushButton("What would it do?")
        for button, words in ((self.save, "Save"), (self.leave, "Leave"), (self.trial, "Try")):
            button.setAccessibleName(f"{words}: {facts.name}")
        self.leave.clicked.connect(self._leave)
        self._lay_out()
        self._set(facts.value)
        self._edited()
        self._listen()

    @property
    def value(self) -> Value:
        """As the editor has it."""
        match self.editor:
            case QCheckBox():
                return self.editor.isChecked()
            case QComboBox():
                return str(self.editor.currentData())
            case QDoubleSpinBox():
                return self.editor.value()
        raise AssertionError("no such editor")

    def show_setting(self, facts: SettingFacts) -> None:
        """What the server has now."""
        untouched = self.value == self.facts.value
        self.facts = facts
        if untouched:
            self._set(facts.value)
        self.changed.setText(facts.changed)
        self._edited()

    def _set(self, value: Value) -> None:
        with QSignalBlocker(self.editor):
            match self.editor:
                case QCheckBox():
                    self.editor.setChecked(bool(value))
                case QComboBox():
                    self.editor.setCurrentIndex(self.editor.findData(value))
                case QDoubleSpinBox():
                    self.editor.setValue(float(value))

    def _leave(self) -> None:
        self._set(self.facts.value)
        self._edited()

    def _edited(self) -> None:
        other = self.value != self.facts.value
        self.change.setText(
            f"from {self._words(self.facts.value)} to {self._words(self.value)}" if other else ""
        )
        for widget in (self.change, self.save, self.leave, self.trial):
            widget.setVisible(other)

    def _words(self, value: Value) -> str:
        if isinstance(value, bool):
            return "off" if not value else "on"
        if isinstance(value, str):
            return f"“{dict(self.facts.choices).get(value, value)}”"
        return f"{value:g} {self.facts.unit}"

    def _listen(self) -> None:
        match self.editor:
            case QCheckBox():
                self.editor.toggled.connect(self._edited)
            case QComboBox():
                self.editor.currentIndexChanged.connect(self._edited)
            case QDoubleSpinBox():
                self.editor.valueChanged.connect(self._edited)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(label(self.facts.name, "name"))
        sentence = label(self.facts.sentence, "body", kind="muted")
        sentence.setWordWrap(True)
        column.addWidget(sentence)
        row = QHBoxLayout()
        row.setSpacing(10)
        for widget in (self.editor, self.change, self.save, self.leave, self.trial):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.changed, 0, Qt.AlignmentFlag.AlignRight)
        column.addLayout(row)


def _editor(facts: SettingFacts) -> QCheckBox | QComboBox | QDoubleSpinBox:
    if isinstance(facts.value, bool):
        return QCheckBox("On")
    if isinstance(facts.value, str):
        choice = QComboBox()
        for value, words in facts.choices:
            choice.addItem(words, value)
        return choice
    number = padded(QDoubleSpinBox())
    number.setRange(0.0, facts.most)
    number.setDecimals(0)
    number.setSuffix(f" {facts.unit}")
    number.setGroupSeparatorShown(True)
    number.setProperty("kind", "exact")
    number.setMinimumWidth(140)
    return number
