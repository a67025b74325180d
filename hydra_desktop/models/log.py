"""The streaks of the log, as a tree: detectors, and below each its streaks, newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
)
from PySide6.QtGui import QIcon, QImage, QPixmap

from hydra_desktop.words import duration
from inference_server.protocol.base import Severity
from inference_server.protocol.records import Streak
from ui import icons
from ui.class_bars import percent
from ui.masked import fitted
from ui.states import TileState
from ui.type_scale import font

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
BADGE = 16
ROOM = QSize(72, 54)  # px of a row's picture


def state_of(streak: Streak) -> TileState:
    """The badge of a streak."""
    if streak.confirmed and streak.severity is Severity.BAD:
        return TileState.MAJOR
    calm = streak.severity in (Severity.GOOD, Severity.NEUTRAL)
    return TileState.UNCONFIRMED if calm else TileState.MINOR


def verdict_of(streak: Streak) -> str:
    """ "Bad 97 %", "Good? 41 %"."""
    doubt = "" if streak.confirmed else "?"
    return f"{streak.label}{doubt} {percent(streak.confidence)}"


def started(streak: Streak) -> str:
    """ "92317.3", or "92317" for a plot of the whole run."""
    return f"{streak.run}.{streak.first_chunk}" if streak.chunked else str(streak.run)


def lasted(streak: Streak) -> str:
    """ "6 chunks, 30 min"."""
    if not streak.chunked:
        return "whole run"
    count = "1 chunk" if streak.length == 1 else f"{streak.length} chunks"
    seconds = (streak.last_at - streak.first_at).total_seconds()
    return f"{count}, {duration(seconds)}" if seconds >= 60 else count


def when(at: datetime) -> str:
    """Local date and time; the log reaches back for years."""
    return at.astimezone().strftime("%d %b %Y %H:%M")


_COLUMNS: tuple[tuple[str, Callable[[Streak], str]], ...] = (
    ("Plot", lambda row: row.plot_type),
    ("Verdict", verdict_of),
    ("Started at", started),
    ("Lasted", lasted),
    ("From", lambda row: when(row.first_at)),
    ("Seen by", lambda row: row.seen_by),
    ("Comments", lambda row: str(row.comments or "")),
)


@dataclass(eq=False)
class _Detector:
    name: str
    contacts: list[str] = field(default_factory=list)
    streaks: list[Streak] = field(default_factory=list)

    def title(self) -> str:
        who = f"  ·  {', '.join(self.contacts)}" if self.contacts else ""
        return f"{self.name or 'No detector'}{who}  ·  {len(self.streaks)}"


class LogModel(QAbstractItemModel):
    """Written by ``clear`` and ``append`` and nothing else."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._detectors: list[_Detector] = []
        self._images: dict[str, QIcon] = {}

    def clear(self) -> None:
        """Forget all streaks."""
        self.beginResetModel()
        self._detectors = []
        self.endResetModel()

    def append(self, streaks: Sequence[Streak]) -> None:
        """A further page; a detector that is new comes after those that are there."""
        for name in dict.fromkeys(streak.group for streak in streaks):
            mine = [streak for streak in streaks if streak.group == name]
            detector = next((each for each in self._detectors if each.name == name), None)
            if detector is None:
                place = len(self._detectors)
                self.beginInsertRows(ROOT, place, place)
                detector = _Detector(name)
                self._detectors.append(detector)
                self.endInsertRows()
            self._extend(detector, mine)

    def has_image(self, picture_hash: str) -> bool:
        """Whether the small picture is here."""
        return picture_hash in self._images

    def show_image(self, picture_hash: str, image: QImage) -> None:
        """A small picture came."""
        self._images[picture_hash] = _untinted(fitted(image, ROOM, 2.0))
        for streak in self.streaks():
            if streak.first_hash == picture_hash:
                index = self.find(streak.id)
                self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])

    def renew(self, streak: Streak) -> None:
        """The same streak as it is now: longer, seen, commented on."""
        index = self.find(streak.id)
        if index.isValid():
            detector: _Detector = index.internalPointer()
            detector.streaks[index.row()] = streak
            self.dataChanged.emit(index, index.siblingAtColumn(len(_COLUMNS) - 1))

    def streak(self, index: Index) -> Streak | None:
        """The streak of a row; None for a detector."""
        detector = index.internalPointer() if index.isValid() else None
        return detector.streaks[index.row()] if isinstance(detector, _Detector) else None

    def streaks(self) -> list[Streak]:
        """All of them, by detector."""
        return [streak for detector in self._detectors for streak in detector.streaks]

    def find(self, number: int) -> QModelIndex:
        """Where the streak ``number`` is; an invalid index: not here."""
        for detector in self._detectors:
            for row, streak in enumerate(detector.streaks):
                if streak.id == number:
                    return self.createIndex(row, 0, detector)
        return QModelIndex()

    def _extend(self, detector: _Detector, streaks: list[Streak]) -> None:
        parent = self.index(self._detectors.index(detector), 0)
        first = len(detector.streaks)
        self.beginInsertRows(parent, first, first + len(streaks) - 1)
        detector.streaks += streaks
        for streak in streaks:
            if streak.contact and streak.contact not in detector.contacts:
                detector.contacts.append(streak.contact)
        self.endInsertRows()
        self.dataChanged.emit(parent, parent)

    # ------------------------------------------------------------ Qt's questions

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        if not parent.isValid():
            inside = row < len(self._detectors) and column < len(_COLUMNS)
            return self.createIndex(row, column) if inside else QModelIndex()
        if parent.internalPointer() is not None:
            return QModelIndex()
        detector = self._detectors[parent.row()]
        inside = row < len(detector.streaks)
        return self.createIndex(row, column, detector) if inside else QModelIndex()

    def parent(self, index: Index = ROOT) -> QModelIndex:  # type: ignore[override]
        detector = index.internalPointer() if index.isValid() else None
        if detector is None:
            return QModelIndex()
        return self.createIndex(self._detectors.index(detector), 0)

    def rowCount(self, parent: Index = ROOT) -> int:
        if not parent.isValid():
            return len(self._detectors)
        if parent.internalPointer() is not None or parent.column() > 0:
            return 0
        return len(self._detectors[parent.row()].streaks)

    def columnCount(self, parent: Index = ROOT) -> int:  # noqa: ARG002 - Qt's signature
        return len(_COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        streak = self.streak(index)
        if streak is None:
            return _of_detector(self._detectors[index.row()], index.column(), role)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return self._images.get(streak.first_hash)
        if role == Qt.ItemDataRole.SizeHintRole and index.column() == 0:
            return QSize(320, ROOM.height() + 6)
        return _of_streak(streak, index.column(), role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section][0]
        return None


def _of_detector(detector: _Detector, column: int, role: int) -> Any:
    if role == Qt.ItemDataRole.DisplayRole and column == 0:
        return detector.title()
    return font("name") if role == Qt.ItemDataRole.FontRole else None


def _of_streak(streak: Streak, column: int, role: int) -> Any:
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[column][1](streak)
        case Qt.ItemDataRole.DecorationRole if column == 1:
            return _badge(state_of(streak))
        case Qt.ItemDataRole.AccessibleTextRole:
            return f"{_COLUMNS[column][0]}: {_COLUMNS[column][1](streak)}"
        case Qt.ItemDataRole.ToolTipRole:
            seen = f"\nSeen by {streak.seen_by}: {streak.seen_why}" if streak.seen_by else ""
            return f"{streak.plot_type}: {verdict_of(streak)}, started at {started(streak)}{seen}"
    return None


def _badge(state: TileState) -> QIcon:
    return _untinted(icons.badge_pixmap(state, BADGE, 2.0))


def _untinted(pixmap: QPixmap) -> QIcon:
    """A picture of a plot keeps its colours in a chosen row too."""
    made = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        made.addPixmap(pixmap, mode)
    return made
