"""Training: what there is to learn from, how deep, what runs, and what came out beside the active model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.matrix_figures import ClassMark
from ui.parts import Card, label, padded
from ui.swatch import Swatch
from ui.training_curve import CurveRow, TrainingCurve

RULES = (
    ("Best F1 of each class", "max_f1"),
    ("Wanted precision for Bad", "precision"),
    ("Wrong calls per shift at most", "false_calls"),
)


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


@dataclass(frozen=True, slots=True)
class JobLine:
    """A training, ready to show."""

    id: int
    title: str
    word: str  # "Waits", "Runs", "Done", ...
    sentence: str
    fraction: float
    can_stop: bool
    can_keep: bool
    model_id: int | None


@dataclass(frozen=True, slots=True)
class ResultFigures:
    """A finished model beside the active one; ``rows``: class, new, active, better/worse."""

    title: str = ""
    rows: tuple[tuple[str, str, str, str], ...] = ()
    note: str = ""
    can_activate: bool = False


class TrainingPage(QWidget):
    """Left: what to train. Right: the queue, the curve, the result."""

    plot_type_chosen = Signal(int)
    train_wanted = Signal()
    job_chosen = Signal(int)
    stop_wanted = Signal(int, bool)  # job, keep the best so far
    activate_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.plot_types, self.runs, self.why = QComboBox(), QLineEdit(), QLineEdit()
        self.rule, self.rule_value = QComboBox(), padded(QDoubleSpinBox())
        self.merge = QCheckBox("Learn from chunks and whole runs together")
        self.train, self.note = QPushButton("Train"), label("", "small", kind="muted")
        self.split = label("", "small", kind="muted")
        self._counts, self._depths = QGridLayout(), QVBoxLayout()
        self._group = QButtonGroup(self)
        self._radios: dict[str, QRadioButton] = {}
        self._times: dict[str, QLabel] = {}
        self._queue = QVBoxLayout()
        self._jobs: dict[int, _Job] = {}
        self.empty = label("Nothing was trained yet.", "body", kind="muted")
        self.curve = TrainingCurve()
        self.result, self._rows = Card("Result"), QGridLayout()
        self.result_note = label("", "small", kind="muted")
        self.activate, self.open = QPushButton("Activate"), QPushButton("Open in the library")
        self._join()
        self._lay_out()

    # ------------------------------------------------------------ what to train

    def show_plot_types(self, kinds: Sequence[tuple[int, str]]) -> None:
        """Offer these (id, name)."""
        chosen = self.plot_types.currentData()
        with QSignalBlocker(self.plot_types):
            self.plot_types.clear()
            for number, name in kinds:
                self.plot_types.addItem(name, number)
            self.plot_types.setCurrentIndex(max(0, self.plot_types.findData(chosen)))
        if self.plot_types.currentData() != chosen:
            self._plot_type()

    def show_counts(self, counts: Sequence[ClassCount], split: str) -> None:
        """Labels by class; ``split``: how they are divided."""
        _empty(self._counts)
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
                radio.setChecked(len(self._radios) == 1)
                self._depths.addWidget(radio)
                self._depths.addWidget(time)
            self._radios[line.key].setText(line.words)
            self._times[line.key].setText(f"       {line.time}")

    @property
    def chosen_depth(self) -> str:
        """Key of the chosen depth."""
        return next((key for key, radio in self._radios.items() if radio.isChecked()), "quick")

    def choose_depth(self, key: str) -> None:
        """Choose a depth, as a click would."""
        self._radios[key].setChecked(True)

    # ------------------------------------------------------------ queue and result

    def show_jobs(self, lines: Sequence[JobLine], chosen: int) -> None:
        """Show these, newest first."""
        self.empty.setVisible(not lines)
        for gone in set(self._jobs) - {line.id for line in lines}:
            self._jobs.pop(gone).deleteLater()
        for place, line in enumerate(lines):
            job = self._jobs.get(line.id)
            if job is None:
                job = self._jobs[line.id] = _Job(line.id)
                job.chosen.connect(self.job_chosen)
                job.stop_wanted.connect(self.stop_wanted)
                self._queue.insertWidget(place, job)
            job.show_line(line, chosen=line.id == chosen)

    def show_curve(self, title: str, rows: Sequence[CurveRow]) -> None:
        """The curve of the chosen training."""
        self.curve.show_rows(title, rows)

    def show_result(self, figures: ResultFigures) -> None:
        """What came out, beside the active model."""
        self.result.setVisible(bool(figures.title))
        self.result.title.setText(figures.title)
        _empty(self._rows)
        heads = ("", "New", "Active", "")
        for row, cells in enumerate((heads, *figures.rows) if figures.rows else ()):
            for column, words in enumerate(cells):
                cell = label(words, "body", kind="" if row else "muted")
                if column in (1, 2):
                    cell.setAlignment(Qt.AlignmentFlag.AlignRight)
                self._rows.addWidget(cell, row, column)
        self.result_note.setText(figures.note)
        self.activate.setEnabled(figures.can_activate)

    # ------------------------------------------------------------ parts

    def _join(self) -> None:
        self.plot_types.setAccessibleName("Plot type")
        self.plot_types.currentIndexChanged.connect(self._plot_type)
        self.runs.setPlaceholderText("All labelled runs, or 100-200,250")
        self.runs.setAccessibleName("Runs")
        self.why.setPlaceholderText("Why")
        self.why.setAccessibleName("Reason for the training")
        self.rule.setAccessibleName("Thresholds")
        for words, key in RULES:
            self.rule.addItem(words, key)
        self.rule.currentIndexChanged.connect(self._rule)
        self.rule_value.setAccessibleName("Wanted value")
        self._rule()
        self.merge.hide()
        self.train.setProperty("kind", "primary")
        self.train.clicked.connect(self.train_wanted)
        self.activate.setProperty("kind", "primary")
        self.activate.clicked.connect(self.activate_wanted)
        self.open.clicked.connect(self.open_wanted)

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
        wish = Card("What to train")
        for words in (self.split, self.note, self.result_note):
            words.setWordWrap(True)
        self._counts.setColumnStretch(3, 1)
        wish.body.addWidget(self.plot_types)
        wish.body.addWidget(label("Labels by class", "small", kind="muted"))
        wish.body.addLayout(self._counts)
        wish.body.addWidget(self.split)
        wish.body.addWidget(label("How deep", "small", kind="muted"))
        wish.body.addLayout(self._depths)
        wish.body.addWidget(label("Thresholds", "small", kind="muted"))
        rule = QHBoxLayout()
        rule.addWidget(self.rule, 1)
        rule.addWidget(self.rule_value)
        wish.body.addLayout(rule)
        for widget in (self.merge, self.runs, self.why, self.train, self.note):
            wish.body.addWidget(widget)
        wish.body.addStretch(1)
        wish.setFixedWidth(400)
        queue = Card("Trainings")
        inside = QWidget()
        held = QVBoxLayout(inside)
        held.setContentsMargins(0, 0, 0, 0)
        held.addWidget(self.empty)
        held.addLayout(self._queue)
        held.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        queue.body.addWidget(area)
        buttons = QHBoxLayout()
        buttons.addWidget(self.activate)
        buttons.addWidget(self.open)
        buttons.addStretch(1)
        self._rows.setHorizontalSpacing(20)
        self._rows.setColumnStretch(3, 1)
        self.result.body.addLayout(self._rows)
        self.result.body.addWidget(self.result_note)
        self.result.body.addLayout(buttons)
        right = QVBoxLayout()
        right.addWidget(self.curve, 3)
        right.addWidget(self.result, 2)
        self.result.hide()
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(wish)
        row.addWidget(queue, 2)
        row.addLayout(right, 2)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 12)
        outer.addWidget(label("Training", "section"))
        outer.addLayout(row, 1)


class _Job(Card):
    chosen = Signal(int)
    stop_wanted = Signal(int, bool)

    def __init__(self, number: int) -> None:
        super().__init__("")
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._word, self._sentence = label("", "small"), label("", "body", kind="muted")
        self._sentence.setWordWrap(True)
        self._stop, self._keep = (
            QPushButton("Stop now"),
            QPushButton("Stop and keep the best so far"),
        )
        self._show = QPushButton("Show")
        self._stop.clicked.connect(lambda: self.stop_wanted.emit(number, False))
        self._keep.clicked.connect(lambda: self.stop_wanted.emit(number, True))
        self._show.clicked.connect(lambda: self.chosen.emit(number))
        buttons = QHBoxLayout()
        for button in (self._show, self._stop, self._keep):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for widget in (self._word, self._sentence, self._bar):
            self.body.addWidget(widget)
        self.body.addLayout(buttons)

    def show_line(self, line: JobLine, *, chosen: bool) -> None:
        """Show how it stands."""
        self.title.setText(line.title)
        self.setAccessibleName(f"{line.title}: {line.word}")
        self._word.setText(line.word)
        self._sentence.setText(line.sentence)
        self._bar.setValue(round(line.fraction * 1000))
        self._bar.setVisible(line.can_stop)
        self._stop.setVisible(line.can_stop)
        self._keep.setVisible(line.can_stop and line.can_keep)
        self._show.setEnabled(not chosen)


def _empty(layout: QGridLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.deleteLater()
