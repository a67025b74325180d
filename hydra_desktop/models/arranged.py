"""The plots as a view wants them: filtered, grouped and ordered; and the bad ones by themselves."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel

from hydra_desktop.models.plot_row import PlotRow
from hydra_desktop.models.station import Station, in_group
from hydra_desktop.words import NO_MODEL
from ui.roles import Role
from ui.states import TileState

Index = QModelIndex | QPersistentModelIndex
Rank = tuple[float, float, str]


class ArrangedPlots(QSortFilterProxyModel):
    """For the grid. It reorders only when told to, so that no tile moves under the cursor."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._text, self._station = "", Station()
        self._places: dict[str, int] = {}
        self._with_hidden = self._only_unconfirmed = False
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
        self.invalidate()
        self.arrange()

    def refilter(self) -> None:
        """What is shown may have changed with the verdicts."""
        if self._only_unconfirmed:
            self.invalidate()

    def arrange(self) -> None:
        """Put the rows in order again; where they are already, nothing moves or repaints."""
        if self._station.order_by == "fixed":
            if self.sortColumn() != -1:
                self.sort(-1)
            return
        ranks = [self._rank(self.index(row, 0)) for row in range(self.rowCount())]
        if ranks != sorted(ranks):
            self.sort(0)

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        row: PlotRow = self.sourceModel().index(source_row, 0, source_parent).data(Role.ROW)
        kind = row.kind
        return (
            self._text in kind.name.casefold()
            and in_group(kind.name, kind.group, self._station.group, self._station.groups)
            and (self._with_hidden or not is_hidden(row, self._station))
            and (not self._only_unconfirmed or is_unconfirmed(row))
        )

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
        return 0, 0, name


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
