"""What stands beside the labeler's grid: classes, progress, leaders, agreement, trainings."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from hydra_desktop.models import label_facts, label_wishes
from hydra_desktop.models.label_queue import LabelQueueModel
from hydra_desktop.rooms.label_acts import LabelActs
from inference_server.protocol import labelling as p
from inference_server.protocol.library import GetModels, Models
from inference_server.protocol.messages import Done, Reply, StartTraining, TrainingState
from ui.label_page import LabelPage

COUNT_MS = 2000  # counting all labels of a plot type costs the server more than a label does
LOOK_MS = 60_000  # between two looks at how many wait
Ask = Callable[..., None]  # (request, what takes the reply)


class LabelFacts(QObject):
    """Of the plot type that the page shows; asked anew whenever it may have changed."""

    palette_came = Signal(object)  # p.Palette
    unlabelled_counted = Signal(str, str)  # in short for the rail, and in words

    def __init__(self, page: LabelPage, model: LabelQueueModel, acts: LabelActs, ask: Ask) -> None:
        super().__init__(page)
        self._page, self._model, self._acts, self._ask = page, model, acts, ask
        self._job: int | None = None  # the training that was started from here
        self._soon = QTimer(self, singleShot=True, interval=COUNT_MS)
        self._soon.timeout.connect(self.ask_progress)
        self._now_and_then = QTimer(self, interval=LOOK_MS)
        self._now_and_then.timeout.connect(self.count)

    def look_again(self) -> None:
        """Another queue is shown, or the same one afresh."""
        self._now_and_then.start()
        self.ask_palette()
        self.ask_progress()

    def ask_palette(self) -> None:
        """Which classes there are: those of all plot types that are shown."""
        kinds, came = self._page.side.wishes().plot_type_ids, dict[int, p.Palette]()

        def take(palette: p.Palette) -> None:
            came[palette.plot_type_id] = palette
            if all(kind in came for kind in kinds):
                self._take_palette(label_wishes.common([came[kind] for kind in kinds]))

        for kind in kinds:
            self._ask(p.GetPalette(plot_type_id=kind), take)

    def labelled(self) -> None:
        """Labels were kept: count again, but not after each of a quick row of them."""
        if not self._soon.isActive():
            self._soon.start()

    def stop(self) -> None:
        """Ask for nothing more."""
        self._soon.stop()
        self._now_and_then.stop()

    def forget(self) -> None:
        """Another server: its trainings have numbers of their own."""
        self._job = None

    def count(self) -> None:
        """How many pictures wait for a label, whatever the page shows."""
        if self._kind:
            request = p.GetLabelQueue(
                plot_type_ids=(self._kind,), queue=p.Queue.UNLABELLED, limit=1
            )
            self._ask(request, lambda page: self._show_unlabelled(page.left or 0), quiet=True)

    def ask_progress(self) -> None:
        """How far the work is."""
        self._ask(p.GetLabelProgress(plot_type_id=self._kind), self._take_progress)

    def show_left(self, left: int) -> None:
        """How many pictures the queue holds."""
        many = f"more than {p.COUNTED}" if left >= p.COUNTED else str(left)
        self._page.show_count(f"{self._page.side.queues.currentText()}: {many} pictures")

    def train(self) -> None:
        """Start a training of this plot type."""

        def queued(reply: Reply) -> None:
            if isinstance(reply, Done):
                self._job = reply.id
                self._page.show_count(reply.sentence)

        self._ask(StartTraining(plot_type_id=self._kind), queued)

    def show_training(self, training: TrainingState) -> None:
        """Say how the training goes that was started from here, and what it changed."""
        if self._job is None or training.job_id != self._job:
            return
        self._page.show_count(f"Training of {training.plot_type}: {training.sentence}")
        if training.state in {"done", "failed", "stopped"}:
            self._job = None
        if training.state == "done" and training.model_id is not None:
            made = training.model_id

            def compare(reply: Models) -> None:
                self._page.show_count(label_facts.outcome(reply.models, made))

            self._ask(GetModels(plot_type_id=training.plot_type_id), compare)

    @property
    def _kind(self) -> int:
        return self._page.side.wishes().plot_type_id

    def _take_palette(self, palette: p.Palette) -> None:
        brushes = label_facts.brushes(palette.classes, self._acts.keys.all())
        self._acts.brushes, self._acts.may_label = brushes, palette.may_label
        self._page.palette_bar.show_brushes(
            brushes, may_label=palette.may_label, may_edit=palette.may_edit
        )
        self._page.side.show_classes([each.name for each in brushes])
        self._model.show_brushes(brushes)
        self.palette_came.emit(palette)

    def _show_unlabelled(self, left: int) -> None:
        self.unlabelled_counted.emit(*label_facts.unlabelled(left))

    def _take_progress(self, progress: p.LabelProgress) -> None:
        self._show_unlabelled(progress.left)
        many = f"more than {p.COUNTED}" if progress.left >= p.COUNTED else str(progress.left)
        facts: list[tuple[str, Any]] = [(name, str(n)) for name, n in progress.by_class.items()]
        facts += [
            ("No label", many),
            ("This session", label_facts.own(self._acts.pace, time.monotonic())),
        ]
        self._page.side.show_progress(
            facts, label_facts.leaders(progress), label_facts.agreement(progress)
        )
