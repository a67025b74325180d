"""The models of a plot type: a star for the one that judges, its figures, and what it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.parts import FactRows, label, offer

STAR, BRANCH = "★", "└"


@dataclass(frozen=True, slots=True)
class ModelLine:
    """One model, ready to show; ``depth`` in the family tree: below the model it came from."""

    id: int
    title: str
    mark: str  # "Active", "Signed off", "In the shadow", ...
    date: str
    figure: str  # "0.985"
    detail: str  # "macro-F1 0.962"
    active: bool = False
    depth: int = 0


class ModelList(QFrame):
    """Left side of the library."""

    plot_type_chosen = Signal(int)
    model_chosen = Signal(int)
    activate_wanted = Signal()
    roll_back_wanted = Signal()
    sign_wanted = Signal()
    compare_wanted = Signal()
    ledger_wanted = Signal()
    shadow_wanted = Signal()
    edit_wanted = Signal()
    new_wanted = Signal()
    export_wanted = Signal(bool)  # as ONNX
    import_wanted = Signal()
    rule_wanted = Signal(bool)  # whether a sign-off is needed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "rail")
        self.plot_types = QComboBox()
        self.plot_types.setAccessibleName("Plot type")
        self.plot_types.currentIndexChanged.connect(self._plot_type)
        self.models = QListWidget()
        self.models.setAccessibleName("Models, each below the one it came from")
        self.models.setFrameShape(QFrame.Shape.NoFrame)
        self.models.currentItemChanged.connect(self._model)
        self.empty = label("", "body", kind="muted")
        self.empty.setWordWrap(True)
        self.title = label("", "name")
        self.facts = FactRows()
        self.activate = _button("Activate", "Let this model judge from now on")
        self.roll_back = _button("Roll back", "Activate the model that was live before")
        self.sign = _button("Report", "Review the training report, or sign the model off")
        self.compare = _button("Compare", "Compare with the active model on the same pictures")
        self.shadow = _button("Shadow", "Let it judge live pictures too, on record, without alarms")
        self.ledger = _button("Ledger", "Which model was live when")
        self.edit = _button("Edit", "Name, group, contact, guidance, classes of this plot type")
        self.new = _button("New", "A new plot type")
        self.file = _button("File", "Hand the model to another Hydra, or take one in")
        menu = QMenu(self)
        menu.addAction("Export for another Hydra", lambda: self.export_wanted.emit(False))
        menu.addAction("Export as ONNX", lambda: self.export_wanted.emit(True))
        menu.addAction("Import", self.import_wanted.emit)
        self.file.setMenu(menu)
        self.rule = QCheckBox("Activate only what is signed off")
        self.rule.setToolTip("The rule of this site; a maintainer can change it")
        self.rule.clicked.connect(self.rule_wanted)
        for button, signal in (
            (self.activate, self.activate_wanted),
            (self.roll_back, self.roll_back_wanted),
            (self.sign, self.sign_wanted),
            (self.compare, self.compare_wanted),
            (self.shadow, self.shadow_wanted),
            (self.ledger, self.ledger_wanted),
            (self.edit, self.edit_wanted),
            (self.new, self.new_wanted),
        ):
            button.clicked.connect(signal)
        self._lay_out()

    def show_plot_types(self, kinds: Sequence[tuple[int, str]]) -> None:
        """Offer these (id, name); the choice stays where it is still there."""
        chosen = self.plot_types.currentData()
        offer(self.plot_types, kinds)
        if self.plot_types.currentData() != chosen:
            self._plot_type()

    def choose_plot_type(self, number: int) -> None:
        """Select a plot type, as a click would."""
        self.plot_types.setCurrentIndex(self.plot_types.findData(number))

    def show_models(self, lines: Sequence[ModelLine], chosen: int | None) -> None:
        """Show these, with ``chosen`` selected."""
        with QSignalBlocker(self.models):
            self.models.clear()
            for line in lines:
                item = QListWidgetItem()
                item.setData(Qt.ItemDataRole.UserRole, line.id)
                item.setData(
                    Qt.ItemDataRole.AccessibleTextRole,
                    f"{line.title} {line.mark}, accuracy {line.figure}",
                )
                item.setSizeHint(QSize(220, 56))
                self.models.addItem(item)
                self.models.setItemWidget(item, _row(line))
                if line.id == chosen:
                    self.models.setCurrentItem(item)
        self.empty.setVisible(not lines)
        self.models.setVisible(bool(lines))

    def show_facts(self, title: str, facts: Sequence[tuple[str, str]]) -> None:
        """About the chosen model."""
        self.title.setText(title)
        self.facts.show_facts(facts)

    def _plot_type(self) -> None:
        if (number := self.plot_types.currentData()) is not None:
            self.plot_type_chosen.emit(number)

    def _model(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.model_chosen.emit(item.data(Qt.ItemDataRole.UserRole))

    def _lay_out(self) -> None:
        self.setFixedWidth(320)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(label("Plot type", "small", kind="muted"))
        head.addStretch(1)
        head.addWidget(self.edit)
        head.addWidget(self.new)
        column.addLayout(head)
        column.addWidget(self.plot_types)
        column.addWidget(self.empty)
        column.addWidget(self.models, 1)
        inside = QWidget()
        held = QVBoxLayout(inside)
        held.setContentsMargins(0, 0, 14, 0)  # beside the scroll bar
        held.addWidget(self.title)
        held.addWidget(self.facts)
        held.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumHeight(236)
        column.addWidget(area, 1)
        buttons = QGridLayout()
        buttons.setSpacing(6)
        for place, button in enumerate(
            (
                self.activate,
                self.roll_back,
                self.sign,
                self.compare,
                self.shadow,
                self.ledger,
                self.file,
            )
        ):
            buttons.addWidget(button, place // 2, place % 2)
        column.addLayout(buttons)
        column.addWidget(self.rule)


def _row(line: ModelLine) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(2 + 12 * min(max(0, line.depth - 1), 4), 5, 6, 5)
    grid.setVerticalSpacing(1)
    star = label(STAR if line.active else "", "card")
    star.setFixedWidth(18)
    star.setAccessibleName("Active" if line.active else "")
    if line.depth:
        branch = label(BRANCH, "name", kind="muted")
        branch.setAccessibleName("Comes from the model above")
        grid.addWidget(branch, 0, 0)
    grid.addWidget(star, 0, 1, 2, 1)
    grid.addWidget(label(line.title, "name"), 0, 2)
    grid.addWidget(label(line.mark, "small", kind="muted"), 0, 3)
    grid.addWidget(_right(label(line.figure, "name")), 0, 4)
    grid.addWidget(label(line.date, "small", kind="muted"), 1, 2, 1, 2)
    grid.addWidget(_right(label(line.detail, "small", kind="muted")), 1, 4)
    grid.setColumnStretch(3, 1)
    return made


def _right(made: QLabel) -> QLabel:
    made.setAlignment(Qt.AlignmentFlag.AlignRight)
    return made


def _button(word: str, tip: str) -> QPushButton:
    made = QPushButton(word)
    made.setToolTip(tip)
    made.setAccessibleDescription(tip)
    return made
