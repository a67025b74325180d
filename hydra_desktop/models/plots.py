"""The newest verdict of every plot type: the one truth that grid, lane and detail page show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage

from hydra_desktop.models.facts import facts, score_bars
from hydra_desktop.models.masks import masked_now, masked_then
from hydra_desktop.models.plot_row import PlotRow, Stroke, spoken, tip
from hydra_desktop.words import clock, judged_state, run_chunk
from inference_server.protocol.messages import PlotTypeInfo, Verdict
from ui.alarm_marks import AlarmSign
from ui.roles import Role, ScoreBar

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
STRIP = 20  # verdicts in the strip of a tile


@dataclass(frozen=True, slots=True)
class Seen:
    """A verdict with its thumbnail; ``image`` None: it is not here yet."""

    verdict: Verdict
    image: QImage | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Everything that can happen to the model in one go.

    ``clock``: a second went by, so every age is new (else only the rows that are spoken of change).
    ``known``: the plot types as the server knows them (None: as before). ``complete``: what is not
    in ``known`` is gone. ``images``: thumbnails that came later, by picture hash.
    """

    now: datetime
    clock: bool = False
    known: tuple[PlotTypeInfo, ...] | None = None
    complete: bool = False
    seen: tuple[Seen, ...] = ()
    images: Mapping[str, QImage] = field(default_factory=dict)
    colours: Mapping[str, str] | None = None  # the site's own class colours
    strips: Mapping[int, tuple[Stroke, ...]] = field(default_factory=dict)  # by plot type id
    heats: Mapping[str, QImage] = field(default_factory=dict)  # heat maps, by picture hash
    alarms: Mapping[int, AlarmSign] | None = None  # how alarms stand, by plot type id


_ANSWERS: Mapping[int, Callable[[PlotRow], Any]] = {
    Qt.ItemDataRole.AccessibleTextRole: spoken,
    Qt.ItemDataRole.ToolTipRole: tip,
    Role.NAME: lambda row: row.kind.name,
    Role.STATE: lambda row: row.state,
    Role.VERDICT: lambda row: row.said,
    Role.LABEL: lambda row: row.verdict.label if row.verdict else "",
    Role.AGE: lambda row: row.age,
    Role.CHUNK: lambda row: run_chunk(row.verdict) if row.verdict else "",
    Role.TIME: lambda row: clock(row.verdict.picture_time) if row.verdict else "",
    Role.IMAGE: lambda row: row.image,
    Role.GROUP: lambda row: row.kind.group,
    Role.GUIDANCE: lambda row: row.kind.guidance,
    Role.FACTS: lambda row: facts(row.kind, row.verdict, row.since, row.now),
    Role.ROW: lambda row: row,
    Role.HIDDEN: lambda row: row.kind.ignored,
    Role.STRIP: lambda row: tuple(state for _, state in row.strip),
    Role.ANOMALY: lambda row: row.verdict.anomaly if row.verdict else None,
    Role.HEAT: lambda row: row.heat,
    Role.MASKS: lambda row: masked_now(row.kind, row.verdict, row.now),
    Role.SIGN: lambda row: None if row.kind.ignored else row.alarm,
}


class PlotsModel(QAbstractListModel):
    """Written by one method, ``apply``; everything else only answers questions."""

    def __init__(
        self, parent: QObject | None = None, *, replay: bool = False, past: bool = False
    ) -> None:
        super().__init__(parent)
        self._replay, self._past = replay, replay or past
        self._rows: list[PlotRow] = []
        self._place: dict[int, int] = {}
        self._colours: Mapping[str, str] = {}

    @property
    def rows(self) -> Sequence[PlotRow]:
        """All rows, in the order in which they were made known."""
        return tuple(self._rows)

    def apply(self, update: Update) -> None:
        """Fold ``update`` in: the newest verdict of each plot type wins, late news is ignored."""
        if update.colours is not None:
            self._colours = dict(update.colours)
        if update.known is not None:
            self._learn(update.known, update.now, complete=update.complete)
        self._learn(_unheard_of(update.seen, self._place), update.now, complete=False)
        newest = _newest(update.seen)
        update = replace(update, strips=_longer(update))
        for number, row in enumerate(list(self._rows)):
            if update.clock or row.kind.id in newest or _touched(row, update):
                marked = _with_alarm(row, update)
                self._put(number, _moved_on(marked, newest.get(row.kind.id), update))

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.kind.name
        if role == Role.REPLAY:
            return self._replay
        if self._replay and role in _SPOKEN:
            return f"Replay, not live: {row.kind.name}, {row.said}, {row.age}"
        if role == Role.SCORES:
            return self._bars(row)
        if role == Role.MASKS and self._past:  # of then, not of now
            return masked_then(row.verdict) if row.verdict else ()
        answer = _ANSWERS.get(role)
        return answer(row) if answer else None

    def row_of(self, name: str) -> QModelIndex:
        """The index of the plot type ``name``; invalid when unknown."""
        found = (i for i, row in enumerate(self._rows) if row.kind.name == name)
        return self.index(next(found, -1), 0)

    def _bars(self, row: PlotRow) -> tuple[ScoreBar, ...]:
        return score_bars(row.verdict, self._colours)

    def _put(self, number: int, row: PlotRow) -> None:
        held, self._rows[number] = self._rows[number], row
        if roles := _changed_roles(held, row):
            self.dataChanged.emit(self.index(number, 0), self.index(number, 0), roles)

    def _learn(self, known: Sequence[PlotTypeInfo], now: datetime, *, complete: bool) -> None:
        for kind in known:
            self._settle_name(kind)
            if kind.id in self._place:
                number = self._place[kind.id]
                self._put(number, replace(self._rows[number], kind=kind, now=now))
        fresh = [kind for kind in known if kind.id not in self._place]
        if complete:
            self._forget({kind.id for kind in known})
        if fresh:
            first = len(self._rows)
            self.beginInsertRows(ROOT, first, first + len(fresh) - 1)
            self._rows += [PlotRow(kind, now) for kind in fresh]
            self._place = {row.kind.id: number for number, row in enumerate(self._rows)}
            self.endInsertRows()

    def _settle_name(self, kind: PlotTypeInfo) -> None:
        """Without its database the server gives new plot types negative ids, and real ones later."""
        for number, row in enumerate(self._rows):
            held = row.kind
            if held.id < 0 < kind.id and (held.name, held.chunked) == (kind.name, kind.chunked):
                self._rows[number] = replace(row, kind=msgspec.structs.replace(held, id=kind.id))
                self._place[kind.id] = self._place.pop(held.id)

    def _forget(self, kept: set[int]) -> None:
        for number in reversed(range(len(self._rows))):
            if self._rows[number].kind.id not in kept:
                self.beginRemoveRows(ROOT, number, number)
                del self._rows[number]
                self._place = {row.kind.id: place for place, row in enumerate(self._rows)}
                self.endRemoveRows()


def _unheard_of(seen: Sequence[Seen], known: Mapping[int, int]) -> tuple[PlotTypeInfo, ...]:
    """A verdict may arrive before the catalogue that lists its plot type."""
    verdicts = {item.verdict.plot_type_id: item.verdict for item in seen}
    return tuple(
        PlotTypeInfo(id=key, name=verdict.plot_type, chunked=verdict.chunked)
        for key, verdict in verdicts.items()
        if key not in known
    )


def _newest(seen: Sequence[Seen]) -> dict[int, Seen]:
    newest: dict[int, Seen] = {}
    for item in seen:
        held = newest.get(item.verdict.plot_type_id)
        if held is None or item.verdict.judged_at >= held.verdict.judged_at:
            newest[item.verdict.plot_type_id] = item
    return newest


def _touched(row: PlotRow, update: Update) -> bool:
    shown = row.verdict.picture_hash if row.verdict else ""
    moved = update.alarms is not None and update.alarms.get(row.kind.id) != row.alarm
    known = shown in update.images or shown in update.heats
    return moved or known or row.kind.id in update.strips


def _moved_on(row: PlotRow, seen: Seen | None, update: Update) -> PlotRow:
    verdict, image, since, heat = row.verdict, row.image, row.since, row.heat
    if seen is not None and (verdict is None or seen.verdict.judged_at >= verdict.judged_at):
        same_picture = verdict is not None and verdict.picture_hash == seen.verdict.picture_hash
        image = seen.image if seen.image is not None else (image if same_picture else None)
        if verdict is None or _call(verdict) != _call(seen.verdict):
            since = seen.verdict.judged_at
        heat = heat if same_picture else None
        verdict = seen.verdict
    if verdict is not None:
        image = update.images.get(verdict.picture_hash, image)
        heat = update.heats.get(verdict.picture_hash, heat)
    strip = _prolonged(row, update)
    return PlotRow(row.kind, update.now, verdict, image, since, strip, heat, row.alarm)


def _with_alarm(row: PlotRow, update: Update) -> PlotRow:
    if update.alarms is None:
        return row
    return replace(row, alarm=update.alarms.get(row.kind.id))


def _longer(update: Update) -> dict[int, tuple[Stroke, ...]]:
    """The strips that came, and every verdict of the batch, not just the newest."""
    strips = {number: list(strokes) for number, strokes in update.strips.items()}
    for item in update.seen:
        stroke = item.verdict.judged_at, judged_state(item.verdict)
        strips.setdefault(item.verdict.plot_type_id, []).append(stroke)
    return {number: tuple(strokes) for number, strokes in strips.items()}


def _prolonged(row: PlotRow, update: Update) -> tuple[Stroke, ...]:
    """What the server remembers and what we saw, each verdict once."""
    more = update.strips.get(row.kind.id)
    if not more:
        return row.strip
    return tuple(sorted(dict((*more, *row.strip)).items()))[-STRIP:]


def _call(verdict: Verdict) -> tuple[str, bool]:
    return verdict.label, verdict.confirmed


def _changed_roles(before: PlotRow, after: PlotRow) -> list[int]:
    """Which roles a view has to ask again; none when only the clock moved and no text with it."""
    if (
        before.kind != after.kind
        or before.verdict is not after.verdict
        or before.image is not after.image
        or before.state is not after.state
        or before.strip is not after.strip
        or before.heat is not after.heat
        or before.alarm != after.alarm
        or _ANSWERS[Role.MASKS](before) != _ANSWERS[Role.MASKS](after)
    ):
        return list(_ALL)
    return [int(Role.AGE), int(Role.VERDICT)] if before.age != after.age else []


_ALL = (Qt.ItemDataRole.DisplayRole, *_ANSWERS, Role.SCORES)
_SPOKEN = (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)
