"""Joins a model's confusion matrix with its view, and a cell with its pictures."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject

from hydra_desktop.models import library as shown
from hydra_desktop.rooms.library_room import LibraryRoom
from hydra_desktop.rooms.strip_room import PAGE, StripRoom
from inference_server.protocol.matrix import (
    ConfusionMatrix,
    GetMatrix,
    GetMatrixPictures,
    MatrixPictures,
    Source,
)
from ui.library_page import LibraryPage
from ui.matrix_figures import MatrixFigures, MatrixLook

_NO_PLOTS = {
    Source.VALIDATION: "This model keeps no validation pictures. Look at all labelled pictures.",
    Source.LABELLED: "There are no labelled pictures of this plot that the model can judge.",
    Source.UNBIASED: "No picture that was drawn at random and judged by this model is labelled yet.",
}


class MatrixRoom(QObject):
    """The only writer of the matrix."""

    def __init__(self, page: LibraryPage, library: LibraryRoom, strip: StripRoom) -> None:
        super().__init__(page)
        self._page, self._library, self._strip = page, library, strip
        self._matrix: ConfusionMatrix | None = None
        self._cell: GetMatrixPictures | None = None
        library.figures_wanted.connect(self._ask)
        library.figures_gone.connect(self.clear)
        page.look_chosen.connect(
            lambda log, shares: self.set_look(replace(page.matrix.look, log=log, shares=shares))
        )
        page.export_wanted.connect(self._export)
        page.matrix.cell_chosen.connect(self.show_cell)
        page.matrix.bar_chosen.connect(self.show_cell)

    def set_look(self, look: MatrixLook) -> None:
        """Draw the matrix in another look."""
        self._page.matrix.show_figures(self._page.matrix.figures, look)

    def clear(self) -> None:
        """Nothing is chosen and nothing counted."""
        self._cell, self._matrix = None, None
        self._page.skill.setText("")
        self._page.remark.setText("")
        look = replace(self._page.matrix.look, chosen=None, bar=None, tried=None)
        self._page.matrix.show_figures(MatrixFigures(), look)
        self._strip.clear()

    # ------------------------------------------------------------ figures

    def _ask(self, view: str) -> None:
        model = self._library.model
        if view == "matrix" and model is not None:
            wish = GetMatrix(model_id=model.id, source=self._library.source)
            self._library.asking.ask(wish, self._take, self._library.say)

    def _take(self, matrix: ConfusionMatrix) -> None:
        model, source = self._library.model, self._library.source
        if model is None or (matrix.model_id, matrix.source) != (model.id, source):
            return
        self._matrix = matrix
        self._page.skill.setText(shown.skill_words(matrix.skill))
        self._page.remark.setText(shown.matrix_note(matrix))
        self._page.show_empty("" if matrix.total or matrix.waiting else _NO_PLOTS[source])
        figures = shown.figures(matrix, model, self._library.classes)
        self._page.matrix.show_figures(figures, self._page.matrix.look)
        if matrix.waiting:
            self._ask("matrix")
        elif self._cell is not None and self._strip.shown_by(self._page_pictures):
            self._ask_pictures(self._cell)

    # ------------------------------------------------------------ pictures

    def show_cell(self, row: int, column: int, bar: int | None = None) -> None:
        """Show the pictures of a cell, or of one bar of it."""
        if self._matrix is None:
            return
        self.set_look(replace(self._page.matrix.look, chosen=(row, column), bar=bar))
        bins = self._page.matrix.figures.bars.shape[2]
        last = bar is None or bar == bins - 1
        self._ask_pictures(
            GetMatrixPictures(
                model_id=self._matrix.model_id,
                source=self._matrix.source,
                expert=self._matrix.classes[row],
                said=self._matrix.classes[column],
                low=0.0 if bar is None else bar / bins,
                high=1.01 if bar is None or last else (bar + 1) / bins,
                limit=PAGE,
            )
        )

    def show_mistakes(self) -> None:
        """Every picture on which the model and the label disagree."""
        if (model := self._library.model) is not None:
            self._page.show_view("matrix")
            wish = GetMatrixPictures(
                model_id=model.id, source=self._library.source, expert="", said="", limit=PAGE
            )
            self._ask_pictures(wish)

    def _page_pictures(self, offset: int) -> None:
        if (wish := self._cell) is not None:
            self._ask_pictures(
                GetMatrixPictures(
                    model_id=wish.model_id, source=wish.source, expert=wish.expert, said=wish.said,
                    low=wish.low, high=wish.high, offset=offset, limit=PAGE,
                )
            )  # fmt: skip

    def _ask_pictures(self, wish: GetMatrixPictures) -> None:
        self._cell = wish
        self._library.asking.ask(
            wish, lambda reply: self._take_pictures(wish, reply), self._library.say
        )

    def _take_pictures(self, wish: GetMatrixPictures, reply: MatrixPictures) -> None:
        if wish is not self._cell:
            return
        count = shown.plots(reply.total)
        title = (
            f"{count}: a person said {wish.expert}, the AI said {wish.said}"
            if wish.expert
            else f"Who is right, the person or the AI? {count}"
        )
        page = reply.offset, reply.total
        self._strip.show_pictures(
            (title, "surest first"), reply.pictures, page, self._page_pictures
        )

    # ------------------------------------------------------------ files

    def _export(self, kind: str, path: str) -> None:
        save = {
            "png": self._page.matrix.save_png,
            "svg": self._page.matrix.save_svg,
            "csv": self._page.matrix.save_csv,
        }[kind]
        done = save(path)
        self._page.note.setText(f"Saved {path}." if done else f"{path} could not be written.")
