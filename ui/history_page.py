"""Confidences of plot types over time or run by run, stacked; the picture under the mouse on the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ui import theme
from ui.parts import FactRows, label, offer
from ui.picture_view import PictureView
from ui.tokens import class_colour
from ui.trend_data import TrendCurve, TrendData
from ui.trend_plot import TrendPlot
from ui.trend_symbols import mark_icon

SETTLED_MS = 250  # after the last turn of the wheel the server is asked
MOST = 6  # plot types at a time
STRETCHES = (
    ("24 hours", 1.0),
    ("7 days", 7.0),
    ("30 days", 30.0),
    ("1 year", 365.0),
    ("2 years", 730.0),
)


class HistoryPage(QWidget):
    """Shows what it is given; what somebody wants to see goes out by signal."""

    added = Signal(int)  # a plot type's number
    removed = Signal(int)
    stretch_wanted = Signal(float, float)  # as ``TrendData.at``
    axis_wanted = Signal(bool)  # whether by run
    days_wanted = Signal(float)
    runs_wanted = Signal(str)
    hovered = Signal(int, int)  # plot type, step; -1: none
    pressed = Signal(int, int)
    export_wanted = Signal()
    picture_export_wanted = Signal()
    parquet_wanted = Signal()
    open_wanted = Signal()  # the step that is shown, on the detail page

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.kinds, self.days, self.axis = QComboBox(), QComboBox(), QComboBox()
        self.add, self.runs = QPushButton("Show"), QLineEdit(placeholderText="Runs, 92300-92317")
        self.table, self.image = QPushButton("Export CSV"), QPushButton("Save as PNG")
        self.parquet, self.open = QPushButton("Export Parquet"), QPushButton("Open")
        self.note = label("", "body", kind="muted")
        self.none = label("Choose a plot and press Show.", "section", kind="muted")
        self.picture, self.picture_title = PictureView(), label("", "card")
        self.picture_note, self.facts = label("", "small", kind="muted"), FactRows()
        self.plots: dict[int, TrendPlot] = {}
        self._frames: dict[int, QWidget] = {}
        self._classes: dict[str, QCheckBox] = {}
        self._known: dict[str, TrendCurve] = {}
        self._wanted: tuple[float, float] | None = None
        self._settle = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._lay_out()
        self._join()

    def show_kinds(self, kinds: Sequence[tuple[int, str]]) -> None:
        """The plot types that can be chosen, by number and name."""
        offer(self.kinds, kinds)

    def show_trend(self, number: int, data: TrendData) -> None:
        """Draw one plot type; a new one goes below the others."""
        if number not in self.plots:
            self._add_plot(number, data.title)
        self.plots[number].show_data(data)
        self._show_classes(data.curves)

    def show_stretch(self, since: float, until: float) -> None:
        """Bring this stretch into view, without asking for it."""
        self._wanted = (since, until)
        for plot in self.plots.values():
            plot.show_stretch(since, until)
        self._settle.stop()

    def remove(self, number: int) -> None:
        """Take a plot type away."""
        self.plots.pop(number, None)
        if (frame := self._frames.pop(number, None)) is not None:
            frame.setParent(None)  # at once: a deletion waits for the event loop
            frame.deleteLater()
        self.none.setVisible(not self.plots)

    def show_step(self, title: str, facts: Sequence[tuple[str, str]], note: str = "") -> None:
        """What is known of one step; its picture comes with ``show_picture``."""
        self.picture_title.setText(title)
        self.facts.show_facts(facts)
        self.picture_note.setText(note)

    def show_picture(self, image: QImage | None, note: str = "") -> None:
        """The picture of that step, or why there is none."""
        if image is not None:
            self.picture.show_image(image)
        self.picture.setVisible(image is not None)
        self.open.setVisible(image is not None)
        self.picture_note.setText(note)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._show_marks()

    # ------------------------------------------------------------ parts

    def _add_plot(self, number: int, title: str) -> None:
        plot = TrendPlot()
        if self.plots:
            plot.show_stretch(*next(iter(self.plots.values())).stretch())
        elif self._wanted is not None:
            plot.show_stretch(*self._wanted)
        plot.stretch_changed.connect(self._stretched)
        plot.hovered.connect(lambda step: self.hovered.emit(number, step))
        plot.pressed.connect(lambda step: self.pressed.emit(number, step))
        close = QPushButton("Remove")
        close.setAccessibleName(f"Remove {title}")
        close.clicked.connect(lambda: self.removed.emit(number))
        frame = QFrame()
        frame.setProperty("kind", "card")
        row = QHBoxLayout(frame)
        row.setContentsMargins(8, 8, 8, 8)
        row.addWidget(plot, 1)
        row.addWidget(close)
        self.plots[number], self._frames[number] = plot, frame
        self._stack.insertWidget(self._stack.count() - 1, frame, 1)
        self.none.hide()

    def _show_classes(self, curves: Sequence[TrendCurve]) -> None:
        for curve in curves:
            if curve.name not in self._classes:
                check = self._classes[curve.name] = QCheckBox(curve.name)
                check.setChecked(True)
                check.toggled.connect(self._hide_classes)
                self._class_row.insertWidget(len(self._classes) - 1, check)
            self._known[curve.name] = curve
        self._show_marks()
        self._hide_classes()

    def _show_marks(self) -> None:
        """The boxes are the legend too."""
        for name, check in self._classes.items():
            curve = self._known[name]
            colour = class_colour(theme.current(), name, curve.severity, curve.colour)
            check.setIcon(mark_icon(name, colour))

    def _hide_classes(self) -> None:
        hidden = {name for name, check in self._classes.items() if not check.isChecked()}
        for plot in self.plots.values():
            plot.hide_classes(hidden)

    def _stretched(self, since: float, until: float) -> None:
        # pyqtgraph's own links go by where the plots stand on the screen, which is known only once they do.
        for plot in self.plots.values():
            plot.show_stretch(since, until)
        if self._wanted is None or not _same(self._wanted, (since, until)):
            self._wanted = (since, until)
            self._settle.start()

    def _settled(self) -> None:
        if self._wanted is not None and self.isVisible():
            self.stretch_wanted.emit(*self._wanted)

    def _add(self) -> None:
        if self.kinds.currentData() is not None:
            self.added.emit(self.kinds.currentData())

    def _turn(self) -> None:
        self._settle.stop()  # what came into view was told in the numbers of the other axis
        self.axis_wanted.emit(self.axis.currentData())

    def _join(self) -> None:
        self._settle.timeout.connect(self._settled)
        self.add.clicked.connect(self._add)
        self.days.activated.connect(lambda _: self.days_wanted.emit(self.days.currentData()))
        self.axis.activated.connect(self._turn)
        self.runs.returnPressed.connect(lambda: self.runs_wanted.emit(self.runs.text()))
        self.table.clicked.connect(self.export_wanted)
        self.image.clicked.connect(self.picture_export_wanted)
        self.parquet.clicked.connect(self.parquet_wanted)
        self.open.clicked.connect(self.open_wanted)

    def _lay_out(self) -> None:
        for word, days in STRETCHES:
            self.days.addItem(f"Newest {word}", days)
        self.axis.addItem("By time", False)
        self.axis.addItem("Run by run", True)
        self.axis.setToolTip("Run by run, runs stand side by side whatever time lay between")
        for widget, name in (
            (self.kinds, "Plot"), (self.days, "Stretch of time"), (self.axis, "Axis"),
            (self.runs, "Runs"),
        ):  # fmt: skip
            widget.setAccessibleName(name)
        self.kinds.setMinimumWidth(220)
        self.runs.setFixedWidth(180)
        split = QSplitter()
        split.addWidget(self._plots_side())
        split.addWidget(self._picture_side())
        split.setSizes([1080, 380])
        split.setStretchFactor(0, 1)
        split.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        column.addWidget(split, 1)

    def _head(self) -> QFrame:
        head = QFrame()
        head.setProperty("kind", "page-head")
        first = QHBoxLayout()
        first.setSpacing(8)
        for widget in (self.kinds, self.add, self.days, self.runs, self.axis):
            first.addWidget(widget)
        first.addStretch(1)
        for button in (self.table, self.parquet, self.image):
            first.addWidget(button)
        self._class_row = QHBoxLayout()
        self._class_row.setSpacing(8)
        self._class_row.addStretch(1)
        self._class_row.addWidget(self.note)
        column = QVBoxLayout(head)
        column.setContentsMargins(16, 8, 16, 6)
        column.addLayout(first)
        column.addLayout(self._class_row)
        return head

    def _plots_side(self) -> QScrollArea:
        self.stack = QWidget()
        self._stack = QVBoxLayout(self.stack)
        self._stack.setContentsMargins(16, 12, 8, 12)
        self._stack.setSpacing(12)
        self._stack.addWidget(self.none)
        self._stack.addStretch(0)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self.stack)
        return area

    def _picture_side(self) -> QFrame:
        side = QFrame()
        side.setMinimumWidth(300)
        column = QVBoxLayout(side)
        column.setContentsMargins(8, 12, 16, 12)
        column.setSpacing(8)
        self.picture_title.setWordWrap(True)
        self.picture_note.setWordWrap(True)
        self.picture_note.setText(
            "Point at a mark to see its picture; click to see it in full size."
        )
        self.open.setToolTip("The detail page: heat map, neighbours, label, log book")
        parts = (self.picture_title, self.facts, self.picture, self.picture_note, self.open)
        for widget in parts:
            column.addWidget(widget, 1 if widget is self.picture else 0)
        column.addStretch(0)
        self.picture.hide()
        self.open.hide()
        return side


def _same(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two stretches differ by less than anybody can see."""
    width = max(1e-6, one[1] - one[0])
    return max(abs(one[0] - other[0]), abs(one[1] - other[1])) < width / 2000
