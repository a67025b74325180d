"""Models as files of this station: exported, also as ONNX, and imported."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QFileDialog

from hydra_desktop import background
from hydra_desktop.link.arrival import Answer
from hydra_desktop.rooms.library_room import LibraryRoom
from inference_server.protocol.model_files import GetModelFile, ModelFile, TakeModelFile
from ui.library_page import LibraryPage


class ModelFileRoom(QObject):
    """Disk is touched off the GUI thread."""

    def __init__(self, page: LibraryPage, library: LibraryRoom) -> None:
        super().__init__(page)
        self._page, self._library = page, library
        self.dialog: QFileDialog | None = None
        page.models.export_wanted.connect(self.export)
        page.models.import_wanted.connect(self.choose_import)

    @Slot(bool)
    def export(self, onnx: bool) -> None:
        """Ask for the file of the chosen model, then where to put it."""
        if self._library.model is None:
            return
        self._page.note.setText("The server writes the model.")
        wish = GetModelFile(model_id=self._library.model.id, onnx=onnx)
        self._library.asking.ask_whole(wish, self._take_file, self._library.say)

    @Slot()
    def choose_import(self) -> None:
        """Ask which file."""
        self._open("Import a model", QFileDialog.AcceptMode.AcceptOpen, "")
        if self.dialog is not None:
            self.dialog.fileSelected.connect(self.take)

    def take(self, path: str) -> None:
        """Send a file to the server."""
        self._page.note.setText("The server checks the model.")
        background.run(
            self, Path(path).read_bytes,
            then=lambda data: self._send(Path(path).name, data),
            failed=lambda error: self._page.note.setText(f"{path} cannot be read: {error}"),
        )  # fmt: skip

    def _send(self, name: str, data: bytes) -> None:
        wish = TakeModelFile(
            name=name, data=data, person=self._page.thresholds.person.text().strip()
        )
        self._library.asking.ask(
            wish, lambda done: self._page.note.setText(done.sentence), self._library.say
        )

    def _take_file(self, answer: Answer) -> None:
        if not isinstance(answer.message, ModelFile) or not answer.blobs:
            return
        data = answer.blobs[0]
        self._page.note.setText("")
        self._open("Export the model", QFileDialog.AcceptMode.AcceptSave, answer.message.name)
        if self.dialog is not None:
            self.dialog.fileSelected.connect(lambda path: self._keep(path, data))

    def _keep(self, path: str, data: bytes) -> None:
        background.run(
            self, lambda: Path(path).write_bytes(data),
            then=lambda _size: self._page.note.setText(f"Saved {path}."),
            failed=lambda error: self._page.note.setText(f"{path} could not be written: {error}"),
        )  # fmt: skip

    def _open(self, title: str, mode: QFileDialog.AcceptMode, name: str) -> None:
        dialog = QFileDialog(self._page, title, name)
        dialog.setAcceptMode(mode)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if name:
            dialog.selectFile(name)
        self.dialog = dialog
        dialog.open()
