"""Joins the feed, the plots model and the run page; says what the status line shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from PySide6.QtCore import QModelIndex, QObject, Signal, Slot

from hydra_desktop.link.arrival import Answer, Arrival, Failure, decoded
from hydra_desktop.models.arranged import ArrangedPlots, BadPlots
from hydra_desktop.models.plot_row import PlotRow, Stroke
from hydra_desktop.models.plots import STRIP, PlotsModel, Seen, Update
from hydra_desktop.words import clock, condition_words, duration, state_for
from inference_server.protocol.alarms import ConditionsChanged
from inference_server.protocol.detail import GetStrips, Strips
from inference_server.protocol.explain import GetHeatmap, HeatmapReady
from inference_server.protocol.messages import (
    GetThumbnail,
    Heartbeat,
    Judged,
    PlotTypesChanged,
    Request,
    Snapshot,
    Verdict,
)
from ui.alarm_marks import AlarmSign
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

    opened = Signal(str)  # a plot as it stands in the grid
    card_opened = Signal(str)  # a card of the lane, which is of now, whatever the grid shows
    judged = Signal(object)  # Verdict, each one that the feed brought
    catalogue_moved = Signal()

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
        self._heats: dict[int, str] = {}  # ticket -> picture hash
        self._strips = 0  # ticket
        self.classes: tuple[tuple[str, str, str], ...] = ()  # name, severity, own colour
        self._ahead = timedelta()  # how far the server's clock is ahead of ours
        self._wanted: dict[int, str] = {}  # ticket -> picture hash
        self._calm_since: datetime | None = None
        self._last_look = -1
        self._staged: PlotsModel | None = None  # shown in place of the live plots
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
        self.classes = tuple((each.name, each.severity, each.colour) for each in snapshot.classes)
        self._line.show_experiment(snapshot.experiment, decoded(snapshot.logo))
        self._line.show_conditions(condition_words(snapshot.conditions))
        self._catalogue_moved()
        self._wanted, self._heats = {}, {}
        self._strips = self._asker.ask(GetStrips(length=STRIP))
        for row in self.model.rows:
            if row.verdict is not None and row.image is None:
                self._fetch(row.verdict)
            if row.state is TileState.MAJOR and row.heat is None and row.verdict is not None:
                self._ask_heat(row.verdict.picture_hash, row.kind.id)

    @Slot(list)
    def receive(self, batch: Sequence[Arrival]) -> None:
        """One pass over the batch, then one write to the model."""
        seen: list[Seen] = []
        for arrival in batch:
            match arrival.message:
                case Judged(verdict=verdict):
                    seen.append(Seen(verdict, arrival.image))
                    self.judged.emit(verdict)
                case ConditionsChanged(conditions=conditions):
                    self._line.show_conditions(condition_words(conditions))
                case Heartbeat(at=at):
                    self._ahead = at - self._now()
                case PlotTypesChanged(plot_types=known):
                    self._write(Update(self.server_now(), known=known))
                    self._catalogue_moved()
                case HeatmapReady(picture_hash=shown, trouble=""):
                    self._heat_ready(shown)
        if seen:
            self._write(Update(self.server_now(), seen=tuple(seen)))
            self.arranged.refilter()

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """A thumbnail that was asked for; other rooms' answers are none of ours."""
        wanted = self._wanted.pop(ticket, None)
        if wanted is not None and answer.image is not None:
            self._write(Update(self.server_now(), images={wanted: answer.image}))
        shown = self._heats.pop(ticket, None)
        if shown is not None and answer.images and (grey := answer.images[0]) is not None:
            self._write(Update(self.server_now(), heats={shown: grey}))
        if ticket == self._strips and isinstance(answer.message, Strips):
            self._write(Update(self.server_now(), strips=_strokes(answer.message)))

    @Slot(int, object)
    def take_failure(self, ticket: int, _failure: Failure) -> None:
        """A thumbnail that does not come: the tile goes on saying so, the next verdict brings one."""
        self._wanted.pop(ticket, None)
        self._heats.pop(ticket, None)

    @Slot()
    def tick(self) -> None:
        """Once a second: ages, and what depends on them."""
        self._write(Update(self.server_now(), clock=True))
        self._rearrange()

    def show_alarms(self, signs: Mapping[int, AlarmSign]) -> None:
        """How the alarms of plots stand, by plot type id, for their tiles."""
        self._write(Update(self.server_now(), alarms=signs))

    def strip(self, name: str) -> tuple[TileState, ...]:
        """The last verdicts of a plot, oldest first."""
        found: tuple[TileState, ...] | None = self.model.row_of(name).data(Role.STRIP)
        return found or ()

    def server_now(self) -> datetime:
        """The time by the server's clock, which stamped the verdicts."""
        return self._now() + self._ahead

    # ------------------------------------------------------------ what goes out

    def _write(self, update: Update) -> None:
        self.model.apply(update)
        self.show_figures()

    def _fetch(self, verdict: Verdict) -> None:
        ticket = self._asker.ask(GetThumbnail(picture_hash=verdict.picture_hash))
        self._wanted[ticket] = verdict.picture_hash

    def _heat_ready(self, picture_hash: str) -> None:
        """A card of the lane may wait for this heat map."""
        for row in self.model.rows:
            shown = row.verdict.picture_hash if row.verdict else ""
            if row.state is TileState.MAJOR and shown == picture_hash and row.heat is None:
                self._ask_heat(picture_hash, row.kind.id)

    def _ask_heat(self, picture_hash: str, plot_type_id: int) -> None:
        wanted = GetHeatmap(picture_hash=picture_hash, plot_type_id=plot_type_id)
        self._heats[self._asker.ask(wanted)] = picture_hash

    def show_figures(self) -> None:
        """Counts and figures, as they are now."""
        rows = [row for row in self.model.rows if not row.kind.ignored]
        states = [row.state for row in rows]
        bad, look = states.count(TileState.MAJOR), states.count(TileState.MINOR)
        self._line.show_counts(bad, look)
        self._show_run(rows)
        if self._staged is not None:
            self.show_staged()
            return
        self._show_quiet(bad, states)
        self._page.show_count(self.arranged.shown, len(rows))
        self._page.show_empty(self._emptiness(rows))

    def stage(self, model: PlotsModel | None) -> None:
        """Show a replay's plots in grid and lane; None: the live ones. The status line stays live."""
        self._staged = model
        shown = model or self.model
        self.arranged.setSourceModel(shown)
        self._bad.setSourceModel(shown)
        self._page.lane.show_replay(model is not None)
        self.show_figures()

    def show_staged(self) -> None:
        """The page's own figures, while a replay stands on it."""
        if self._staged is not None:
            rows = [row for row in self._staged.rows if not row.kind.ignored]
            self._page.lane.show_quiet("No bad plots", "in the replay so far")
            self._page.show_count(self.arranged.shown, len(rows))
            self._page.show_empty(self._emptiness(rows))

    def _show_run(self, rows: Sequence[PlotRow]) -> None:
        verdicts = [row.verdict for row in rows if row.verdict is not None]
        if not verdicts:
            return
        row = max((row for row in rows if row.verdict), key=lambda row: -row.age_s)
        newest = max(verdicts, key=lambda verdict: verdict.judged_at)
        in_run = sum(verdict.run == newest.run for verdict in verdicts)
        age_s = (self.server_now() - newest.judged_at).total_seconds()
        limit = row.kind.stale_after_s
        self._line.run.show_value(str(newest.run))
        late = 0 < limit < age_s
        self._line.show_last_plot(f"{duration(age_s)} ago", late=late)
        self._line.seen.show_value(f"{in_run} of {len(rows)}")

    def _show_quiet(self, bad: int, states: Sequence[TileState]) -> None:
        now = self.server_now()
        if bad or all(state is TileState.EMPTY for state in states):
            self._calm_since = None
            self._page.lane.show_quiet("No bad plots", "Nothing has been judged yet.")
            return
        self._calm_since = self._calm_since or now
        calm = duration((now - self._calm_since).total_seconds())
        all_good = all(state in (TileState.GOOD, TileState.MASKED) for state in states)
        title = f"All {len(states)} plots are good." if all_good else "No bad plots"
        self._page.lane.show_quiet(title, f"Since {clock(self._calm_since)}, for {calm}")

    def _emptiness(self, rows: Sequence[PlotRow]) -> str:
        if not rows:
            return "No plots yet. They appear here as soon as the server has judged the first one."
        if self.arranged.rowCount() == 0:
            return "No plot matches these filters. Clear the filter box, or choose all groups."
        return ""

    def _catalogue_moved(self) -> None:
        self.catalogue_moved.emit()
        self.show_figures()

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
        self.show_figures()

    def _connect_page(self) -> None:
        self._page.grid.opened.connect(self.opened)
        self._page.lane.opened.connect(self._open_card)

    def _open_card(self, name: str) -> None:
        (self.card_opened if self._staged is None else self.opened).emit(name)

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


def _strokes(found: Strips) -> dict[int, tuple[Stroke, ...]]:
    return {
        number: tuple(
            (
                mark.at,
                state_for(mark.severity, confirmed=mark.confirmed)
                if mark.judged
                else TileState.INVALID,
            )
            for mark in marks
        )
        for number, marks in found.strips.items()
    }


def _row(index: QModelIndex) -> PlotRow:
    row: PlotRow = index.data(Role.ROW)
    return row
