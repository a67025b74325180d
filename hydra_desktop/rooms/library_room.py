"""Joins the models of the server and the library page: which model, on which pictures, what of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal, Slot

from hydra_desktop.asking import Asking
from hydra_desktop.link.arrival import Arrival, Failure
from hydra_desktop.models import library as shown
from hydra_desktop.models import model_facts
from hydra_desktop.rooms.run_room import Asker
from inference_server.protocol.labelling import LabelsMoved
from inference_server.protocol.library import GetModels, LibraryChanged, ModelInfo, Models
from inference_server.protocol.matrix import Source
from inference_server.protocol.messages import (
    ClassInfo,
    PlotTypeInfo,
    PlotTypesChanged,
    Snapshot,
    TrainingChanged,
)
from inference_server.protocol.trainings import TrainingState
from ui.library_page import LibraryPage

_NO_MODEL = "No model for this plot yet. It needs about 20 labels per class. Train one on the Training page."


class LibraryRoom(QObject):
    """Which model of which plot type is looked at, and on what; what is shown of it has rooms of its own."""

    model_shown = Signal(object, object)  # ModelInfo, Models
    plot_type_edited = Signal(object)  # PlotTypeInfo
    figures_wanted = Signal(str)  # of a view: "matrix", "curves", "comparison"
    figures_gone = Signal()  # those that are shown are of another model or source

    def __init__(
        self,
        page: LibraryPage,
        asker: Asker,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(page)
        self.asking = Asking(asker, self)
        self._page, self._now = page, now
        self.kinds: tuple[PlotTypeInfo, ...] = ()
        self.classes: dict[str, ClassInfo] = {}
        self.models: Models | None = None
        self.model: ModelInfo | None = None
        self.source = Source.VALIDATION
        self._kind = 0
        self._wanted: int | None = None  # a model to be shown as soon as it is known
        self._join()

    # ------------------------------------------------------------ from the server

    @Slot(object)
    def restore(self, snapshot: Snapshot) -> None:
        """Start from a snapshot."""
        self.classes = {each.name: each for each in snapshot.classes}
        self._take_kinds(snapshot.plot_types)
        self._page.note.setText("")
        self.reload()

    @Slot(list)
    def receive(self, batch: Sequence[Arrival]) -> None:
        """What the feed says that concerns the library."""
        for arrival in batch:
            match arrival.message:
                case PlotTypesChanged(plot_types=kinds):
                    self._take_kinds(kinds)
                    self.reload()
                case LibraryChanged(plot_type_id=number) if number in (0, self._kind):
                    self.reload()
                case TrainingChanged(training=TrainingState(plot_type_id=number, model_id=int())):
                    if number == self._kind:  # with the model that came of it
                        self.reload()
                case LabelsMoved(moves=moves) if self._kind in {m.plot_type_id for m in moves}:
                    self.ask_figures()

    def say(self, failure: Failure) -> None:
        """Tell the person why something did not happen."""
        self._page.note.setText(failure.words)

    # ------------------------------------------------------------ models

    def show_plot_type(self, number: int) -> None:
        """Show the models of a plot type."""
        if number != self._kind:
            self._kind, self.model, self.models = number, None, None
            self.figures_gone.emit()
            self._page.thresholds.stop_trying()
            self.reload()

    def open_model(self, kind: int, number: int) -> None:
        """Show a model of any plot type."""
        self._wanted = number
        if kind == self._kind:
            self.reload()
        else:
            self._page.models.choose_plot_type(kind)

    def show_model(self, number: int) -> None:
        """Show one of the models."""
        if self.models is None:
            return
        chosen = next((each for each in self.models.models if each.id == number), None)
        if chosen is None:
            return
        if self.model is None or self.model.id != number:
            self._page.note.setText("")  # it was about the model before
            self.figures_gone.emit()
            self._page.thresholds.stop_trying()
        self.model = chosen
        self._page.title.setText(f"{'★ ' if chosen.active else ''}Model {chosen.id}")
        self._page.subtitle.setText(model_facts.headline(chosen, self.models, self._now()))
        self._page.models.show_facts(
            f"Model {chosen.id}", model_facts.facts(chosen, self.models, self._now())
        )
        kind = self._known()
        self._page.strip.show_classes(kind.classes if kind and kind.classes else chosen.labels)
        self.model_shown.emit(chosen, self.models)
        self.ask_figures()

    @Slot()
    def reload(self) -> None:
        """Ask for the models again."""
        if self._kind:
            self.asking.ask(GetModels(plot_type_id=self._kind), self._take_models, self.say)

    def _take_kinds(self, kinds: Sequence[PlotTypeInfo]) -> None:
        self.kinds = tuple(kinds)
        self._page.models.show_plot_types(
            [(kind.id, shown.kind_name(kind, kinds)) for kind in kinds]
        )

    def _take_models(self, models: Models) -> None:
        if models.plot_type_id != self._kind:
            return
        self.models = models
        ids = [each.id for each in models.models]
        active = next((each.id for each in models.models if each.active), None)
        kept = self.model.id if self.model is not None and self.model.id in ids else None
        wanted = self._wanted if self._wanted in ids else None
        chosen = wanted or kept or active or (ids[0] if ids else None)
        self._wanted = None
        self._page.models.show_models(model_facts.lines(models), chosen)
        if chosen is None:
            self.model = None
            self._page.title.setText("")
            self._page.subtitle.setText("")
            self._page.show_empty(_NO_MODEL)
            self._page.models.empty.setText(_NO_MODEL)
            self._page.models.show_facts("", ())
            self._page.thresholds.show_thresholds(())
        else:
            self.show_model(chosen)

    def _known(self) -> PlotTypeInfo | None:
        return next((each for each in self.kinds if each.id == self._kind), None)

    def order(self, model: ModelInfo) -> tuple[str, ...]:
        """The model's classes in the order of the plot type."""
        kind = self._known()
        names = kind.classes if kind is not None else ()
        known = [name for name in names if name in model.labels]
        return tuple(known + [name for name in model.labels if name not in known])

    # ------------------------------------------------------------ figures

    def ask_figures(self) -> None:
        """Have whoever shows the chosen view ask for it again."""
        if self.model is not None:
            self.figures_wanted.emit(self._page.view.currentData())

    # ------------------------------------------------------------ joining

    def _join(self) -> None:
        page = self._page
        page.models.plot_type_chosen.connect(self.show_plot_type)
        page.models.model_chosen.connect(self.show_model)
        page.models.edit_wanted.connect(self._edit)
        page.source_chosen.connect(self._choose_source)
        page.view_chosen.connect(lambda _key: self.ask_figures())

    def _choose_source(self, source: str) -> None:
        self.source = Source(source)
        self.figures_gone.emit()
        self.ask_figures()

    def _edit(self) -> None:
        kind = self._known()
        if kind is not None:
            self.plot_type_edited.emit(kind)
