"""The model library: models on the left, what they say in the middle, thresholds on the right."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ui.comparison_view import ComparisonView
from ui.confusion_matrix import ConfusionMatrix
from ui.model_curves import ModelCurvesView
from ui.model_list import ModelList
from ui.parts import label
from ui.picture_strip import PictureStrip
from ui.shadow_line import ShadowLine
from ui.threshold_panel import ThresholdPanel

_SOURCES = (
    ("Validation", "validation"),
    ("All labelled", "labelled"),
    ("Unbiased stream", "unbiased"),
)
_SCALES = (
    ("Counts: log", (True, False)),
    ("Counts: linear", (False, False)),
    ("Row %: log", (True, True)),
    ("Row %: linear", (False, True)),
)
_VIEWS = (("Confusion", "matrix"), ("Curves", "curves"), ("Comparison", "comparison"))
_KINDS = {"png": "PNG (*.png)", "svg": "SVG (*.svg)", "csv": "CSV (*.csv)"}


class LibraryPage(QWidget):
    """Knows no model: shows what its room hands in."""

    source_chosen = Signal(str)
    look_chosen = Signal(bool, bool)  # log, shares
    view_chosen = Signal(str)
    export_wanted = Signal(str, str)  # kind, path

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.models, self.thresholds = ModelList(), ThresholdPanel()
        self.matrix, self.strip = ConfusionMatrix(), PictureStrip()
        self.curves, self.comparison = ModelCurvesView(), ComparisonView()
        self.title = label("", "section")
        self.subtitle = label("", "body", kind="muted")
        self.shadow = ShadowLine()
        self.skill = label("", "name")
        self.skill.setWordWrap(True)
        self.skill.setToolTip(
            "In brackets: where the figure lies with 95 % certainty, were these pictures a fair sample.\n"
            "Bad found: of what people call Bad, how much the AI calls Bad (recall).\n"
            "Bad right: of what the AI calls Bad, how much people call Bad (precision)."
        )
        self.remark = label("", "small", kind="muted")  # what to know of the figures
        self.note = label("", "small", kind="muted")  # what became of the person's last act
        for words in (self.remark, self.note):
            words.setWordWrap(True)
        self.source, self.scale, self.view = QComboBox(), QComboBox(), QComboBox()
        self.export = QPushButton("Export")
        self.empty = label("", "body", kind="muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self._stack = QStackedWidget()
        self._views: dict[str, QWidget] = {
            "matrix": self.matrix,
            "curves": self.curves,
            "comparison": self.comparison,
        }
        self._fill_controls()
        self._lay_out()

    def show_empty(self, sentence: str) -> None:
        """A sentence in place of the figures; empty text shows them."""
        self.empty.setText(sentence)
        if sentence:
            self._stack.setCurrentWidget(self.empty)
        else:
            self._stack.setCurrentWidget(self._views[self.view.currentData()])

    def show_view(self, key: str) -> None:
        """Bring one of "matrix", "curves", "comparison" to the front."""
        self.view.setCurrentIndex(self.view.findData(key))

    def minimumSizeHint(self) -> QSize:
        return QSize(1000, 560)

    # ------------------------------------------------------------ parts

    def _fill_controls(self) -> None:
        for box, name, choices in (
            (self.source, "Counted on", _SOURCES),
            (self.scale, "Scale", _SCALES),
            (self.view, "Shown", _VIEWS),
        ):
            box.setAccessibleName(name)
            for word, key in choices:
                box.addItem(word, key)
        self.source.currentIndexChanged.connect(
            lambda: self.source_chosen.emit(self.source.currentData())
        )
        self.scale.currentIndexChanged.connect(
            lambda: self.look_chosen.emit(*self.scale.currentData())
        )
        self.view.currentIndexChanged.connect(self._view)
        menu = QMenu(self)
        for kind, words in _KINDS.items():
            menu.addAction(words.split(" ")[0]).triggered.connect(partial(self._ask_file, kind))
        self.export.setMenu(menu)
        self.export.setToolTip("Save the matrix as a picture, a drawing or a table")

    def _view(self) -> None:
        key = self.view.currentData()
        for words in (self.skill, self.remark):
            words.setVisible(key == "matrix")
        if not self.empty.text():
            self._stack.setCurrentWidget(self._views[key])
        self.scale.setEnabled(key == "matrix")
        self.view_chosen.emit(key)

    def _ask_file(self, kind: str, _checked: bool = False) -> None:
        dialog = QFileDialog(self, "Export the confusion matrix", f"confusion.{kind}", _KINDS[kind])
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kind)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.export_wanted.emit(kind, path))
        dialog.open()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.title)
        head.addStretch(1)
        for control in (self.source, self.scale, self.view, self.export):
            head.addWidget(control)
        for view in (*self._views.values(), self.empty):
            self._stack.addWidget(view)
        middle = QSplitter(Qt.Orientation.Vertical)
        middle.addWidget(self._stack)
        middle.addWidget(self.strip)
        middle.setStretchFactor(0, 1)
        middle.setSizes([610, 220])
        middle.setChildrenCollapsible(False)
        column = QVBoxLayout()
        column.setContentsMargins(12, 10, 12, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.subtitle)
        column.addWidget(self.shadow)
        column.addWidget(self.skill)
        column.addWidget(self.remark)
        column.addWidget(self.note)
        column.addWidget(middle, 1)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.models)
        outer.addLayout(column, 1)
        outer.addWidget(self.thresholds)
