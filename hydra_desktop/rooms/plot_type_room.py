"""Joins the form of a plot type with the server: which files match, and keep it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from hydra_desktop.link.arrival import Failure
from hydra_desktop.rooms.library_room import LibraryRoom
from inference_server.protocol.messages import PlotTypeInfo, Severity
from inference_server.protocol.plot_forms import ClassChoice, FindFiles, FoundFiles, SavePlotType
from ui.library_page import LibraryPage
from ui.plot_type_dialog import PlotTypeDialog, PlotTypeForm


class PlotTypeRoom(QObject):
    """One form at a time."""

    mask_wanted = Signal(str, object)  # plot type, and the window in front

    def __init__(self, page: LibraryPage, library: LibraryRoom) -> None:
        super().__init__(page)
        self._page, self._library = page, library
        self.dialog: PlotTypeDialog | None = None
        self._number: int | None = None
        library.plot_type_edited.connect(self.edit)
        page.models.new_wanted.connect(self.new)

    @Slot()
    def new(self) -> None:
        """An empty form."""
        self._open(None, "New plot type", "Make", PlotTypeForm())

    @Slot(object)
    def edit(self, kind: PlotTypeInfo) -> None:
        """The form of a plot type."""
        known = self._library.classes
        form = PlotTypeForm(
            name=kind.name,
            chunked=kind.chunked,
            group=kind.group,
            contact=kind.contact,
            guidance=kind.guidance,
            description=kind.description,
            collect_fraction=kind.collect_fraction,
            stale_after_s=kind.stale_after_s,
            ignored=kind.ignored,
            classes=tuple(
                (name, known[name].severity.value) for name in kind.classes if name in known
            ),
        )
        self._open(kind.id, f"Plot type {kind.name}", "Save", form)

    def _open(self, number: int | None, title: str, verb: str, form: PlotTypeForm) -> None:
        self._number = number
        vocabulary = [(each.name, each.severity.value) for each in self._library.classes.values()]
        groups = sorted({kind.group for kind in self._library.kinds if kind.group})
        dialog = PlotTypeDialog(self._page, title, verb, form, vocabulary, groups)
        dialog.name_typed.connect(self._find)
        dialog.saved.connect(self._save)
        dialog.finished.connect(self._closed)
        dialog.mask_area.setVisible(number is not None)
        dialog.mask_area.clicked.connect(lambda: self.mask_wanted.emit(form.name, dialog))
        self.dialog = dialog
        dialog.open()

    def _closed(self) -> None:
        self.dialog = None

    def _find(self, name: str, chunked: bool) -> None:
        wish = FindFiles(name=name, chunked=chunked)
        self._library.asking.ask(wish, lambda reply: self._found(name, reply), self._say)

    def _found(self, name: str, reply: FoundFiles) -> None:
        if self.dialog is not None and self.dialog.name.text().strip() == name:
            self.dialog.show_files(files_words(reply))

    def _save(self, form: PlotTypeForm) -> None:
        if self.dialog is not None:
            self.dialog.show_message("Waits for the server.")
        wish = SavePlotType(
            plot_type_id=self._number,
            name=form.name,
            chunked=form.chunked,
            group=form.group,
            contact=form.contact,
            guidance=form.guidance,
            description=form.description,
            collect_fraction=form.collect_fraction,
            stale_after_s=form.stale_after_s,
            ignored=form.ignored,
            classes=tuple(
                ClassChoice(name=name, severity=Severity(severity))
                for name, severity in form.classes
            ),
        )
        self._library.asking.ask(wish, lambda done: self._kept(done.sentence), self._say)

    def _kept(self, sentence: str) -> None:
        self._page.note.setText(sentence)
        if self.dialog is not None:
            self.dialog.accept()

    def _say(self, failure: Failure) -> None:
        if self.dialog is not None:
            self.dialog.show_message(failure.words)


def files_words(reply: FoundFiles) -> str:
    """Which files match, and what other plots there are where none does."""
    if reply.matching:
        shown = ", ".join(each.path for each in reply.files[:3])
        more = f" and {reply.matching - 3} more" if reply.matching > 3 else ""
        return f"{reply.matching} match: {shown}{more}."
    if reply.others:
        others = ", ".join(f"{name} ({count})" for name, count in reply.others.items())
        return f"None matches. In the inboxes there are: {others}."
    return "None matches, and the inboxes are empty. The first file of this name will belong to it."
