"""What leaves the detail page: the picture to clipboard or file, a link, an entry in the log book."""

from __future__ import annotations

import uuid
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from hydra_desktop import background
from hydra_desktop.camera import save
from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.links import link_to
from hydra_desktop.rooms.detail_room import DetailRoom
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.words import run_chunk
from inference_server.protocol.detail import WriteLogEntry
from inference_server.protocol.messages import Done
from ui.detail_page import DetailPage
from ui.entry_dialog import EntryDialog


class ShareRoom(QObject):
    """Says below the picture what became of it."""

    def __init__(self, page: DetailPage, detail: DetailRoom, asker: Asker) -> None:
        super().__init__(page)
        self._page, self._detail, self._asker = page, detail, asker
        self.dialog: EntryDialog | None = None
        self._ticket = 0
        self._entry_id = ""
        page.heat.copy_wanted.connect(self._copy)
        page.heat.save_wanted.connect(self._ask_where)
        page.heat.link_wanted.connect(self._copy_link)
        page.entry_wanted.connect(self._ask_entry)

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """The log book has the entry."""
        if ticket == self._ticket and isinstance(answer.message, Done):
            if self.dialog is not None:
                self.dialog.accept()
            self._page.note.setText(answer.message.sentence)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """The text stays in the dialog, to be sent again."""
        if ticket == self._ticket and self.dialog is not None:
            self.dialog.show_result(f"Not written. {failure.words}")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setImage(self._page.picture.rendered())
        self._page.note.setText("The picture is in the clipboard.")

    def _copy_link(self) -> None:
        if (verdict := self._detail.verdict) is not None:
            QGuiApplication.clipboard().setText(link_to(self._detail.server, verdict))
            self._page.note.setText("The link is in the clipboard. hydra-desktop LINK opens it.")

    def _ask_where(self) -> None:
        if (verdict := self._detail.verdict) is None:
            return
        name = f"{verdict.plot_type}_{run_chunk(verdict)}.png"
        dialog = QFileDialog(self._page, "Save the picture", name, "PNG pictures (*.png)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.fileSelected.connect(self.save_to)
        dialog.open()

    @Slot(str)
    def save_to(self, place: str) -> None:
        """Write the picture as it is seen, heat map included, to ``place``."""
        image: QImage = self._page.picture.rendered()
        background.run(
            self,
            lambda: save(image, Path(place)),
            then=lambda _done: self._page.note.setText(f"Saved as {place}."),
            failed=lambda error: self._page.note.setText(f"Not saved: {error}"),
        )

    def _ask_entry(self) -> None:
        if (verdict := self._detail.verdict) is None:
            return
        self._entry_id = str(uuid.uuid4())
        self.dialog = EntryDialog(
            "Write to the log book",
            f"{verdict.plot_type}, run {run_chunk(verdict)}. The picture and the verdict go with your words.",
            "Write entry",
            parent=self._page,
        )
        self.dialog.written.connect(self._write)
        self.dialog.open()

    def _write(self, text: str, person: str) -> None:
        if (verdict := self._detail.verdict) is not None:
            self._ticket = self._asker.ask(
                WriteLogEntry(
                    plot_type_id=verdict.plot_type_id,
                    picture_hash=verdict.picture_hash,
                    text=text,
                    client_id=self._entry_id,
                    person=person,
                )
            )
