"""The alarms of the server as a desktop shows them: their words, their order, the stack of the pop-up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from hydra_desktop.calling import RANK, calls
from hydra_desktop.words import clock, duration, moment
from inference_server.protocol.alarms import (
    ALL_PLOTS,
    AlarmCondition,
    AlarmEvent,
    AlarmEventKind,
    AlarmLine,
    AlarmSeverity,
    AlarmState,
)
from inference_server.protocol.messages import PlotTypeInfo
from ui import icons
from ui.alarm_popup import Stack, StackRow
from ui.states import TileState

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
Key = tuple[str, bool, str]
AT_ONCE = 3  # more than so many in BURST become one row for each group
BURST = timedelta(seconds=10)
MOST_ROWS = 4
_BEGINNING = datetime.fromtimestamp(0, UTC)
BADGES: Mapping[AlarmSeverity, TileState] = {
    AlarmSeverity.NONE: TileState.GOOD,
    AlarmSeverity.MINOR: TileState.MINOR,
    AlarmSeverity.MAJOR: TileState.MAJOR,
    AlarmSeverity.INVALID: TileState.INVALID,
    AlarmSeverity.UNDEFINED: TileState.STALE,
}
SEVERITY_WORDS: Mapping[AlarmSeverity, str] = {
    AlarmSeverity.NONE: "None",
    AlarmSeverity.MINOR: "To look at",
    AlarmSeverity.MAJOR: "Bad",
    AlarmSeverity.INVALID: "No picture",
    AlarmSeverity.UNDEFINED: "Link lost",
}
CONDITION_WORDS: Mapping[AlarmCondition, str] = {
    AlarmCondition.NORMAL: "Normal",
    AlarmCondition.UNACKNOWLEDGED: "Not acknowledged",
    AlarmCondition.ACKNOWLEDGED: "Acknowledged",
    AlarmCondition.RETURNED: "Good again, not acknowledged",
    AlarmCondition.SHELVED: "Shelved",
    AlarmCondition.SUPPRESSED: "Suppressed by design",
    AlarmCondition.OUT_OF_SERVICE: "Out of service",
}
KIND_WORDS: Mapping[AlarmEventKind, str] = {
    AlarmEventKind.RAISED: "Called",
    AlarmEventKind.WORSENED: "Got worse",
    AlarmEventKind.EASED: "Eased",
    AlarmEventKind.RETURNED: "Good again",
    AlarmEventKind.ACKNOWLEDGED: "Acknowledged",
    AlarmEventKind.SHELVED: "Shelved",
    AlarmEventKind.UNSHELVED: "Taken from the shelf",
    AlarmEventKind.SHELF_ENDED: "Shelf ended",
    AlarmEventKind.SUPPRESSED: "Suppressed",
    AlarmEventKind.UNSUPPRESSED: "No longer suppressed",
    AlarmEventKind.OUT_OF_SERVICE: "Out of service",
    AlarmEventKind.IN_SERVICE: "Back in service",
    AlarmEventKind.CHATTERING: "Chatters",
    AlarmEventKind.CALMED: "Calmed down",
    AlarmEventKind.STATION: "Station",
}
_LINES: Mapping[AlarmLine, str] = {AlarmLine.VERDICT: "verdict", AlarmLine.SUPPLY: "supply"}
Guide = Mapping[str, PlotTypeInfo]


def key_of(alarm: AlarmState) -> Key:
    """What makes it the same alarm."""
    return (alarm.plot_type, alarm.chunked, alarm.line.value)


def badge_of(alarm: AlarmState) -> TileState:
    """Its shape."""
    return BADGES[alarm.severity]


def title(alarm: AlarmState) -> str:
    """Plot name first, then what, then how sure."""
    if alarm.condition is AlarmCondition.NORMAL:
        return alarm.plot_type
    if alarm.chattering:
        return f"{alarm.plot_type} chatters: it goes to and fro"
    if alarm.active or alarm.line is AlarmLine.SUPPLY:
        return f"{alarm.plot_type} {alarm.sentence}"
    was = alarm.sentence.replace("is ", "was ", 1).replace("may be ", "may have been ", 1)
    return f"{alarm.plot_type} {was.split(',')[0]}, good again"


def facts(alarm: AlarmState, now: datetime) -> str:
    """Run, chunks and since when."""
    parts = []
    if alarm.run and alarm.line is AlarmLine.VERDICT:
        chunks = (
            f"chunk {alarm.first_chunk}"
            if alarm.first_chunk == alarm.last_chunk
            else f"chunks {alarm.first_chunk} to {alarm.last_chunk}"
        )
        parts.append(f"Run {alarm.run}, {chunks}" if alarm.chunked else f"Run {alarm.run}")
    if alarm.since is not None:
        parts.append(
            f"since {clock(alarm.since)}, for {duration((now - alarm.since).total_seconds())}"
        )
    return ", ".join(parts)


def by_need(alarms: Iterable[AlarmState]) -> list[AlarmState]:
    """The newest of the worst first; those that wait for somebody before those that do not."""
    return sorted(
        alarms,
        key=lambda a: (calls(a), RANK[a.severity], a.since or _BEGINNING),
        reverse=True,
    )


def stack(alarms: Iterable[AlarmState], guide: Guide, now: datetime) -> Stack:
    """What the pop-up shows of all that wait for somebody."""
    waiting = by_need(alarm for alarm in alarms if calls(alarm))
    heading = f"{len(waiting)} not acknowledged"
    if _is_burst(waiting):
        rows = _groups(waiting, guide, now)
        groups = f"Many at once: {len(waiting)} alarms in {len(rows)} groups"
        return Stack(heading, tuple(rows[:MOST_ROWS]), _more(len(rows) - MOST_ROWS), groups)
    rows = [_row(alarm, guide, now) for alarm in waiting]
    return Stack(heading, tuple(rows[:MOST_ROWS]), _more(len(rows) - MOST_ROWS), "")


def _is_burst(waiting: Sequence[AlarmState]) -> bool:
    newest = max((alarm.since or _BEGINNING for alarm in waiting), default=_BEGINNING)
    return sum(newest - (alarm.since or _BEGINNING) < BURST for alarm in waiting) > AT_ONCE


def _groups(waiting: Sequence[AlarmState], guide: Guide, now: datetime) -> list[StackRow]:
    members: dict[str, list[AlarmState]] = {}
    for alarm in waiting:  # the worst group comes first, as its worst alarm does
        known = guide.get(alarm.plot_type)
        members.setdefault(known.group if known and known.group else "Other plots", []).append(
            alarm
        )
    return [_group(name, inside, now) for name, inside in members.items()]


def _group(name: str, inside: Sequence[AlarmState], now: datetime) -> StackRow:
    counts = Counter(SEVERITY_WORDS[alarm.severity].lower() for alarm in inside)
    words = ", ".join(f"{number} {word}" for word, number in counts.items())
    names = ", ".join(alarm.plot_type for alarm in inside[:3])
    rest = f" and {len(inside) - 3} more" if len(inside) > 3 else ""
    return StackRow(
        badge=badge_of(inside[0]),
        title=f"{name}: {words}",
        todo=f"{names}{rest}",
        facts=facts(inside[0], now),
        plot=inside[0].plot_type,
        picture=inside[0].picture_hash,
    )


def _row(alarm: AlarmState, guide: Guide, now: datetime) -> StackRow:
    return StackRow(
        badge=badge_of(alarm),
        title=title(alarm),
        todo=todo(alarm, guide),
        facts=facts(alarm, now),
        plot=alarm.plot_type,
        picture=alarm.picture_hash,
    )


def todo(alarm: AlarmState, guide: Guide) -> str:
    """What to do, as the expert wrote it."""
    if alarm.severity is AlarmSeverity.UNDEFINED:
        return "Check the network, then the server; what you see may be old."
    if alarm.plot_type == ALL_PLOTS:
        return "Check that the run goes on and that the program that makes the plots runs."
    known = guide.get(alarm.plot_type)
    if alarm.line is AlarmLine.SUPPLY:
        contact = f" Contact: {known.contact}." if known and known.contact else ""
        return f"Check the program that makes this plot.{contact}"
    if known is None or not known.guidance:
        return "No action is set for this plot."
    return known.guidance


def _more(number: int) -> str:
    return f"and {number} more" if number > 0 else ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    words: Callable[[Any, datetime], str]
    stretched: bool = False


STANDING: tuple[Column, ...] = (
    Column("How bad", lambda a, _: SEVERITY_WORDS[a.severity]),
    Column("Alarm", lambda a, _: title(a), stretched=True),
    Column("State", lambda a, _: CONDITION_WORDS[a.condition]),
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
    Column("Alarm", lambda a, _: f"{a.plot_type}, {_LINES[a.line]}", stretched=True),
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
        self._now = _BEGINNING

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
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return column.words(item, self._now)
        if role == Qt.ItemDataRole.DecorationRole and column.name == "How bad":
            return QIcon(icons.badge_pixmap(BADGES[item.severity], 18, 2.0))
        return None

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


def tile_words(alarms: Iterable[AlarmState]) -> dict[int, str]:
    """What was done about a plot, in short, by plot type id."""
    told = {
        alarm.plot_type_id: words
        for alarm in alarms
        if alarm.line is AlarmLine.VERDICT and (words := _tile_word(alarm))
    }
    return {number: words for number, words in told.items() if number}


def _tile_word(alarm: AlarmState) -> str:
    match alarm.condition:
        case AlarmCondition.ACKNOWLEDGED:
            return "seen"
        case AlarmCondition.RETURNED:
            return "was bad, nobody has seen it"
        case AlarmCondition.SHELVED:
            until = alarm.shelf.until if alarm.shelf else None
            return f"shelved to {until.astimezone():%H:%M}" if until else "shelved"
        case AlarmCondition.OUT_OF_SERVICE:
            return "out of service"
        case _:
            return ""
