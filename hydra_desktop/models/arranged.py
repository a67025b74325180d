"""The plots as a view wants them: filtered, grouped and ordered; and the bad ones by themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)

from hydra_desktop.models.folding import foldable, heads, spoken, summary
from hydra_desktop.models.plot_row import PlotRow
from hydra_desktop.models.station import Station, in_group
from hydra_desktop.words import NO_MODEL
from ui.roles import Fold, Role
from ui.states import TileState

Index = QModelIndex | QPersistentModelIndex
Rank = tuple[float, float, str]


class ArrangedPlots(QSortFilterProxyModel):
    """For the grid. It reorders only when told to, so that no tile moves under the cursor."""

    row_moved = Signal(object)  # PlotRow that changed, shown or not

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._text, self._station = "", Station()
        self._places: dict[str, int] = {}
        self._with_hidden = self._only_unconfirmed = False
        self._heads: dict[str, int] = {}  # plot type ids of the groups that stand folded
        self._first: dict[str, int] = {}  # where each group begins
        self.setDynamicSortFilter(False)

    def narrow(
        self,
        *,
        text: str | None = None,
        station: Station | None = None,
        hidden: bool | None = None,
        unconfirmed: bool | None = None,
    ) -> None:
        """Change what is shown; None leaves that part as it is."""
        self._text = self._text if text is None else text.strip().casefold()
        self._with_hidden = self._with_hidden if hidden is None else hidden
        if unconfirmed is not None:
            self._only_unconfirmed = unconfirmed
        if station is not None:
            self._station = station
            self._places = {name: place for place, name in enumerate(station.order)}
        self._fold()
        self.invalidate()
        self.arrange()

    @property
    def shown(self) -> int:
        """How many plots are shown, those in folded groups included."""
        return len(self._fitting()) if self._heads else self.rowCount()

    @property
    def folded(self) -> frozenset[str]:
        """Groups that stand folded."""
        return frozenset(self._heads)

    def setSourceModel(self, model: QAbstractItemModel) -> None:
        if self.sourceModel() is not None:
            self.sourceModel().dataChanged.disconnect(self._member_changed)
        super().setSourceModel(model)
        model.dataChanged.connect(self._member_changed)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Role.FOLD, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            fold = self._fold_at(index)
            if role == Role.FOLD:
                return fold
            if fold is not None:
                return spoken(fold)
        return super().data(index, role)

    def refilter(self) -> None:
        """What is shown may have changed with the verdicts."""
        if self._only_unconfirmed:
            self.invalidate()

    def arrange(self) -> None:
        """Put the rows in order again; where they are already, nothing moves or repaints."""
        if self._station.order_by == "fixed" and not self._heads:
            if self.sortColumn() != -1:
                self.sort(-1)
            return
        ranks = [self._rank(self.index(row, 0)) for row in range(self.rowCount())]
        if ranks != sorted(ranks):
            self.sort(0)

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        row: PlotRow = self.sourceModel().index(source_row, 0, source_parent).data(Role.ROW)
        return self._heads.get(row.kind.group, row.kind.id) == row.kind.id and self._fits(row)

    def _fits(self, row: PlotRow) -> bool:
        kind = row.kind
        return (
            self._text in kind.name.casefold()
            and in_group(kind.name, kind.group, self._station.group, self._station.groups)
            and (self._with_hidden or not is_hidden(row, self._station))
            and (not self._only_unconfirmed or is_unconfirmed(row))
        )

    @property
    def every(self) -> list[PlotRow]:
        """All rows, shown or not."""
        model = self.sourceModel()
        return [model.index(place, 0).data(Role.ROW) for place in range(model.rowCount())]

    def _fitting(self) -> list[PlotRow]:
        return [row for row in self.every if self._fits(row)]

    def _fold(self) -> None:
        """Which groups fold now. Whoever searches wants to see what is found."""
        searched = bool(self._text) or self._only_unconfirmed or not self._station.fold
        if self.sourceModel() is None or searched:
            self._heads = {}
            return
        rows = self._fitting()
        folded = foldable(rows, self._station.group) - self._station.unfolded
        self._heads = heads(rows, folded)
        self._first = {}
        for place, row in enumerate(rows):
            self._first.setdefault(row.kind.group, place)

    def _fold_at(self, index: Index) -> Fold | None:
        if not self._heads or not index.isValid():
            return None
        row: PlotRow = super().data(index, Role.ROW)
        if self._heads.get(row.kind.group) != row.kind.id:
            return None
        inside = [each for each in self._fitting() if each.kind.group == row.kind.group]
        return summary(row.kind.group, inside)

    def _member_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        """A plot inside a folded group is not shown; its group's tile is."""
        model = self.sourceModel()
        places = range(first.row(), last.row() + 1)
        rows: list[PlotRow] = [model.index(place, 0).data(Role.ROW) for place in places]
        for row in rows:
            self.row_moved.emit(row)
        touched = {self._heads[row.kind.group] for row in rows if row.kind.group in self._heads}
        for place in range(self.rowCount()) if touched else ():
            index = self.index(place, 0)
            if index.data(Role.ROW).kind.id in touched:
                self.dataChanged.emit(index, index)

    def lessThan(self, left: Index, right: Index) -> bool:
        return self._rank(left) < self._rank(right)

    def _rank(self, index: Index) -> Rank:
        row: PlotRow = index.data(Role.ROW)
        name = row.kind.name.casefold()
        match self._station.order_by:
            case "need":
                return -row.state, _began(row.since), name
            case "own":
                return self._places.get(row.kind.name, len(self._places)), 0, name
            case "fixed":  # only where groups fold: what was unfolded stands together
                return self._first.get(row.kind.group, len(self._first)), self._source(index), name
        return 0, 0, name

    def _source(self, index: Index) -> int:
        """The place in the source model, of an index of either model."""
        ours = index.model() is self
        return self.mapToSource(index).row() if ours else index.row()


class BadPlots(QSortFilterProxyModel):
    """For the lane: bad plots only, the newest trouble first; also those that the station hides."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setDynamicSortFilter(True)
        self.sort(0)

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        row: PlotRow = self.sourceModel().index(source_row, 0, source_parent).data(Role.ROW)
        return row.state is TileState.MAJOR

    def lessThan(self, left: Index, right: Index) -> bool:
        first, second = left.data(Role.ROW), right.data(Role.ROW)
        return bool(first.since and second.since and first.since > second.since)


def is_hidden(row: PlotRow, station: Station) -> bool:
    """Whether a plot is not shown unless asked for; what turns bad is never hidden by a station."""
    hidden_here = row.kind.name in station.hidden and row.state is not TileState.MAJOR
    return row.kind.ignored or hidden_here


def is_unconfirmed(row: PlotRow) -> bool:
    """Whether a person should look at its newest verdict."""
    verdict = row.verdict
    return verdict is not None and verdict.label != NO_MODEL and not verdict.confirmed


def _began(since: datetime | None) -> float:
    """The older the trouble, the further up."""
    return since.timestamp() if since else 0.0
