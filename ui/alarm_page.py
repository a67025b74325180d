"""All about alarms: what stands, what is set aside, the history, the figures of the shift, who was away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ui.parts import FactRows, label

SHIFTS = (("The last 8 hours", 8), ("The last 24 hours", 24), ("The last 7 days", 168))


class AlarmTable(QTableView):
    """Rows are chosen whole; Enter or a double click opens one."""

    opened = Signal(int)  # row

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(30)
        self.activated.connect(lambda index: self.opened.emit(index.row()))

    def show_model(self, model: QAbstractItemModel, stretched: Sequence[int]) -> None:
        """Show ``model``; the ``stretched`` columns take the width that is left."""
        self.setModel(model)
        head = self.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        for column in range(model.columnCount()):
            stretch = column in stretched
            mode = QHeaderView.ResizeMode
            head.setSectionResizeMode(column, mode.Stretch if stretch else mode.ResizeToContents)

    @property
    def chosen(self) -> tuple[int, ...]:
        """Numbers of the chosen rows."""
        selection = self.selectionModel()
        return tuple(sorted(index.row() for index in selection.selectedRows())) if selection else ()

    def choose(self, rows: Sequence[int]) -> None:
        """Choose these rows."""
        self.clearSelection()
        flags = QItemSelectionModel.SelectionFlag
        for row in rows:
            index = self.model().index(row, 0)
            self.selectionModel().select(index, flags.Select | flags.Rows)


class AlarmPage(QWidget):
    """Five views behind tabs; every act asks who does it."""

    acknowledge_wanted = Signal()  # the chosen ones
    acknowledge_all_wanted = Signal()
    shelve_wanted = Signal()
    unshelve_wanted = Signal()
    service_wanted = Signal()  # back into service
    maintenance_wanted = Signal()
    rule_wanted = Signal()
    plot_wanted = Signal(int)  # row of the standing ones
    searched = Signal(str)
    more_wanted = Signal()
    shift_chosen = Signal(int)  # hours
    tab_shown = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.standing = AlarmTable("Alarms that stand")
        self.aside = AlarmTable("Alarms that are set aside")
        self.history = AlarmTable("Alarm history")
        self.away = AlarmTable("What happened while you were away")
        self.standing_note, self.aside_note = (
            label("", "body", kind="muted"),
            label("", "body", kind="muted"),
        )
        self.history_note, self.away_note = (
            label("", "body", kind="muted"),
            label("", "body", kind="muted"),
        )
        self.search = QLineEdit()
        self.more = QPushButton("Show older ones")
        self.shift = QComboBox()
        self.figures = FactRows()
        self.figures_note = label("", "body", kind="muted")
        self.result = label("", "body")
        self.buttons: dict[str, QPushButton] = {}
        self.tabs = QTabWidget()
        self._lay_out()
        self.tabs.currentChanged.connect(self._tab_changed)

    def show_tab(self, key: str) -> None:
        """ "standing", "aside", "history", "figures" or "away"."""
        self.tabs.setCurrentIndex(_KEYS.index(key))

    @property
    def tab(self) -> str:
        """Key of the view in front."""
        return _KEYS[self.tabs.currentIndex()]

    def show_counts(self, standing: int, aside: int) -> None:
        """Numbers on the first two tabs."""
        self.tabs.setTabText(0, f"Standing {standing}" if standing else "Standing")
        self.tabs.setTabText(1, f"Set aside {aside}" if aside else "Set aside")

    def _tab_changed(self, _number: int) -> None:
        self.tab_shown.emit(self.tab)

    def _button(self, words: str, signal: SignalInstance, row: QHBoxLayout, kind: str = "") -> None:
        made = self.buttons[words] = QPushButton(words)
        if kind:
            made.setProperty("kind", kind)
        made.clicked.connect(signal)
        row.addWidget(made)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(10)
        column.addWidget(label("Alarms", "section"))
        for page, word in (
            (self._standing_tab(), "Standing"),
            (self._aside_tab(), "Set aside"),
            (self._history_tab(), "History"),
            (self._figures_tab(), "Figures"),
            (self._away_tab(), "While you were away"),
        ):
            self.tabs.addTab(page, word)
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.setAccessibleName("Views of the alarms")
        column.addWidget(self.tabs, 1)
        self.result.setWordWrap(True)
        column.addWidget(self.result)

    def _standing_tab(self) -> QWidget:
        page, column = _tab()
        row = QHBoxLayout()
        self._button("Acknowledge", self.acknowledge_wanted, row, "primary")
        self._button("Acknowledge all", self.acknowledge_all_wanted, row)
        self._button("Shelve", self.shelve_wanted, row)
        row.addStretch(1)
        self._button("When does it call", self.rule_wanted, row)
        self._button("Maintenance", self.maintenance_wanted, row)
        column.addWidget(self.standing_note)
        column.addWidget(self.standing, 1)
        column.addLayout(row)
        self.standing.opened.connect(self.plot_wanted)
        return page

    def _aside_tab(self) -> QWidget:
        page, column = _tab()
        row = QHBoxLayout()
        self._button("Take from the shelf", self.unshelve_wanted, row)
        self._button("Back into service", self.service_wanted, row)
        row.addStretch(1)
        column.addWidget(self.aside_note)
        column.addWidget(self.aside, 1)
        column.addLayout(row)
        return page

    def _history_tab(self) -> QWidget:
        page, column = _tab()
        self.search.setPlaceholderText("Plot, words, name or reason")
        self.search.setAccessibleName("Search the alarm history")
        self.search.returnPressed.connect(self._search)
        self.search.setClearButtonEnabled(True)
        find = QPushButton("Search")
        find.clicked.connect(self._search)
        row = QHBoxLayout()
        row.addWidget(self.search, 1)
        row.addWidget(find)
        self.more.clicked.connect(self.more_wanted)
        column.addLayout(row)
        column.addWidget(self.history_note)
        column.addWidget(self.history, 1)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        return page

    def _figures_tab(self) -> QWidget:
        page, column = _tab()
        self.shift.setAccessibleName("Stretch of time")
        for word, hours in SHIFTS:
            self.shift.addItem(word, hours)
        self.shift.currentIndexChanged.connect(self._choose_shift)
        self.figures.setMaximumWidth(720)
        self.figures_note.setWordWrap(True)
        column.addWidget(self.shift, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.figures)
        column.addWidget(self.figures_note)
        column.addStretch(1)
        return page

    def _away_tab(self) -> QWidget:
        page, column = _tab()
        column.addWidget(self.away_note)
        column.addWidget(self.away, 1)
        return page

    @property
    def shift_hours(self) -> int:
        """The stretch of time that is chosen."""
        return int(self.shift.currentData())

    def _search(self) -> None:
        self.searched.emit(self.search.text().strip())

    def _choose_shift(self, _number: int) -> None:
        self.shift_chosen.emit(self.shift_hours)


_KEYS = ("standing", "aside", "history", "figures", "away")


def _tab() -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 12, 0, 0)
    column.setSpacing(10)
    return page, column
