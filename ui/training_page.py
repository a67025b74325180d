"""Training: what there is to learn from, how deep, what runs, and what came out beside the active model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.parts import Card, label
from ui.training_curve import CurveRow, TrainingCurve
from ui.training_wish import TrainingWish, empty


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

    job_chosen = Signal(int)
    stop_wanted = Signal(int, bool)  # job, keep the best so far
    activate_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.wish = TrainingWish()
        self._queue = QVBoxLayout()
        self._jobs: dict[int, _Job] = {}
        self.empty = label("Nothing was trained yet.", "body", kind="muted")
        self.curve = TrainingCurve()
        self.result, self._rows = Card("Result"), QGridLayout()
        self.result_note = label("", "small", kind="muted")
        self.activate, self.open = QPushButton("Activate"), QPushButton("Open in the library")
        self._join()
        self._lay_out()

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
        empty(self._rows)
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
        self.activate.setProperty("kind", "primary")
        self.activate.clicked.connect(self.activate_wanted)
        self.open.clicked.connect(self.open_wanted)

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.addWidget(self.curve, 3)
        right.addWidget(self.result, 2)
        self._lay_out_result()
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._wishes())
        row.addWidget(self._trainings(), 2)
        row.addLayout(right, 2)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 12)
        outer.addWidget(label("Training", "section"))
        outer.addLayout(row, 1)

    def _wishes(self) -> QScrollArea:
        """As tall as the page: many classes need more than a low screen has."""
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self.wish)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedWidth(self.wish.minimumWidth() + 14)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return area

    def _trainings(self) -> Card:
        found, inside, area = Card("Trainings"), QWidget(), QScrollArea()
        held = QVBoxLayout(inside)
        held.setContentsMargins(0, 0, 0, 0)
        held.addWidget(self.empty)
        held.addLayout(self._queue)
        held.addStretch(1)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        found.body.addWidget(area)
        return found

    def _lay_out_result(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.activate)
        buttons.addWidget(self.open)
        buttons.addStretch(1)
        self.result_note.setWordWrap(True)
        self._rows.setHorizontalSpacing(20)
        self._rows.setColumnStretch(3, 1)
        self.result.body.addLayout(self._rows)
        self.result.body.addWidget(self.result_note)
        self.result.body.addLayout(buttons)
        self.result.hide()


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
