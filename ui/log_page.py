"""The log: streaks of Bad and Unconfirmed by detector on the left, the chosen one on the right."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from ui.log_filters import LogFilters
from ui.parts import label
from ui.streak_view import StreakView

THUMBNAIL = QSize(72, 54)  # px of a row's picture


class LogPage(QWidget):
    """Shows rows and one streak; asks for everything else by signal."""

    chosen = Signal(QModelIndex)
    more_wanted = Signal()
    fresh_wanted = Signal()  # what came since the rows were asked for
    opened = Signal()  # the chosen streak, on the detail page
    export_wanted = Signal()
    report_wanted = Signal(str, bool)  # format, whether to send it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.filters = LogFilters()
        self.rows = QTreeView()
        self.none = label("", "section", kind="muted")
        self.note = label("", "body", kind="muted")
        self.older, self.fresh = QPushButton("Show older ones"), QPushButton("Show new ones")
        self.export = QPushButton("Export CSV")
        self.report = QPushButton("Daily report")
        self.send = QPushButton("Send as report")
        self.preview = StreakView()
        self._lay_out()
        self._join()

    def show_rows(self, model: QAbstractItemModel) -> None:
        """Show ``model``: detectors above, their streaks below."""
        self.rows.setModel(model)
        head = self.rows.header()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setStretchLastSection(True)
        model.rowsInserted.connect(self._unfold)
        self.rows.selectionModel().currentChanged.connect(self._choose)

    def show_state(self, note: str, *, nothing: str = "", more: bool = False) -> None:
        """The line below the rows; ``nothing``: a sentence in place of rows."""
        self.note.setText(note)
        self.older.setVisible(more)
        self.none.setText(nothing)
        self._pile.setCurrentIndex(1 if nothing else 0)

    def show_fresh(self, words: str) -> None:
        """What came since; rows do not move under the mouse by themselves. Empty: nothing."""
        self.fresh.setText(words)
        self.fresh.setVisible(bool(words))

    def _choose(self, now: QModelIndex, _before: QModelIndex) -> None:
        self.chosen.emit(now)

    def _open(self, index: QModelIndex) -> None:
        if index.parent().isValid():
            self.opened.emit()

    def _unfold(self, parent: QModelIndex, first: int, last: int) -> None:
        if parent.isValid():
            self.rows.expand(parent)
            return
        for row in range(first, last + 1):
            index = self.rows.model().index(row, 0, parent)
            self.rows.setFirstColumnSpanned(row, parent, True)
            self.rows.expand(index)

    def _join(self) -> None:
        self.older.clicked.connect(self.more_wanted)
        self.fresh.clicked.connect(self.fresh_wanted)
        self.export.clicked.connect(self.export_wanted)
        self.report.clicked.connect(lambda: self.report_wanted.emit("pdf", False))
        self.send.clicked.connect(lambda: self.report_wanted.emit("pdf", True))
        self.rows.activated.connect(self._open)
        for number in range(1, 10):
            key = QShortcut(QKeySequence(str(number)), self.rows)
            key.setContext(Qt.ShortcutContext.WidgetShortcut)
            key.activated.connect(partial(self.preview.labels.press, number))

    def _lay_out(self) -> None:
        self.rows.setAccessibleName("Streaks of bad and unconfirmed plots")
        self.rows.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.rows.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.rows.setIconSize(THUMBNAIL)
        self.rows.setProperty("kind", "log")
        self.none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.none.setWordWrap(True)
        self.fresh.hide()
        self.send.setToolTip("Sends it to everybody who wants the report by e-mail")
        split = QSplitter()
        split.addWidget(self._left())
        split.addWidget(self.preview)
        split.setSizes([940, 500])
        split.setStretchFactor(0, 1)
        split.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filters)
        column.addWidget(split, 1)

    def _left(self) -> QWidget:
        pile = QWidget()
        self._pile = QStackedLayout(pile)
        self._pile.addWidget(self.rows)
        self._pile.addWidget(self.none)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 6, 8, 10)
        foot.setSpacing(8)
        foot.addWidget(self.note)
        foot.addStretch(1)
        for button in (self.fresh, self.older, self.export, self.report, self.send):
            foot.addWidget(button)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(pile, 1)
        column.addLayout(foot)
        return left
