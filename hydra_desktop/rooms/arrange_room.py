"""Joins the controls above the grid and how this station has arranged its plots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import msgspec
from PySide6.QtCore import QModelIndex, QObject, QPoint, Signal, Slot
from PySide6.QtWidgets import QInputDialog, QMenu

from hydra_desktop.models import station as stations
from hydra_desktop.models.arranged import ArrangedPlots
from hydra_desktop.models.plot_row import PlotRow
from hydra_desktop.models.plots import PlotsModel
from hydra_desktop.models.station import Station
from hydra_desktop.settings import Memory
from ui.roles import Role
from ui.run_page import RunPage
from ui.states import TileState

Offer = tuple[str, Callable[[], None]]  # words of a menu, and what it does


class ArrangeRoom(QObject):
    """Every change is kept at once and shown at once."""

    changed = Signal()  # what is shown, and how much of it

    def __init__(
        self,
        page: RunPage,
        model: PlotsModel,
        arranged: ArrangedPlots,
        memory: Memory,
        key: str = "layout",
    ) -> None:
        super().__init__(page)
        self._key = key  # under which this window's layout is kept
        self._page, self._model, self._arranged, self._memory = page, model, arranged, memory
        self._with_hidden = False
        self.offers: Callable[[str], Sequence[Offer]] = lambda _name: ()  # what others can do
        self.station = stations.load(memory.text(key))
        self._connect()
        self._take(self.station)

    # ------------------------------------------------------------ what a person does

    def hide(self, name: str) -> None:
        """Hide a plot on this station."""
        self._take(self.station.hide(name))

    def bring_back(self, name: str) -> None:
        """Show a hidden plot again; an empty name means all of them."""
        names = [name] if name else list(self.station.hidden)
        self._take(self.station.bring_back(names))

    def reset(self) -> None:
        """The layout as at first; what is hidden and grouped stays."""
        self._page.head.filter_box.clear()
        self._page.head.unconfirmed.setChecked(False)
        self._page.reset_lanes()
        self._take(self.station.reset())

    def set_folding(self, on: bool) -> None:
        """Whether groups of many plots stand folded; all that were unfolded fold again."""
        self._take(_with(self.station, fold=on, unfolded=frozenset()))

    def unfold(self, group: str) -> None:
        """Show the plots of a folded group, the first of them with the keyboard."""
        first = self._first_of(group)
        self._take(self.station.unfold(group))
        self._page.grid.reveal(first)

    def unfold_what_needs_a_look(self) -> None:
        """So that the way to each plot that is to be looked at is open."""
        folded = self._arranged.folded
        wanting = {row.kind.group for row in self._model.rows if row.state is TileState.MINOR}
        for group in sorted(wanting & folded):
            self._take(self.station.unfold(group))

    def _group_of(self, name: str) -> str:
        return str(self._model.row_of(name).data(Role.GROUP) or "")

    def _first_of(self, group: str) -> str:
        names = (row.kind.name for row in self._model.rows if row.kind.group == group)
        return next(names, "")

    def set_lanes(self, lanes: int) -> None:
        """Two lanes or one."""
        self._take(_with(self.station, lanes=lanes))

    def move(self, name: str, to: str) -> None:
        """Put a tile at the place of another; from then on the order is this station's own."""
        shown = [
            self._arranged.index(row, 0).data(Role.NAME) for row in range(self._arranged.rowCount())
        ]
        self._take(self.station.moved(name, to, shown))
        self._page.grid.reveal(name)

    def menu(self, name: str) -> QMenu:
        """What can be done with one plot."""
        made = QMenu(self._page)
        made.addAction("Open").triggered.connect(lambda: self._page.grid.opened.emit(name))
        if self._model.row_of(name).data(Role.STATE) is TileState.MAJOR and self.station.lanes == 2:
            show = made.addAction("Show in the bad lane")
            show.triggered.connect(lambda: self._page.lane.reveal(name))
        for words, act in self.offers(name):
            made.addAction(words).triggered.connect(act)
        if (group := self._group_of(name)) in self._arranged.folded:
            made.addAction(f"Unfold {group}").triggered.connect(lambda: self.unfold(group))
        elif group in self.station.unfolded:
            fold = made.addAction(f"Fold {group}")
            fold.triggered.connect(lambda: self._take(self.station.fold_again(group)))
        if name in self.station.hidden:
            made.addAction("Bring back").triggered.connect(lambda: self.bring_back(name))
        else:
            made.addAction("Hide on this station").triggered.connect(lambda: self.hide(name))
        into = made.addMenu("Put into a group")
        for group in sorted(self.station.groups):
            held = name in self.station.groups[group]
            words = f"Take out of {group}" if held else group
            change = self.station.take_out if held else self.station.put_into
            into.addAction(words).triggered.connect(partial(self._regroup, change(group, name)))
        into.addAction("New group").triggered.connect(lambda: self.ask_group(name))
        return made

    def ask_group(self, name: str) -> QInputDialog:
        """Ask for the name of a new group, and put the plot into it."""
        dialog = QInputDialog(self._page)
        dialog.setWindowTitle("New group")
        dialog.setLabelText(f"Name of the group that {name} begins:")
        dialog.textValueSelected.connect(lambda group: self.put_into(group.strip(), name))
        dialog.open()
        return dialog

    def put_into(self, group: str, name: str) -> None:
        """Put a plot into an own group."""
        if group:
            self._take(self.station.put_into(group, name))

    def _regroup(self, station: Station, _on: bool = False) -> None:
        self._take(station)

    # ------------------------------------------------------------ what comes in

    @Slot()
    def catalogue_moved(self) -> None:
        """The plot types, or their groups, changed."""
        self._show_choices()
        self._arranged.narrow()

    def _data_changed(self, first: QModelIndex, last: QModelIndex, roles: Sequence[int]) -> None:
        """A hidden plot that turns bad is brought back, for good."""
        if not self.station.hidden or (roles and Role.STATE not in roles):
            return
        rows: list[PlotRow] = [
            self._model.index(place, 0).data(Role.ROW)
            for place in range(first.row(), last.row() + 1)
        ]
        back = [
            row.kind.name
            for row in rows
            if row.state is TileState.MAJOR and row.kind.name in self.station.hidden
        ]
        if back:
            self._take(self.station.bring_back(back))

    # ------------------------------------------------------------ showing

    def _take(self, station: Station) -> None:
        self.station = station
        self._memory.remember(self._key, stations.dump(station))
        self._page.head.show_order(station.order_by)
        self._page.choose_lanes(station.lanes)
        self._show_choices()
        self._arranged.narrow(station=station)
        self._tell()

    def _show_choices(self) -> None:
        kinds = [row.kind for row in self._model.rows]
        named = sorted({kind.group for kind in kinds if kind.group})
        choices = stations.group_choices(named, self.station.groups)
        self._page.head.show_groups(choices, self.station.group)
        self._page.head.show_hidden(
            sorted(self.station.hidden),
            sorted(kind.name for kind in kinds if kind.ignored),
            shown=self._with_hidden,
        )

    def _tell(self) -> None:
        self.changed.emit()
        self._page.grid.refit()

    def _connect(self) -> None:
        head, grid = self._page.head, self._page.grid
        head.filter_changed.connect(self._filter)
        head.unconfirmed_changed.connect(self._unconfirmed)
        head.group_changed.connect(lambda key: self._take(_with(self.station, group=key)))
        head.order_changed.connect(lambda key: self._take(_with(self.station, order_by=key)))
        head.hidden_shown.connect(self._show_hidden)
        head.brought_back.connect(self.bring_back)
        grid.moved.connect(self.move)
        grid.menu_wanted.connect(self._open_menu)
        grid.unfold_wanted.connect(self.unfold)
        self._page.lane.menu_wanted.connect(self._open_menu)
        self._model.dataChanged.connect(self._data_changed)

    def _filter(self, text: str) -> None:
        self._arranged.narrow(text=text)
        self._tell()

    def _unconfirmed(self, only: bool) -> None:
        self._arranged.narrow(unconfirmed=only)
        self._tell()

    def _show_hidden(self, shown: bool) -> None:
        self._with_hidden = shown
        self._arranged.narrow(hidden=shown)
        self._show_choices()
        self._tell()

    def _open_menu(self, name: str, where: QPoint) -> None:
        menu = self.menu(name)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)


def _with(station: Station, **changes: object) -> Station:
    return msgspec.structs.replace(station, **changes)
