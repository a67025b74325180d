"""Which run is replayed, who judges it, and how fast."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot

from hydra_desktop.asking import Asking
from hydra_desktop.link.arrival import Failure
from hydra_desktop.rooms.run_room import RunRoom
from hydra_desktop.words import clock, moment
from inference_server.protocol.detail import GetRuns, RunInfo, Runs
from inference_server.protocol.library import GetModels, Models
from ui.main_window import MainWindow
from ui.replay_dialog import ACTIVE, ANOTHER, ReplayDialog
from ui.second_window import SecondWindow


class ReplayChoice(QObject):
    """The dialog's partner; what was chosen stays until the next time."""

    started = Signal()

    def __init__(
        self,
        window: MainWindow | SecondWindow,
        run: RunRoom,
        asking: Asking,
        speeds: Sequence[tuple[float, str]],
    ) -> None:
        super().__init__(window)
        self._window, self._run_room, self._asking, self._speeds = window, run, asking, speeds
        self.dialog: ReplayDialog | None = None
        self.run: RunInfo | None = None
        self.models: dict[int, int] = {}
        self.by = ""
        self.speed = 10.0
        self._runs: tuple[RunInfo, ...] = ()

    @Slot()
    def ask(self) -> None:
        """Let the person choose."""
        self.ask_for("")

    def ask_for(self, number: str) -> None:
        """Let the person choose, with the runs up to ``number`` to begin with; empty: the newest."""
        kinds = sorted((row.kind for row in self._run_room.model.rows), key=lambda kind: kind.name)
        self.dialog = ReplayDialog(
            [(kind.id, kind.name) for kind in kinds], self._speeds, self._window
        )
        self.dialog.choose_speed(self.speed)
        self.dialog.older_wanted.connect(self._ask_runs)
        self.dialog.plot_chosen.connect(self._ask_models)
        self.dialog.start_wanted.connect(self._start)
        self.dialog.number.setText(number)
        self.dialog.open()
        self._ask_runs(number)

    def close(self) -> None:
        """The replay begins."""
        if self.dialog is not None:
            self.dialog.accept()
            self.dialog = None

    @Slot(str)
    def show_note(self, sentence: str) -> None:
        """Progress, or why not; then it can be tried again."""
        if self.dialog is not None:
            self.dialog.show_note(sentence)
            self.dialog.show_busy(not sentence.startswith("The run cannot"))

    def _ask_runs(self, number: str) -> None:
        up_to = int(number) if number.strip().isdigit() else None
        self._asking.ask(GetRuns(up_to=up_to), self._take_runs, self._failed)

    def _take_runs(self, found: Runs) -> None:
        if self.dialog is not None:
            self._runs = found.runs
            self.dialog.show_runs([_line(each) for each in found.runs])

    def _ask_models(self, plot_type_id: int) -> None:
        self._asking.ask(GetModels(plot_type_id=plot_type_id), self._take_models, self._failed)

    def _take_models(self, found: Models) -> None:
        if self.dialog is not None:
            self.dialog.show_models(
                [
                    (each.id, f"{each.name}, active" if each.active else each.name)
                    for each in found.models
                ]
            )

    def _failed(self, failure: Failure) -> None:
        if self.dialog is not None:
            self.dialog.show_note(failure.words)

    def _start(self, place: int) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        self.run, self.speed = self._runs[place], float(dialog.speed.currentData())
        self.models, self.by = {}, ""
        match dialog.judges.currentData():
            case judge if judge == ACTIVE:
                rows = self._run_room.model.rows
                self.models = {row.kind.id: row.kind.model_id for row in rows if row.kind.model_id}
                self.by = "the models active now"
            case judge if judge == ANOTHER:
                if dialog.models.currentData() is None:
                    dialog.show_note("This plot type has no model that could judge.")
                    return
                self.models = {dialog.plots.currentData(): dialog.models.currentData()}
                self.by = f"{dialog.models.currentText()} on {dialog.plots.currentText()}"
        dialog.show_busy(True)
        dialog.show_note("Asking the server.")
        self.started.emit()


def _line(run: RunInfo) -> str:
    period = f", {run.run_period}" if run.run_period else ""
    return (
        f"Run {run.run}{period}: {moment(run.first_seen, run.last_seen)} to {clock(run.last_seen)}"
    )
