"""What to train: the plot type with its labels, how deep, on which network, where the thresholds belong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ui.matrix_figures import ClassMark
from ui.parts import Card, label, offer, padded
from ui.swatch import Swatch

RULES = (
    ("Best F1 of each class", "max_f1"),
    ("Wanted precision for Bad", "precision"),
    ("Wrong calls per shift at most", "false_calls"),
)
WIDTH = 400
LARGEST = 2_048  # pixels of a network's input
DEEPEST = "full"  # the depth that has a network of its own


@dataclass(frozen=True, slots=True)
class ClassCount:
    """A class with its labels, and what a person should know of the number ("too few")."""

    mark: ClassMark
    count: int
    remark: str


@dataclass(frozen=True, slots=True)
class DepthLine:
    """A depth in plain words, with the time that it is expected to take."""

    key: str
    words: str
    time: str


class TrainingWish(Card):
    """Filled in by a person, read by the room when *Train* is pressed."""

    plot_type_chosen = Signal(int)
    train_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What to train", parent)
        self.plot_types, self.runs, self.why = QComboBox(), QLineEdit(), QLineEdit()
        self.rule, self.rule_value = QComboBox(), padded(QDoubleSpinBox())
        self.merge = QCheckBox("Learn from chunks and whole runs together")
        self.train, self.note = QPushButton("Train"), label("", "small", kind="muted")
        self.split = label("", "small", kind="muted")
        self.network, self.size_px = QComboBox(), padded(QSpinBox())
        self.weights = label("", "small", kind="muted")
        self._own = QWidget()
        self._counts, self._depths = QGridLayout(), QVBoxLayout()
        self._depths.setSpacing(0)
        self._group = QButtonGroup(self)
        self._radios: dict[str, QRadioButton] = {}
        self._times: dict[str, QLabel] = {}
        self._join()
        self._name()
        self._lay_out()

    # ------------------------------------------------------------ shown

    def show_plot_types(self, kinds: Sequence[tuple[int, str]]) -> None:
        """Offer these (id, name)."""
        chosen = self.plot_types.currentData()
        offer(self.plot_types, kinds)
        if self.plot_types.currentData() != chosen:
            self._plot_type()

    def show_counts(self, counts: Sequence[ClassCount], split: str) -> None:
        """Labels by class; ``split``: how they are divided."""
        empty(self._counts)
        for row, each in enumerate(counts):
            number = label(str(each.count), "name")
            number.setAlignment(Qt.AlignmentFlag.AlignRight)
            self._counts.addWidget(Swatch(each.mark), row, 0)
            self._counts.addWidget(label(each.mark.name), row, 1)
            self._counts.addWidget(number, row, 2)
            self._counts.addWidget(label(each.remark, "small", kind="muted"), row, 3)
        self.split.setText(split)

    def show_depths(self, depths: Sequence[DepthLine]) -> None:
        """Offer these depths; the first is chosen at first."""
        for line in depths:
            if line.key not in self._radios:
                radio = self._radios[line.key] = QRadioButton()
                time = self._times[line.key] = label("", "small", kind="muted")
                self._group.addButton(radio)
                radio.toggled.connect(self._depth)
                radio.setChecked(len(self._radios) == 1)
                self._depths.addWidget(radio)
                self._depths.addWidget(time)
            self._radios[line.key].setText(line.words)
            self._times[line.key].setText(f"       {line.time}")

    def show_networks(self, networks: Sequence[tuple[str, str]], weights: str) -> None:
        """Offer these (name, words); ``weights``: which of them begin with what somebody trained."""
        offer(self.network, networks)
        self.weights.setText(weights)

    # ------------------------------------------------------------ chosen

    @property
    def chosen_depth(self) -> str:
        """Key of the chosen depth."""
        return next((key for key, radio in self._radios.items() if radio.isChecked()), "quick")

    def choose_depth(self, key: str) -> None:
        """Choose a depth, as a click would."""
        self._radios[key].setChecked(True)

    @property
    def chosen_network(self) -> tuple[str, int]:
        """Name and input size in pixels (0: as the server's); nothing but at the deepest."""
        if self.chosen_depth != DEEPEST:
            return "", 0
        return str(self.network.currentData() or ""), self.size_px.value()

    # ------------------------------------------------------------ parts

    def _join(self) -> None:
        self.plot_types.currentIndexChanged.connect(self._plot_type)
        for words, key in RULES:
            self.rule.addItem(words, key)
        self.rule.currentIndexChanged.connect(self._rule)
        self._rule()
        self.merge.hide()
        self.train.setProperty("kind", "primary")
        self.train.clicked.connect(self.train_wanted)
        self.size_px.setRange(0, LARGEST)
        self.size_px.setPrefix("Input of ")
        self.size_px.setSingleStep(32)
        self.size_px.setSuffix(" pixels")
        self.size_px.setSpecialValueText("Input of the usual size")

    def _name(self) -> None:
        self.plot_types.setAccessibleName("Plot type")
        self.runs.setPlaceholderText("All labelled runs, or 100-200,250")
        self.runs.setAccessibleName("Runs")
        self.why.setPlaceholderText("Why")
        self.why.setAccessibleName("Reason for the training")
        self.rule.setAccessibleName("Thresholds")
        self.rule_value.setAccessibleName("Wanted value")
        self.network.setAccessibleName("Network")
        self.size_px.setAccessibleName("Size of the network's input in pixels")

    def _depth(self) -> None:
        self._own.setVisible(self.chosen_depth == DEEPEST)

    def _rule(self) -> None:
        key = self.rule.currentData()
        self.rule_value.setVisible(key != "max_f1")
        self.rule_value.setRange(
            0.01 if key == "false_calls" else 0.5, 100 if key == "false_calls" else 1
        )
        self.rule_value.setSingleStep(0.5 if key == "false_calls" else 0.01)
        self.rule_value.setValue(1.0 if key == "false_calls" else 0.95)

    def _plot_type(self) -> None:
        if (number := self.plot_types.currentData()) is not None:
            self.plot_type_chosen.emit(number)

    def _lay_out(self) -> None:
        for words in (self.split, self.note, self.weights):
            words.setWordWrap(True)
        self._counts.setColumnStretch(3, 1)
        self.body.addWidget(self.plot_types)
        self.body.addWidget(label("Labels by class", "small", kind="muted"))
        self.body.addLayout(self._counts)
        self.body.addWidget(self.split)
        self.body.addWidget(label("How deep", "small", kind="muted"))
        self.body.addLayout(self._depths)
        self._lay_out_network()
        self.body.addWidget(label("Thresholds", "small", kind="muted"))
        self.body.addLayout(_beside(self.rule, self.rule_value))
        for widget in (self.merge, self.runs, self.why, self.train, self.note):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.setFixedWidth(WIDTH)

    def _lay_out_network(self) -> None:
        column = QVBoxLayout(self._own)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.network, self.size_px, self.weights):
            column.addWidget(widget)
        self.body.addWidget(self._own)
        self._own.hide()


def _beside(wide: QWidget, narrow: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(wide, 1)
    row.addWidget(narrow)
    return row


def empty(layout: QGridLayout) -> None:
    """Take all widgets out of it."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.deleteLater()
