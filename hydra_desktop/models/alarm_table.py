"""The tables of the alarm page: what stands, what is set aside, what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
)
from PySide6.QtGui import QIcon

from hydra_desktop.models.alarms import (
    BADGES,
    BEGINNING,
    CONDITION_WORDS,
    KIND_WORDS,
    LINE_WORDS,
    SEVERITY_WORDS,
    by_need,
    key_of,
    title,
)
from hydra_desktop.words import duration, moment
from inference_server.protocol.alarms import AlarmCondition, AlarmEvent, AlarmState
from ui import icons
from ui.states import TileState
from ui.strip import strip_pixmap, strip_words

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
STRIP = QSize(120, 14)  # px of the last verdicts in a table


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    words: Callable[[Any, datetime], str]
    stretched: bool = False
    strip: bool = False  # the last verdicts of a plot that chatters are drawn in it


STANDING: tuple[Column, ...] = (
    Column("How bad", lambda a, _: SEVERITY_WORDS[a.severity]),
    Column("Alarm", lambda a, _: title(a), stretched=True),
    Column("State", lambda a, _: CONDITION_WORDS[a.condition]),
    Column("If it chatters", lambda *_: "", strip=True),
    Column("Since", lambda a, now: moment(a.since, now) if a.since else ""),
    Column("For", lambda a, now: duration((now - a.since).total_seconds()) if a.since else ""),
    Column("Acknowledged by", lambda a, _: a.acknowledged.who if a.acknowledged else ""),
    Column("Why", lambda a, _: a.acknowledged.why if a.acknowledged else "", stretched=True),
)


def _hold(alarm: AlarmState) -> tuple[str, str, datetime | None, datetime | None]:
    """Who, why, since and until of what keeps an alarm from calling."""
    held = alarm.maintenance or alarm.shelf
    if held is not None and alarm.condition is not AlarmCondition.SUPPRESSED:
        return held.who, held.why, held.since, held.until
    return "By design", alarm.suppressed_by, None, None


SET_ASIDE: tuple[Column, ...] = (
    Column("Alarm", lambda a, _: f"{a.plot_type}, {LINE_WORDS[a.line]}", stretched=True),
    Column("State", lambda a, _: CONDITION_WORDS[a.condition]),
    Column("Owner", lambda a, _: _hold(a)[0]),
    Column("Reason", lambda a, _: _hold(a)[1], stretched=True),
    Column("For", lambda a, now: duration((now - s).total_seconds()) if (s := _hold(a)[2]) else ""),
    Column("Ends", lambda a, now: moment(u, now) if (u := _hold(a)[3]) else "Until ended"),
)
HISTORY: tuple[Column, ...] = (
    Column("When", lambda e, now: moment(e.at, now)),
    Column("What", lambda e, _: KIND_WORDS[e.kind]),
    Column("Alarm", lambda e, _: f"{e.plot_type} {e.sentence}".strip(), stretched=True),
    Column("How bad", lambda e, _: SEVERITY_WORDS[e.severity]),
    Column(
        "Run", lambda e, _: (f"{e.run}.{e.chunk}" if e.chunked else str(e.run)) if e.run else ""
    ),
    Column("Who", lambda e, _: e.who),
    Column("Why", lambda e, _: e.why, stretched=True),
)
Item = AlarmState | AlarmEvent


class Table(QAbstractTableModel):
    """Alarms or events as rows; written by ``show`` and ``add``."""

    def __init__(self, columns: tuple[Column, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._items: list[Item] = []
        self._now = BEGINNING
        self.strips: Callable[[str], tuple[TileState, ...]] = lambda _plot: ()

    @property
    def items(self) -> Sequence[Item]:
        """All rows."""
        return tuple(self._items)

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns."""
        return self._columns

    def show(self, items: Sequence[Item], now: datetime) -> None:
        """Replace the rows; the same rows keep their places and selections."""
        self._now = now
        if [_identity(each) for each in items] == [_identity(each) for each in self._items]:
            self._items = list(items)
            if items:
                last = self.index(len(items) - 1, len(self._columns) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._items = list(items)
        self.endResetModel()

    def add(self, items: Sequence[Item]) -> None:
        """The next page, below."""
        if items:
            first = len(self._items)
            self.beginInsertRows(ROOT, first, first + len(items) - 1)
            self._items += items
            self.endInsertRows()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._items)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item, column = self._items[index.row()], self._columns[index.column()]
        if column.strip and isinstance(item, AlarmState) and item.chattering:
            return self._strip(item, role)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return column.words(item, self._now)
        if role == Qt.ItemDataRole.DecorationRole and column.name == "How bad":
            return QIcon(icons.badge_pixmap(BADGES[item.severity], 18, 2.0))
        return None

    def _strip(self, alarm: AlarmState, role: int) -> Any:
        states = self.strips(alarm.plot_type)
        if not states:
            return None
        if role == Qt.ItemDataRole.DecorationRole:
            return strip_pixmap(states, STRIP, 2.0)
        spoken = (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)
        return strip_words(states) if role in spoken else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].name
        return None


def _identity(item: Item) -> object:
    return key_of(item) if isinstance(item, AlarmState) else item.uid


def standing(alarms: Iterable[AlarmState]) -> list[AlarmState]:
    """Those that wait, then those that somebody has seen."""
    shown = (
        AlarmCondition.UNACKNOWLEDGED,
        AlarmCondition.RETURNED,
        AlarmCondition.ACKNOWLEDGED,
    )
    return by_need(alarm for alarm in alarms if alarm.condition in shown)


def set_aside(alarms: Iterable[AlarmState]) -> list[AlarmState]:
    """Shelved, out of service, suppressed; the oldest first, so that none is forgotten."""
    asides = (
        AlarmCondition.SHELVED,
        AlarmCondition.OUT_OF_SERVICE,
        AlarmCondition.SUPPRESSED,
    )
    chosen = [alarm for alarm in alarms if alarm.condition in asides]
    late = datetime.max.replace(tzinfo=UTC)
    return sorted(chosen, key=lambda a: (_hold(a)[2] or late, _hold(a)[0], a.plot_type))
