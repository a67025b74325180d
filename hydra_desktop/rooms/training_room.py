"""Joins the trainer's news and the training page: what can be trained, what runs, what came out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot

from hydra_desktop.asking import Asking
from hydra_desktop.link.arrival import Arrival, Failure
from hydra_desktop.models import library, training
from hydra_desktop.rooms.run_room import Asker
from inference_server.protocol.labelling import LabelsMoved
from inference_server.protocol.library import (
    GetModels,
    GetTrainingPlan,
    LibraryChanged,
    Models,
    TrainingPlan,
)
from inference_server.protocol.messages import (
    ClassInfo,
    Done,
    PlotTypeInfo,
    PlotTypesChanged,
    Snapshot,
    StartTraining,
    StopTraining,
    TrainingChanged,
    TrainingState,
)
from ui.training_page import ResultFigures, TrainingPage


class TrainingRoom(QObject):
    """The only writer of the training page."""

    activate_wanted = Signal(int, int)  # plot type, model
    open_wanted = Signal(int, int)

    def __init__(self, page: TrainingPage, asker: Asker) -> None:
        super().__init__(page)
        self.asking = Asking(asker, self)
        self._page, self._wish = page, page.wish
        self._kinds: tuple[PlotTypeInfo, ...] = ()
        self._classes: dict[str, ClassInfo] = {}
        self.states: dict[int, TrainingState] = {}
        self._kind, self._chosen = 0, 0
        page.wish.plot_type_chosen.connect(self._choose_kind)
        page.wish.train_wanted.connect(self._train)
        page.stop_wanted.connect(self._stop)
        page.job_chosen.connect(self.choose)
        page.activate_wanted.connect(lambda: self._emit(self.activate_wanted.emit))
        page.open_wanted.connect(lambda: self._emit(self.open_wanted.emit))

    # ------------------------------------------------------------ from the server

    @Slot(object)
    def restore(self, snapshot: Snapshot) -> None:
        """Start from a snapshot."""
        self._classes = {each.name: each for each in snapshot.classes}
        self.states = {each.job_id: each for each in snapshot.trainings}
        self._take_kinds(snapshot.plot_types)
        self._ask_plan()
        self._show_jobs()

    @Slot(list)
    def receive(self, batch: Sequence[Arrival]) -> None:
        """What the feed says of trainings, labels and plot types."""
        for arrival in batch:
            match arrival.message:
                case TrainingChanged(training=state):
                    self._take_state(state)
                case PlotTypesChanged(plot_types=kinds):
                    self._take_kinds(kinds)
                case LabelsMoved(moves=moves) if self._kind in {m.plot_type_id for m in moves}:
                    self._ask_plan()
                case LibraryChanged(what="activation"):
                    self._show_result()

    def _take_kinds(self, kinds: Sequence[PlotTypeInfo]) -> None:
        self._kinds = tuple(kinds)
        self._wish.show_plot_types([(k.id, library.kind_name(k, kinds)) for k in kinds])

    def _take_state(self, state: TrainingState) -> None:
        self.states[state.job_id] = state
        if self._chosen not in self.states or state.state == "running":
            self._chosen = state.job_id
        self._show_jobs()
        if state.job_id == self._chosen:
            self._show_result()

    # ------------------------------------------------------------ what to train

    def _choose_kind(self, number: int) -> None:
        self._kind = number
        names = [kind.name for kind in self._kinds]
        name = next((kind.name for kind in self._kinds if kind.id == number), "")
        self._wish.merge.setVisible(names.count(name) > 1)
        self._ask_plan()

    def _ask_plan(self) -> None:
        if self._kind:
            self.asking.ask(GetTrainingPlan(plot_type_id=self._kind), self._take_plan, self._say)

    def _take_plan(self, plan: TrainingPlan) -> None:
        if plan.plot_type_id != self._kind:
            return
        kind = next((each for each in self._kinds if each.id == self._kind), None)
        order = kind.classes if kind is not None else ()
        self._wish.show_counts(
            training.counts(plan, order, self._classes), training.split_words(plan)
        )
        self._wish.show_depths(training.depths(plan))
        self._wish.show_networks(training.networks(plan), training.weights_words(plan))
        possible = training.can_train(plan)
        self._wish.train.setEnabled(possible)
        self._wish.train.setToolTip("" if possible else "Label pictures of two classes first")

    def _train(self) -> None:
        rule, value = self._wish.rule.currentData(), self._wish.rule_value.value()
        network, size = self._wish.chosen_network
        wish = StartTraining(
            network=network,
            size=size,
            precision=value if rule == "precision" else 0.0,
            false_calls=value if rule == "false_calls" else 0.0,
            merge=self._wish.merge.isVisible() and self._wish.merge.isChecked(),
            plot_type_id=self._kind,
            depth=self._wish.chosen_depth,
            runs=self._wish.runs.text().strip(),
            why=self._wish.why.text().strip(),
        )
        self._wish.note.setText("Waits for the server.")
        self.asking.ask(wish, self._asked, self._say)

    def _asked(self, done: Done) -> None:
        self._wish.note.setText(done.sentence)
        if done.id is not None:
            self._chosen = done.id
            kind = next((each for each in self._kinds if each.id == self._kind), None)
            waits = TrainingState(
                job_id=done.id,
                plot_type=kind.name if kind is not None else "",
                state="waiting",
                sentence=done.sentence,
                plot_type_id=self._kind,
                depth=self._wish.chosen_depth,
            )
            self.states.setdefault(done.id, waits)
            self._show_jobs()
            self._show_result()

    # ------------------------------------------------------------ what runs and what came out

    def choose(self, number: int) -> None:
        """Show the curve and the result of a training."""
        self._chosen = number
        self._show_jobs()
        self._show_result()

    def _stop(self, number: int, keep: bool) -> None:
        self._wish.note.setText("Waits for the server.")
        self.asking.ask(
            StopTraining(job_id=number, keep_best=keep),
            lambda done: self._wish.note.setText(done.sentence),
            self._say,
        )

    def _show_jobs(self) -> None:
        self._page.show_jobs(training.jobs(self.states), self._chosen)
        if (state := self.states.get(self._chosen)) is not None:
            self._page.show_curve(f"Curve of training {state.job_id}", training.curve(state))

    def _show_result(self) -> None:
        state = self.states.get(self._chosen)
        if state is None or state.model_id is None:
            self._page.show_result(ResultFigures())
            return
        kind = self._kind_of(state)
        if kind:
            self.asking.ask(GetModels(plot_type_id=kind), self._take_models, self._say)

    def _take_models(self, models: Models) -> None:
        state = self.states.get(self._chosen)
        number = state.model_id if state is not None else None
        new = next((each for each in models.models if each.id == number), None)
        self._page.show_result(training.result(new, models) if new is not None else ResultFigures())

    def _kind_of(self, state: TrainingState) -> int:
        if state.plot_type_id:
            return state.plot_type_id
        return next((kind.id for kind in self._kinds if kind.name == state.plot_type), 0)

    def _emit(self, emit: object) -> None:
        state = self.states.get(self._chosen)
        if state is not None and state.model_id is not None and callable(emit):
            emit(self._kind_of(state), state.model_id)

    def _say(self, failure: Failure) -> None:
        self._wish.note.setText(failure.words)
