"""Joins the feed, the plots model and the run page; says what the status line shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from PySide6.QtCore import QModelIndex, QObject, Signal, Slot

from hydra_desktop.link.arrival import Answer, Arrival, Failure
from hydra_desktop.models.arranged import ArrangedPlots, BadPlots
from hydra_desktop.models.plots import PlotRow, PlotsModel, Seen, Update
from hydra_desktop.words import clock, duration
from inference_server.protocol.messages import (
    GetThumbnail,
    Heartbeat,
    Judged,
    PlotTypesChanged,
    Request,
    Snapshot,
    Verdict,
)
from ui.roles import Role
from ui.run_page import RunPage
from ui.states import TileState
from ui.status_line import StatusLine


class Asker(Protocol):
    """Whoever takes questions to the server."""

    def ask(self, request: Request) -> int:
        """Send ``request``; its answer comes by signal, under the number returned."""


class RunRoom(QObject):
    """The only writer of the plots model."""

    opened = Signal(str)
    judged = Signal(object)  # Verdict, each one that the feed brought

    def __init__(
        self,
        page: RunPage,
        line: StatusLine,
        asker: Asker,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(page)
        self.model = PlotsModel(self)
        self.arranged = ArrangedPlots(self)
        self._bad = BadPlots(self)
        self._page, self._line, self._asker, self._now = page, line, asker, now
        self._ahead = timedelta()  # how far the server's clock is ahead of ours
        self._wanted: dict[int, str] = {}  # ticket -> picture hash
        self._calm_since: datetime | None = None
        self._last_look = -1
        self._show_models()
        self._connect_page()

    # ------------------------------------------------------------ what comes in

    @Slot(object)
    def restore(self, snapshot: Snapshot) -> None:
        """Show the state of a snapshot, and fetch the thumbnails that are not here."""
        colours = {known.name: known.colour for known in snapshot.classes if known.colour}
        self._write(
            Update(
                self.server_now(),
                known=snapshot.plot_types,
                complete=True,
                seen=tuple(Seen(verdict) for verdict in snapshot.verdicts),
                colours=colours,
            )
        )
        self._catalogue_moved()
        self._wanted = {}
        for row in self.model.rows:
            if row.verdict is not None and row.image is None:
                self._fetch(row.verdict)

    @Slot(list)
    def receive(self, batch: Sequence[Arrival]) -> None:
        """One pass over the batch, then one write to the model."""
        seen: list[Seen] = []
        for arrival in batch:
            match arrival.message:
                case Judged(verdict=verdict):
                    seen.append(Seen(verdict, arrival.image))
                    self.judged.emit(verdict)
                case Heartbeat(at=at):
                    self._ahead = at - self._now()
                case PlotTypesChanged(plot_types=known):
                    self._write(Update(self.server_now(), known=known))
                    self._catalogue_moved()
        if seen:
            self._write(Update(self.server_now(), seen=tuple(seen)))

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """A thumbnail that was asked for; other rooms' answers are none of ours."""
        wanted = self._wanted.pop(ticket, None)
        if wanted is not None and answer.image is not None:
            self._write(Update(self.server_now(), images={wanted: answer.image}))

    @Slot(int, object)
    def take_failure(self, ticket: int, _failure: Failure) -> None:
        """A thumbnail that does not come: the tile goes on saying so, the next verdict brings one."""
        self._wanted.pop(ticket, None)

    @Slot()
    def tick(self) -> None:
        """Once a second: ages, and what depends on them."""
        self._write(Update(self.server_now(), clock=True))
        self._rearrange()

    def server_now(self) -> datetime:
        """The time by the server's clock, which stamped the verdicts."""
        return self._now() + self._ahead

    # ------------------------------------------------------------ what goes out

    def _write(self, update: Update) -> None:
        self.model.apply(update)
        self._show_figures()

    def _fetch(self, verdict: Verdict) -> None:
        ticket = self._asker.ask(GetThumbnail(picture_hash=verdict.picture_hash))
        self._wanted[ticket] = verdict.picture_hash

    def _show_figures(self) -> None:
        rows = [row for row in self.model.rows if not row.kind.ignored]
        states = [row.state for row in rows]
        bad, look = states.count(TileState.MAJOR), states.count(TileState.MINOR)
        self._line.show_counts(bad, look)
        self._show_run(rows)
        self._show_quiet(bad, states)
        self._page.show_count(self.arranged.rowCount(), len(rows))
        self._page.show_empty(self._emptiness(rows))

    def _show_run(self, rows: Sequence[PlotRow]) -> None:
        verdicts = [row.verdict for row in rows if row.verdict is not None]
        if not verdicts:
            return
        newest = max(verdicts, key=lambda verdict: verdict.judged_at)
        in_run = sum(verdict.run == newest.run for verdict in verdicts)
        age = duration((self.server_now() - newest.judged_at).total_seconds())
        self._line.run.show_value(str(newest.run))
        self._line.last_plot.show_value(f"{age} ago")
        self._line.seen.show_value(f"{in_run} of {len(rows)}")

    def _show_quiet(self, bad: int, states: Sequence[TileState]) -> None:
        now = self.server_now()
        if bad or all(state is TileState.EMPTY for state in states):
            self._calm_since = None
            self._page.lane.show_quiet("No bad plots", "Nothing has been judged yet.")
            return
        self._calm_since = self._calm_since or now
        calm = duration((now - self._calm_since).total_seconds())
        all_good = all(state is TileState.GOOD for state in states)
        title = f"All {len(states)} plots are good." if all_good else "No bad plots"
        self._page.lane.show_quiet(title, f"Since {clock(self._calm_since)}, for {calm}")

    def _emptiness(self, rows: Sequence[PlotRow]) -> str:
        if not rows:
            return "No plots yet. They appear here as soon as the server has judged the first one."
        if self.arranged.rowCount() == 0:
            return "No plot matches these filters. Clear the filter box, or choose all groups."
        return ""

    def _catalogue_moved(self) -> None:
        kinds = [row.kind for row in self.model.rows]
        self._page.show_groups(sorted({kind.group for kind in kinds if kind.group}))
        self._page.show_hidden(sum(kind.ignored for kind in kinds))
        self.arranged.narrow()
        self._show_figures()

    def _rearrange(self) -> None:
        # Lists never reorder under the cursor.
        if not self._page.grid.underMouse():
            self.arranged.arrange()

    # ------------------------------------------------------------ joining

    def _show_models(self) -> None:
        self.arranged.setSourceModel(self.model)
        self._bad.setSourceModel(self.model)
        self._page.grid.show_model(self.arranged)
        self._page.lane.show_model(self._bad)
        self._show_figures()

    def _connect_page(self) -> None:
        self._page.grid.opened.connect(self.opened)
        self._page.lane.opened.connect(self.opened)
        self._page.filter_changed.connect(self._filter)
        self._page.group_changed.connect(self._group)
        self._page.hidden_shown.connect(self._hidden)
        self._page.order_changed.connect(self.arranged.order_by)

    def _filter(self, text: str) -> None:
        self.arranged.narrow(text=text)
        self._show_figures()
        self._page.grid.refit()

    def _group(self, group: str) -> None:
        self.arranged.narrow(group=group)
        self._show_figures()
        self._page.grid.refit()

    def _hidden(self, shown: bool) -> None:
        self.arranged.narrow(hidden=shown)
        self._show_figures()
        self._page.grid.refit()

    def show_next_to_look_at(self) -> None:
        """Lead to the next plot that wants a look, one after the other."""
        rows = [self.arranged.index(row, 0) for row in range(self.arranged.rowCount())]
        wanting = [i for i in rows if _row(i).state is TileState.MINOR]
        if not wanting:
            return
        after = [index for index in wanting if index.row() > self._last_look]
        chosen = (after or wanting)[0]
        self._last_look = chosen.row()
        self._page.grid.setCurrentIndex(chosen)
        self._page.grid.scrollTo(chosen)
        self._page.grid.setFocus()


def _row(index: QModelIndex) -> PlotRow:
    row: PlotRow = index.data(Role.ROW)
    return row
