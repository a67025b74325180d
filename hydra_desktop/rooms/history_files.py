"""What leaves the history as a file: tables of what is shown, and its picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from hydra_desktop import background
from hydra_desktop.models.trend import parquet, table
from inference_server.protocol.records import Timeline
from ui.history_page import HistoryPage

Shown = Sequence[tuple[str, Timeline]]


class HistoryFiles(QObject):
    """``shown``: the timelines on the page, with the names of their plot types."""

    saved = Signal(str)

    def __init__(self, page: HistoryPage, shown: Callable[[], Shown]) -> None:
        super().__init__(page)
        self._page, self._shown = page, shown
        # An extra of 140 MB that few stations need: without it the button is not there.
        page.parquet.setVisible(find_spec("pyarrow") is not None)
        for wanted, title, name, then in (
            (page.export_wanted, "Export CSV", "hydra-history.csv", self.table_to),
            (page.parquet_wanted, "Export Parquet", "hydra-history.parquet", self.parquet_to),
            (page.picture_export_wanted, "Save as PNG", "hydra-history.png", self.image_to),
        ):
            wanted.connect(lambda a=title, b=name, c=then: self._choose_file(a, b, c))

    def table_to(self, path: str) -> None:
        """Write what is shown as CSV."""
        shown = self._shown()
        self._write(path, lambda: table(shown).encode())

    def parquet_to(self, path: str) -> None:
        """Write what is shown as Parquet."""
        shown = self._shown()
        self._write(path, lambda: parquet(shown))

    def image_to(self, path: str) -> None:
        """Save the plots as they are on the screen."""
        if self._page.stack.grab().save(path, "PNG"):
            self._written(path)
        else:
            self._page.note.setText(f"{path} cannot be written.")

    def _choose_file(self, title: str, name: str, then: Callable[[str], None]) -> None:
        asking = QFileDialog(self._page, title, "")
        asking.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        asking.selectFile(name)
        asking.fileSelected.connect(then)
        asking.open()

    def _write(self, path: str, made: Callable[[], bytes]) -> None:
        background.run(
            self,
            lambda: Path(path).write_bytes(made()),
            then=lambda _size: self._written(path),
            failed=lambda error: self._page.note.setText(f"{path} cannot be written: {error}."),
        )

    def _written(self, path: str) -> None:
        self._page.note.setText(f"Wrote {path}.")
        self.saved.emit(path)
