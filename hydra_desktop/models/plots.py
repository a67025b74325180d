"""The newest verdict of every plot type: the one truth that grid, lane and detail page show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage

from hydra_desktop.models.facts import facts, score_bars
from hydra_desktop.words import duration, state_of, verdict_words
from inference_server.protocol.messages import PlotTypeInfo, Verdict
from ui.roles import Role, ScoreBar
from ui.states import WORDS, TileState

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
_BEGINNING = datetime.fromtimestamp(0, UTC)


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


@dataclass(frozen=True, slots=True)
class PlotRow:
    """One plot type as it stands at ``now``."""

    kind: PlotTypeInfo
    now: datetime
    verdict: Verdict | None = None
    image: QImage | None = None
    since: datetime | None = None  # when the label became what it is, as far as we saw

    @property
    def age_s(self) -> float:
        """Seconds since the picture was judged."""
        return (self.now - self.verdict.judged_at).total_seconds() if self.verdict else 0.0

    @property
    def state(self) -> TileState:
        """How the tile looks."""
        return state_of(self.verdict, self.age_s, self.kind.stale_after_s)

    @property
    def said(self) -> str:
        """The verdict in words."""
        return verdict_words(self.verdict, self.state, self.age_s)

    @property
    def age(self) -> str:
        """The age in words."""
        return duration(self.age_s) if self.verdict else ""


def _spoken(row: PlotRow) -> str:
    run = f", run {row.verdict.run}" if row.verdict else ""
    return f"{row.kind.name}, {WORDS[row.state]}, {row.said}{run}, {row.age}"


_ANSWERS: Mapping[int, Callable[[PlotRow], Any]] = {
    Qt.ItemDataRole.AccessibleTextRole: _spoken,
    Role.NAME: lambda row: row.kind.name,
    Role.STATE: lambda row: row.state,
    Role.VERDICT: lambda row: row.said,
    Role.LABEL: lambda row: row.verdict.label if row.verdict else "",
    Role.AGE: lambda row: row.age,
    Role.IMAGE: lambda row: row.image,
    Role.GROUP: lambda row: row.kind.group,
    Role.GUIDANCE: lambda row: row.kind.guidance,
    Role.FACTS: lambda row: facts(row.kind, row.verdict, row.since, row.now),
    Role.ROW: lambda row: row,
    Role.HIDDEN: lambda row: row.kind.ignored,
}


class PlotsModel(QAbstractListModel):
    """Written by one method, ``apply``; everything else only answers questions."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
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
        for number, row in enumerate(list(self._rows)):
            if update.clock or row.kind.id in newest or _pictured(row, update.images):
                self._put(number, _moved_on(row, newest.get(row.kind.id), update))

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.kind.name
        if role == Role.SCORES:
            return self._bars(row)
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


def _pictured(row: PlotRow, images: Mapping[str, QImage]) -> bool:
    return row.verdict is not None and row.verdict.picture_hash in images


def _moved_on(row: PlotRow, seen: Seen | None, update: Update) -> PlotRow:
    verdict, image, since = row.verdict, row.image, row.since
    if seen is not None and (verdict is None or seen.verdict.judged_at >= verdict.judged_at):
        same_picture = verdict is not None and verdict.picture_hash == seen.verdict.picture_hash
        image = seen.image if seen.image is not None else (image if same_picture else None)
        if verdict is None or _call(verdict) != _call(seen.verdict):
            since = seen.verdict.judged_at
        verdict = seen.verdict
    if verdict is not None and verdict.picture_hash in update.images:
        image = update.images[verdict.picture_hash]
    return PlotRow(row.kind, update.now, verdict, image, since)


def _call(verdict: Verdict) -> tuple[str, bool]:
    return verdict.label, verdict.confirmed


def _changed_roles(before: PlotRow, after: PlotRow) -> list[int]:
    """Which roles a view has to ask again; none when only the clock moved and no text with it."""
    if (
        before.kind != after.kind
        or before.verdict is not after.verdict
        or before.image is not after.image
        or before.state is not after.state
    ):
        return list(_ALL)
    return [int(Role.AGE), int(Role.VERDICT)] if before.age != after.age else []


_ALL = (Qt.ItemDataRole.DisplayRole, *_ANSWERS, Role.SCORES)
