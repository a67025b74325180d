"""Left of the labeler: which pictures are shown, how large, and how far the work is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from ui.label_grid import LARGEST, SMALLEST
from ui.more_types import MoreTypes
from ui.parts import FactRows, label, offer
from ui.time_filter import TimeFilter

Facts = Sequence[tuple[str, str]]
TYPING_MS = 400  # after the last letter, the filter counts


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person wants to see."""

    plot_type_id: int
    plot_type_ids: tuple[int, ...]  # the same first, then those that are shown with it
    queue: str
    since: datetime | None
    until: datetime | None
    run_from: int | None
    run_to: int | None
    said: str
    class_name: str
    labeller: str
    confidence: tuple[float, float]
    text: str
    fold: bool
    by_run: bool


class LabelSide(QFrame):
    """Every change is told once, a moment after the last key."""

    asked = Signal()
    size_changed = Signal(int)
    train_wanted = Signal()
    keys_wanted = Signal()

    def __init__(self, queues: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page-head")
        self.setFixedWidth(236)
        self.plot_types, self.queues, self.said = QComboBox(), QComboBox(), QComboBox()
        self.labels, self.fold = QComboBox(), QPushButton("Fold near copies")
        self.by_run, self.time, self.more = QPushButton("Group by run"), TimeFilter(), MoreTypes()
        self.run_from, self.run_to, self.text, self.labeller = (QLineEdit() for _ in range(4))
        self.sure_from, self.sure_to = QLineEdit(), QLineEdit()
        self.zoom = QSlider(Qt.Orientation.Horizontal)
        self.person = QLineEdit()
        self.progress, self._leaders, self._agreement = FactRows(), FactRows(), FactRows()
        self.leaders_head, self.agreement_head = (
            label("Labeler leader", "name"),
            label("Agreement", "name"),
        )
        self.train = QPushButton("Train a model with these")
        self.keys = QPushButton("Keys  ?")
        self._soon = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._soon.timeout.connect(self.asked)
        for value, word in queues:
            self.queues.addItem(word, value)
        self._set_up()
        self._lay_out()

    def show_plot_types(self, kinds: Sequence[tuple[int, str]]) -> None:
        """The plot types to choose from (id, name); the choice stays if it is still there."""
        offer(self.plot_types, kinds)
        self._offer_more()

    def choose_plot_type(self, number: int) -> None:
        """Choose a plot type without telling anybody."""
        with QSignalBlocker(self.plot_types):
            self.plot_types.setCurrentIndex(max(0, self.plot_types.findData(number)))
        self._offer_more()

    def choose_queue(self, queue: str) -> None:
        """Choose a queue without telling anybody."""
        with QSignalBlocker(self.queues):
            self.queues.setCurrentIndex(self.queues.findData(queue))

    def show_classes(self, names: Sequence[str]) -> None:
        """The classes to filter by."""
        for box, any_word in ((self.said, "Whatever the AI said"), (self.labels, "Any label")):
            chosen = box.currentText()
            with QSignalBlocker(box):
                box.clear()
                box.addItems([any_word, *names])
                box.setCurrentText(chosen if chosen in names else any_word)

    def wishes(self) -> Asked:
        """What is set now."""
        return Asked(
            plot_type_id=self.plot_types.currentData() or 0,
            plot_type_ids=(self.plot_types.currentData() or 0, *self.more.chosen()),
            since=self.time.since(),
            until=self.time.until(),
            queue=self.queues.currentData(),
            run_from=_number(self.run_from),
            run_to=_number(self.run_to),
            said=self.said.currentText() if self.said.currentIndex() > 0 else "",
            class_name=self.labels.currentText() if self.labels.currentIndex() > 0 else "",
            labeller=self.labeller.text().strip(),
            confidence=(_share(self.sure_from, 0.0), _share(self.sure_to, 1.0)),
            text=self.text.text().strip(),
            fold=self.fold.isChecked(),
            by_run=self.by_run.isChecked(),
        )

    def show_progress(self, progress: Facts, leaders: Facts, agreement: Facts) -> None:
        """How far the labels are, who made most, how far people agree; empty parts are not shown."""
        self.progress.show_facts(progress)
        parts = (
            (self.leaders_head, self._leaders, leaders),
            (self.agreement_head, self._agreement, agreement),
        )
        for head, rows, facts in parts:
            rows.show_facts(facts)
            head.setVisible(bool(facts))
            rows.setVisible(bool(facts))

    def stop(self) -> None:
        """Tell of no more changes."""
        self._soon.stop()

    def show_size(self, width: int) -> None:
        """Put the slider to the tiles' width."""
        with QSignalBlocker(self.zoom):
            self.zoom.setValue(width)

    def _offer_more(self) -> None:
        """Any other plot type may be shown along with the chosen one."""
        box = self.plot_types
        all_kinds = [(box.itemData(n), box.itemText(n)) for n in range(box.count())]
        self.more.offer([kind for kind in all_kinds if kind[0] != box.currentData()])

    def _set_up(self) -> None:
        self._name()
        self._explain()
        self._tell()
        self.fold.setCheckable(True)
        self.by_run.setCheckable(True)
        self.zoom.setRange(SMALLEST, LARGEST)
        for number in (self.run_from, self.run_to):
            number.setValidator(QIntValidator(0, 2_000_000_000, number))
        for share in (self.sure_from, self.sure_to):
            share.setValidator(QIntValidator(0, 100, share))

    def _name(self) -> None:
        names: dict[QWidget, str] = {
            self.plot_types: "Plot type", self.queues: "Which pictures", self.said: "What the AI said",
            self.labels: "Present label", self.run_from: "From run", self.run_to: "To run",
            self.by_run: "Group by run", self.text: "Text in comment or file name", self.labeller: "Labelled by",
            self.sure_from: "AI sure from, percent", self.sure_to: "AI sure to, percent",
            self.zoom: "Size of the pictures", self.person: "Your name", self.fold: "Fold near copies",
        }  # fmt: skip
        for widget, name in names.items():
            widget.setAccessibleName(name)

    def _explain(self) -> None:
        self.run_from.setPlaceholderText("From run")
        self.run_to.setPlaceholderText("To run")
        self.sure_from.setPlaceholderText("Sure from")
        self.sure_to.setPlaceholderText("to, in %")
        self.text.setPlaceholderText("Comment or file name")
        self.labeller.setPlaceholderText("Labelled by")
        self.person.setPlaceholderText("The owner of this station's key")
        self.person.setToolTip("Votes are kept under this name; empty: under the key's own name")
        self.fold.setToolTip("Show one of several pictures that are nearly the same")
        self.by_run.setToolTip(
            "Whole runs, the newest first; in each the pictures in the queue's order"
        )

    def _tell(self) -> None:
        boxes = (self.plot_types, self.queues, self.said, self.labels)
        lines = (
            self.run_from, self.run_to, self.text, self.labeller, self.sure_from, self.sure_to,
        )  # fmt: skip
        changes = (
            *(box.currentIndexChanged for box in boxes),
            *(line.textChanged for line in lines),
            self.fold.toggled, self.by_run.toggled, self.time.changed, self.more.changed,
        )  # fmt: skip
        for changed in changes:
            changed.connect(self._soon.start)
        self.plot_types.currentIndexChanged.connect(self._offer_more)
        self.zoom.valueChanged.connect(self.size_changed)
        self.train.clicked.connect(self.train_wanted)
        self.keys.clicked.connect(self.keys_wanted)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        narrowing: tuple[tuple[QWidget, ...], ...] = (
            (self.run_from, self.run_to),
            (self.time,),
            (self.said,),
            (self.sure_from, self.sure_to),
            (self.labels,),
            (self.labeller,),
            (self.text,),
        )
        groups = (
            ("Plot type", ((self.plot_types,), (self.more,))),
            ("Show", ((self.queues,),)),
            ("Only", narrowing),
            ("Size", ((self.zoom,),)),
        )
        for head, rows in groups:
            column.addWidget(label(head, "small", kind="muted"))
            for widgets in rows:
                row = QHBoxLayout()
                for widget in widgets:
                    row.addWidget(widget)
                column.addLayout(row)
        column.addWidget(self.fold)
        column.addWidget(self.by_run)
        column.addSpacing(8)
        column.addWidget(label("Labels", "name"))
        column.addWidget(self.progress)
        for widget in (
            self.leaders_head, self._leaders, self.agreement_head, self._agreement,
        ):  # fmt: skip
            column.addWidget(widget)
        self.agreement_head.setToolTip(
            "Kappa: how far people agree beyond chance; 1 is always, 0 is no more than by chance"
        )
        self.show_progress((), (), ())
        column.addStretch(1)
        form = QFormLayout()
        form.addRow(label("You", "small", kind="muted"), self.person)
        column.addLayout(form)
        column.addWidget(self.train)
        column.addWidget(self.keys)


def _number(line: QLineEdit) -> int | None:
    return int(line.text()) if line.text() else None


def _share(line: QLineEdit, otherwise: float) -> float:
    return int(line.text()) / 100 if line.text() else otherwise
