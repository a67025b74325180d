"""The plots as a view wants them: filtered, grouped and ordered; and the bad ones by themselves."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel

from hydra_desktop.models.plots import PlotRow
from ui.roles import Role
from ui.states import TileState

Index = QModelIndex | QPersistentModelIndex


class ArrangedPlots(QSortFilterProxyModel):
    """For the grid. It reorders only when told to, so that no tile moves under the cursor."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._text, self._group, self._order = "", "", "fixed"
        self._with_hidden = False
        self.setDynamicSortFilter(False)

    def narrow(
        self, *, text: str | None = None, group: str | None = None, hidden: bool | None = None
    ) -> None:
        """Change what is shown; None leaves that part as it is."""
        self._text = self._text if text is None else text.strip().casefold()
        self._group = self._group if group is None else group
        self._with_hidden = self._with_hidden if hidden is None else hidden
        self.invalidate()

    def order_by(self, order: str) -> None:
        """ "fixed" (as the server lists them), "name" or "need" (the worst first)."""
        self._order = order
        self.arrange()

    def arrange(self) -> None:
        """Put the rows in order again; where they are already, nothing moves or repaints."""
        if self._order == "fixed":
            if self.sortColumn() != -1:
                self.sort(-1)
            return
        ranks = [self._rank(self.index(row, 0)) for row in range(self.rowCount())]
        if ranks != sorted(ranks):
            self.sort(0)

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        row: PlotRow = self.sourceModel().index(source_row, 0, source_parent).data(Role.ROW)
        return (
            self._text in row.kind.name.casefold()
            and self._group in ("", row.kind.group)
            and (self._with_hidden or not row.kind.ignored)
        )

    def lessThan(self, left: Index, right: Index) -> bool:
        return self._rank(left) < self._rank(right)

    def _rank(self, index: Index) -> tuple[int, str]:
        row: PlotRow = index.data(Role.ROW)
        need = -row.state if self._order == "need" else 0
        return need, row.kind.name.casefold()


class BadPlots(QSortFilterProxyModel):
    """For the lane: bad plots only, the newest trouble first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setDynamicSortFilter(True)
        self.sort(0)

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        row: PlotRow = self.sourceModel().index(source_row, 0, source_parent).data(Role.ROW)
        return row.state is TileState.MAJOR and not row.kind.ignored

    def lessThan(self, left: Index, right: Index) -> bool:
        first, second = left.data(Role.ROW), right.data(Role.ROW)
        return bool(first.since and second.since and first.since > second.since)
