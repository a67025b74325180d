"""Freezes the grid on a past run, and lets it follow the current one again. The lane stays live."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.models.arranged import ArrangedPlots
from hydra_desktop.models.plots import PlotsModel, Seen, Update
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.words import clock, moment
from inference_server.protocol.detail import GetRun, GetRuns, RunInfo, Runs, RunVerdicts
from ui.main_window import MainWindow
from ui.run_page import RunPage
from ui.runs_dialog import RunsDialog
from ui.second_window import SecondWindow


class PastRoom(QObject):
    """One switch: follow, or a run."""

    def __init__(
        self,
        window: MainWindow | SecondWindow,
        page: RunPage,
        live: PlotsModel,
        arranged: ArrangedPlots,
        asker: Asker,
    ) -> None:
        super().__init__(window)
        self._window, self._page, self._asker = window, page, asker
        self._live, self._arranged = live, arranged
        self.dialog: RunsDialog | None = None
        self._past: PlotsModel | None = None
        self._runs: tuple[RunInfo, ...] = ()
        self._ticket, self._run_ticket = 0, 0
        self._chosen: RunInfo | None = None
        window.past_wanted.connect(self.ask)
        window.past_bar.follow_wanted.connect(self.follow)

    @property
    def frozen(self) -> bool:
        """Whether a past run is shown."""
        return self._past is not None

    @Slot()
    def ask(self) -> None:
        """Let the person choose."""
        self.dialog = RunsDialog(self._window)
        self.dialog.chosen.connect(self._choose)
        self.dialog.open()
        self._ticket = self._asker.ask(GetRuns())

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """The list, or the run that was chosen."""
        match answer.message:
            case Runs(runs=runs) if ticket == self._ticket and self.dialog is not None:
                self._runs = runs
                self.dialog.show_runs([_line(each) for each in runs])
            case RunVerdicts() as found if ticket == self._run_ticket:
                self._freeze(found, answer)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why not."""
        if ticket == self._ticket and self.dialog is not None:
            self.dialog.show_note(failure.words)
        elif ticket == self._run_ticket:
            self._window.past_bar.show_past(f"The run cannot be shown. {failure.words}")

    @Slot()
    def follow(self) -> None:
        """Show the current run again."""
        self._arranged.setSourceModel(self._live)
        if self._past is not None:
            self._past.deleteLater()
        self._past = None
        self._page.show_past(False)
        self._window.past_bar.show_past("")

    def _choose(self, place: int) -> None:
        self._chosen = self._runs[place]
        self._run_ticket = self._asker.ask(
            GetRun(run=self._chosen.run, run_period=self._chosen.run_period)
        )

    def _freeze(self, found: RunVerdicts, answer: Answer) -> None:
        if self._chosen is None:
            return
        at = self._chosen.last_seen
        kinds = tuple(row.kind for row in self._live.rows)
        images = answer.images or (None,) * len(found.verdicts)
        past = PlotsModel(self, past=True)
        past.apply(
            Update(
                at,
                known=kinds,
                seen=tuple(
                    Seen(verdict, image)
                    for verdict, image in zip(found.verdicts, images, strict=True)
                ),
            )
        )
        self._arranged.setSourceModel(past)
        if self._past is not None:
            self._past.deleteLater()
        self._past = past
        self._page.show_past(True)
        self._window.past_bar.show_past(
            f"You look at run {found.run} as it was at {clock(at)}. Bad plots on the right are of now."
        )


def _line(run: RunInfo) -> str:
    first, last = run.first_seen, run.last_seen
    period = f", {run.run_period}" if run.run_period else ""
    return f"Run {run.run}{period}: {moment(first, last)} to {clock(last)}"
