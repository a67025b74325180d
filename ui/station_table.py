"""The stations that are connected: name, version, whether each can be heard, when it was heard of last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from ui import icons
from ui.states import TileState

_HEADS = ("Station", "Version", "Sound", "Heard")
_BADGES = {True: TileState.GOOD, False: TileState.MAJOR, None: TileState.UNCONFIRMED}


@dataclass(frozen=True, slots=True)
class StationRow:
    """One station; ``heard`` says when, ``works`` is None where it has not said."""

    name: str
    version: str
    heard: str
    sound: str
    works: bool | None
    why: str = ""  # it does not


class StationTable(QTableWidget):
    """A line each; the state of the sound is a badge and a word."""

    def __init__(self) -> None:
        super().__init__(0, len(_HEADS))
        self.setAccessibleName("Stations")
        self.setHorizontalHeaderLabels(list(_HEADS))
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        head = self.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        for column, mode in enumerate((_FITTED, _FITTED, _SHARED, _FITTED)):
            head.setSectionResizeMode(column, mode)
        self._rows: tuple[StationRow, ...] = ()

    def show_stations(self, rows: Sequence[StationRow]) -> None:
        """Replace all lines; lines that stay keep their selection."""
        self._rows = tuple(rows)
        self.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, words in enumerate((row.name, row.version, row.sound, row.heard)):
                item = QTableWidgetItem(words)
                item.setToolTip(words)
                if column == 2:
                    item.setToolTip(row.why or words)
                    item.setIcon(self._badge(row.works))
                self.setItem(place, column, item)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.show_stations(self._rows)

    def _badge(self, works: bool | None) -> QIcon:
        ratio = self.devicePixelRatioF()
        return QIcon(icons.badge_pixmap(_BADGES[works], 16, ratio, on_fill=False))


_FITTED = QHeaderView.ResizeMode.ResizeToContents
_SHARED = QHeaderView.ResizeMode.Stretch
