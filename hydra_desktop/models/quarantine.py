"""The pictures that were set aside, newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from hydra_desktop.models.log import when
from inference_server.protocol.messages import QuarantineItem

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()

_COLUMNS: tuple[tuple[str, Callable[[QuarantineItem], str]], ...] = (
    ("When", lambda item: when(item.at)),
    ("File", lambda item: item.path),
    ("Why", lambda item: item.reason),
)


class QuarantineModel(QAbstractTableModel):
    """Written by ``show_items`` and nothing else."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[QuarantineItem, ...] = ()

    def show_items(self, items: Sequence[QuarantineItem]) -> None:
        """Replace the list by ``items``; an equal list changes nothing on the screen."""
        if tuple(items) != self._items:
            self.beginResetModel()
            self._items = tuple(items)
            self.endResetModel()

    def item(self, row: int) -> QuarantineItem:
        """One of them."""
        return self._items[row]

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._items)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(_COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item = self._items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[index.column()][1](item)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{item.path}\n{item.reason}\nKept as {item.kept_as or 'nothing'}"
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section][0]
        return None


def tried_again(tried: Sequence[str], refused: Sequence[str]) -> str:
    """What became of pictures that somebody wanted tried again; sentences of the server. Refusals come first."""
    done = (
        tried[0] if len(tried) == 1 else f"{len(tried)} pictures are tried again." if tried else ""
    )
    if len(refused) > 1:
        return f"{len(refused)} could not be tried again. The first: {refused[0]} {done}".strip()
    return " ".join([*refused, done]).strip()
