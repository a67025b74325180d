"""Joins the models of the server and the library page: which model, on which pictures, what of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal, Slot

from hydra_desktop.asking import Asking
from hydra_desktop.link.arrival import Answer, Arrival, Failure
from hydra_desktop.models import library as shown
from hydra_desktop.models import model_figures
from hydra_desktop.rooms.run_room import Asker
from inference_server.protocol.comparison import CompareModels, Comparison
from inference_server.protocol.curves import GetModelCurves, ModelCurves
from inference_server.protocol.labelling import CastVotes, LabelsMoved, Vote
from inference_server.protocol.library import GetModels, LibraryChanged, ModelInfo, Models
from inference_server.protocol.matrix import (
    ConfusionMatrix,
    GetMatrix,
    GetMatrixPictures,
    JudgedPicture,
    MatrixPictures,
    Source,
)
from inference_server.protocol.messages import (
    ClassInfo,
    GetThumbnail,
    PlotTypeInfo,
    PlotTypesChanged,
    Snapshot,
)
from ui.comparison_view import ComparisonFigures
from ui.library_page import LibraryPage
from ui.matrix_painter import MatrixFigures, MatrixLook

PAGE = 24
_NO_MODEL = "No model for this plot yet. It needs about 20 labels per class. Train one on the Training page."
_NO_PLOTS = {
    Source.VALIDATION: "This model keeps no validation pictures. Look at all labelled pictures.",
    Source.LABELLED: "There are no labelled pictures of this plot that the model can judge.",
    Source.UNBIASED: "No picture that was drawn at random and judged by this model is labelled yet.",
}


class LibraryRoom(QObject):
    """The only writer of the library page's left and middle; thresholds and releases have their own."""

    model_shown = Signal(object, object)  # ModelInfo, Models
    plot_type_edited = Signal(object)  # PlotTypeInfo

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
        self._matrix: ConfusionMatrix | None = None
        self._cell: GetMatrixPictures | None = None
        self._pictures: dict[int, JudgedPicture] = {}
        self._join()

    # ------------------------------------------------------------ from the server

    @Slot(object)
    def restore(self, snapshot: Snapshot) -> None:
        """Start from a snapshot."""
        self.classes = {each.name: each for each in snapshot.classes}
        self._take_kinds(snapshot.plot_types)
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
                case LabelsMoved(moves=moves) if self._kind in {m.plot_type_id for m in moves}:
                    self._ask_figures()

    def say(self, failure: Failure) -> None:
        """Tell the person why something did not happen."""
        self._page.note.setText(failure.words)

    # ------------------------------------------------------------ models

    def show_plot_type(self, number: int) -> None:
        """Show the models of a plot type."""
        if number != self._kind:
            self._kind, self.model, self.models = number, None, None
            self._clear_cell()
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
            self._clear_cell()
            self._page.thresholds.stop_trying()
        self.model = chosen
        self._page.title.setText(f"{'★ ' if chosen.active else ''}Model {chosen.id}")
        self._page.subtitle.setText(shown.headline(chosen, self.models, self._now()))
        self._page.models.show_facts(
            f"Model {chosen.id}", shown.facts(chosen, self.models, self._now())
        )
        others = [(each.id, f"Model {each.id}") for each in self.models.models if each.id != number]
        active = next((each.id for each in self.models.models if each.active), None)
        self._page.comparison.show_others(others, active)
        self._show_classes(chosen)
        self.model_shown.emit(chosen, self.models)
        self._ask_figures()

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
        self._page.models.show_models(shown.lines(models), chosen)
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

    def order(self, model: ModelInfo) -> tuple[str, ...]:
        """The model's classes in the order of the plot type."""
        kind = next((each for each in self.kinds if each.id == self._kind), None)
        names = kind.classes if kind is not None else ()
        known = [name for name in names if name in model.labels]
        return tuple(known + [name for name in model.labels if name not in known])

    def _show_classes(self, model: ModelInfo) -> None:
        kind = next((each for each in self.kinds if each.id == self._kind), None)
        names = kind.classes if kind is not None and kind.classes else model.labels
        self._page.strip.show_classes(names)
        box = self._page.curves.classes
        if [box.itemText(row) for row in range(box.count())] != list(model.labels):
            box.blockSignals(True)
            box.clear()
            box.addItems(model.labels)
            box.blockSignals(False)

    # ------------------------------------------------------------ figures

    @Slot()
    def _ask_figures(self) -> None:
        if self.model is None:
            return
        match self._page.view.currentData():
            case "curves":
                self.asking.ask(
                    GetModelCurves(
                        model_id=self.model.id,
                        class_name=self._page.curves.classes.currentText(),
                        source=self.source,
                    ),
                    self._take_curves,
                    self.say,
                )
            case "comparison":
                self._compare(0)
            case _:
                wish = GetMatrix(model_id=self.model.id, source=self.source)
                self.asking.ask(wish, self._take_matrix, self.say)

    def _take_matrix(self, matrix: ConfusionMatrix) -> None:
        model = self.model
        if model is None or (matrix.model_id, matrix.source) != (model.id, self.source):
            return
        self._matrix = matrix
        self._page.skill.setText(shown.skill_words(matrix.skill))
        self._page.note.setText(shown.matrix_note(matrix))
        self._page.show_empty("" if matrix.total or matrix.waiting else _NO_PLOTS[self.source])
        figures = shown.figures(matrix, model, self.classes)
        self._page.matrix.show_figures(figures, self._page.matrix.look)
        if matrix.waiting:
            self._ask_figures()
        elif self._cell is not None:
            self._ask_pictures(self._cell)

    def _take_curves(self, reply: ModelCurves) -> None:
        if self.model is not None and reply.model_id == self.model.id:
            self._page.show_empty("")
            self._page.curves.show_curves(model_figures.curves(reply, self.model))

    def set_look(self, look: MatrixLook) -> None:
        """Draw the matrix in another look."""
        self._page.matrix.show_figures(self._page.matrix.figures, look)

    # ------------------------------------------------------------ pictures

    def show_cell(self, row: int, column: int, bar: int | None = None) -> None:
        """Show the pictures of a cell, or of one bar of it."""
        if self._matrix is None or self.model is None:
            return
        look = self._page.matrix.look
        self.set_look(replace(look, chosen=(row, column), bar=bar))
        bins = self._page.matrix.figures.bars.shape[2]
        last = bar is None or bar == bins - 1
        self._ask_pictures(
            GetMatrixPictures(
                model_id=self.model.id,
                source=self.source,
                expert=self._matrix.classes[row],
                said=self._matrix.classes[column],
                low=0.0 if bar is None else bar / bins,
                high=1.01 if bar is None or last else (bar + 1) / bins,
                limit=PAGE,
            )
        )

    def show_mistakes(self) -> None:
        """The training report: every picture on which the model and the label disagree."""
        if self.model is not None:
            self._page.show_view("matrix")
            self._ask_pictures(
                GetMatrixPictures(
                    model_id=self.model.id, source=self.source, expert="", said="", limit=PAGE
                )
            )

    def _ask_pictures(self, wish: GetMatrixPictures) -> None:
        self._cell = wish
        self.asking.ask(wish, lambda reply: self._take_pictures(wish, reply), self.say)

    def _take_pictures(self, wish: GetMatrixPictures, reply: MatrixPictures) -> None:
        if wish is not self._cell:
            return
        if wish.expert:
            title = (
                f"{shown.plots(reply.total)}: a person said {wish.expert}, the AI said {wish.said}"
            )
        else:
            title = f"Who is right, the person or the AI? {shown.plots(reply.total)}"
        self._show_pictures(
            title, "surest first", reply.pictures, (reply.offset, PAGE, reply.total)
        )

    def _show_pictures(
        self,
        title: str,
        note: str,
        pictures: Sequence[JudgedPicture],
        page: tuple[int, int, int],
    ) -> None:
        self._pictures = {each.picture_id: each for each in pictures}
        self._page.strip.show_cards(title, note, [shown.card(each) for each in pictures], page)
        for each in pictures:
            key = each.picture_id
            self.asking.ask_whole(
                GetThumbnail(picture_hash=each.picture_hash),
                lambda answer, key=key: self._take_image(key, answer),  # type: ignore[misc]
                lambda _failure: None,
            )

    def _take_image(self, key: int, answer: Answer) -> None:
        if answer.image is not None:
            self._page.strip.show_image(key, answer.image)

    def _page_pictures(self, offset: int) -> None:
        if self._page.view.currentData() == "comparison":
            self._compare(max(0, offset))
        elif self._cell is not None:
            wish = self._cell
            self._ask_pictures(
                GetMatrixPictures(
                    model_id=wish.model_id, source=wish.source, expert=wish.expert, said=wish.said,
                    low=wish.low, high=wish.high, offset=max(0, offset), limit=PAGE,
                )
            )  # fmt: skip

    def _relabel(self, key: int, name: str) -> None:
        self._page.strip.mark(key, f"{name}: waits for the server")
        vote = Vote(
            picture_id=key,
            class_name=name,
            client_id=str(uuid.uuid4()),
            at=self._now(),
            person=self._page.thresholds.person.text().strip(),
        )
        self.asking.ask(
            CastVotes(votes=(vote,)),
            lambda _kept: self._page.strip.mark(key, f"{name} now"),
            lambda failure: self._page.strip.mark(key, f"Not kept: {failure.sentence}"),
        )

    def _clear_cell(self) -> None:
        self._cell, self._matrix = None, None
        self._page.skill.setText("")
        look = replace(self._page.matrix.look, chosen=None, bar=None, tried=None)
        self._page.matrix.show_figures(MatrixFigures(), look)
        self._page.strip.show_cards("Click a cell to see its pictures.", "", (), (0, PAGE, 0))

    # ------------------------------------------------------------ comparison

    def _compare(self, offset: int) -> None:
        other = self._page.comparison.other.currentData()
        if self.model is None or other is None:
            self._page.show_empty("")
            words = "There is no second model of this plot to compare with."
            self._page.comparison.show_figures(ComparisonFigures(sentence=words))
            return
        wish = CompareModels(
            model_id=self.model.id, other_id=other, source=self.source, offset=offset, limit=PAGE
        )
        self.asking.ask(wish, lambda reply: self._take_comparison(offset, reply), self.say)

    def _take_comparison(self, offset: int, reply: Comparison) -> None:
        if self.model is None or reply.model_id != self.model.id:
            return
        self._page.show_empty("")
        self._page.comparison.show_figures(model_figures.comparison(reply))
        self._show_pictures(
            f"They differ on {shown.plots(reply.differing)}",
            "where one is right first",
            [each.picture for each in reply.differences],
            (offset, PAGE, reply.differing),
        )
        for each in reply.differences:
            self._page.strip.mark(each.picture.picture_id, model_figures.difference_words(each))

    # ------------------------------------------------------------ joining

    def _join(self) -> None:
        page = self._page
        page.models.plot_type_chosen.connect(self.show_plot_type)
        page.models.model_chosen.connect(self.show_model)
        page.models.compare_wanted.connect(lambda: page.show_view("comparison"))
        page.models.edit_wanted.connect(self._edit)
        page.source_chosen.connect(self._choose_source)
        page.view_chosen.connect(lambda _key: self._ask_figures())
        page.look_chosen.connect(
            lambda log, shares: self.set_look(replace(page.matrix.look, log=log, shares=shares))
        )
        page.export_wanted.connect(self._export)
        page.matrix.cell_chosen.connect(self.show_cell)
        page.matrix.bar_chosen.connect(self.show_cell)
        page.strip.page_wanted.connect(self._page_pictures)
        page.strip.class_chosen.connect(self._relabel)
        page.curves.classes.currentIndexChanged.connect(lambda _row: self._ask_figures())
        page.comparison.other.currentIndexChanged.connect(lambda _row: self._ask_figures())

    def _choose_source(self, source: str) -> None:
        self.source = Source(source)
        self._clear_cell()
        self._ask_figures()

    def _edit(self) -> None:
        kind = next((each for each in self.kinds if each.id == self._kind), None)
        if kind is not None:
            self.plot_type_edited.emit(kind)

    def _export(self, kind: str, path: str) -> None:
        save = {
            "png": self._page.matrix.save_png,
            "svg": self._page.matrix.save_svg,
            "csv": self._page.matrix.save_csv,
        }[kind]
        done = save(path)
        self._page.note.setText(f"Saved {path}." if done else f"{path} could not be written.")
