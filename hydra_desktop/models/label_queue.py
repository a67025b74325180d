"""The pictures of a queue with their labels as this station knows them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage

from inference_server.protocol.labelling import LabelItem, LabelMove
from ui import theme
from ui.class_bars import percent
from ui.label_roles import Brush, Face, LabelRole, Standing
from ui.tokens import class_colour

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
CACHE_BYTES = 128_000_000  # more than a screen of the smallest tiles and all that is fetched ahead


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A picture; ``label`` and ``standing`` are what is shown of it now."""

    item: LabelItem
    label: str
    standing: Standing
    marks: str = ""
    alarm: str = ""


class LabelQueueModel(QAbstractListModel):
    """Rows come page by page and keep their places until another queue is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[LabelRow] = []
        self._places: dict[int, int] = {}
        self._by_hash: dict[str, list[int]] = {}
        self._images: OrderedDict[str, QImage] = OrderedDict()
        self._bytes = 0
        self._brushes: dict[str, Brush] = {}
        self.verdict_hidden = False
        self.by_run = False  # whether runs are told apart
        self._sizes: dict[int, int] = {}  # by run
        self._run_of: list[int] = []  # by row: how many times the run had changed before it

    # ------------------------------------------------------------ what it holds

    @property
    def rows(self) -> Sequence[LabelRow]:
        """All rows, in the order of the queue."""
        return self._rows

    def row(self, index: Index) -> LabelRow:
        """The row at a valid index."""
        return self._rows[index.row()]

    def place(self, picture_id: int) -> int:
        """Where a picture is; -1 when it is not here."""
        return self._places.get(picture_id, -1)

    def has_image(self, picture_hash: str) -> bool:
        """Whether the small picture is here."""
        return picture_hash in self._images

    def image(self, picture_hash: str) -> QImage | None:
        """The small picture, if it is here."""
        return self._images.get(picture_hash)

    def next_unlabelled(self, after: int, step: int = 1) -> int:
        """The nearest row without a label from ``after`` on in a direction; -1: none."""
        rows = range(after + step, len(self._rows) if step > 0 else -1, step)
        return next((n for n in rows if not self._rows[n].label), -1)

    # ------------------------------------------------------------ what changes it

    def show(self, items: Iterable[LabelItem], sizes: Mapping[int, int] | None = None) -> None:
        """Another queue; ``sizes``: by run how many pictures of it the queue holds, where it is by run."""
        self.beginResetModel()
        self._sizes = dict(sizes or {})
        self._rows, self._places, self._by_hash, self._run_of = [], {}, {}, []
        self._add(items)
        self.endResetModel()

    def extend(self, items: Sequence[LabelItem], sizes: Mapping[int, int] | None = None) -> None:
        """The next page of the queue; what is here already is left out."""
        for run, size in (sizes or {}).items():
            self._sizes.setdefault(run, size)  # as it was when its head was first shown
        fresh = [item for item in items if item.picture_id not in self._places]
        if fresh:
            self.beginInsertRows(ROOT, len(self._rows), len(self._rows) + len(fresh) - 1)
            self._add(fresh)
            self.endInsertRows()

    def show_brushes(self, brushes: Sequence[Brush]) -> None:
        """The classes, for their colours."""
        self._brushes = {brush.name: brush for brush in brushes}
        self._all_changed()

    def hide_verdict(self, hidden: bool) -> None:
        """Show or hide what the model said of pictures that have no label."""
        self.verdict_hidden = hidden
        self._all_changed()

    def mark(self, picture_ids: Iterable[int], **fields: Any) -> None:
        """Change ``label``, ``standing``, ``marks`` or ``alarm`` of pictures."""
        for picture in picture_ids:
            if (at := self.place(picture)) >= 0:
                self._put(at, replace(self._rows[at], **fields))

    def taught(self, picture_ids: Iterable[int], **fields: Any) -> None:
        """Change ``pin`` or ``weight`` of pictures as the server has them now."""
        for picture in picture_ids:
            if (at := self.place(picture)) >= 0:
                item = msgspec.structs.replace(self._rows[at].item, **fields)
                self._put(at, replace(self._rows[at], item=item, marks=marks_of(item)))

    def moved(self, moves: Sequence[LabelMove]) -> None:
        """What the database says now of pictures none of whose votes wait here."""
        for move in moves:
            at = self.place(move.picture_id)
            if at < 0:
                continue
            row = self._rows[at]
            item = _with(row.item, move)
            standing = Standing.SAVED if move.class_name else Standing.NONE
            self._put(at, replace(row, item=item, label=move.class_name, standing=standing))

    def add_image(self, picture_hash: str, image: QImage) -> None:
        """A small picture came; the oldest ones go when there are too many bytes of them."""
        if picture_hash not in self._images:
            self._bytes += image.sizeInBytes()
        self._images[picture_hash] = image
        while self._bytes > CACHE_BYTES and len(self._images) > 1:
            _, old = self._images.popitem(last=False)
            self._bytes -= old.sizeInBytes()
        for at in self._by_hash.get(picture_hash, ()):
            self.dataChanged.emit(self.index(at), self.index(at), [LabelRole.IMAGE])

    # ------------------------------------------------------------ what Qt asks

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == LabelRole.IMAGE:
            return self._images.get(row.item.picture_hash)
        if role == LabelRole.FACE:
            return self._face(index.row())
        if role == LabelRole.COLOUR:
            return self._colour(row.label)
        if role == LabelRole.SAID:
            return self._said(row)
        answer = _ANSWERS.get(role)
        return answer(row) if answer else None

    # ------------------------------------------------------------ parts

    def _add(self, items: Iterable[LabelItem]) -> None:
        for item in items:
            place = len(self._rows)
            same = place and self._rows[-1].item.run == item.run
            self._run_of.append((self._run_of[-1] + (not same)) if place else 0)
            self._places[item.picture_id] = place
            self._by_hash.setdefault(item.picture_hash, []).append(place)
            standing = Standing.SAVED if item.class_name else Standing.NONE
            self._rows.append(LabelRow(item, item.class_name, standing, marks_of(item)))

    def _face(self, at: int) -> Face:
        row, number = self._rows[at], self._run_of[at]
        first = self.by_run and (at == 0 or self._run_of[at - 1] != number)
        return Face(
            f"{row.item.run}.{row.item.chunk}", row.label, row.standing, self._colour(row.label),
            self._said(row), row.marks, row.alarm, self._heading(row.item.run) if first else "",
            self.by_run and number % 2 == 1,
        )  # fmt: skip

    def _heading(self, run: int) -> str:
        size = self._sizes.get(run, 0)
        return f"Run {run}: {size}" if size else f"Run {run}"

    def _said(self, row: LabelRow) -> str:
        return "" if self.verdict_hidden and not row.label else said(row.item)

    def _colour(self, label: str) -> str:
        brush = self._brushes.get(label, Brush(label, ""))
        return class_colour(theme.current(), label, brush.severity, brush.colour) if label else ""

    def _put(self, at: int, row: LabelRow) -> None:
        if self._rows[at] != row:
            self._rows[at] = row
            self.dataChanged.emit(self.index(at), self.index(at))

    def _all_changed(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))


def said(item: LabelItem) -> str:
    """What the model said, in short."""
    if not item.said:
        return "No model"
    return f"AI: {item.said}{'' if item.confirmed else '?'} {percent(item.confidence)}"


def marks_of(item: LabelItem) -> str:
    """How the picture teaches and what else is to be known of it, in a few words."""
    words = [f"pinned to {item.pin}"] if item.pin else []
    if item.weight != 1:
        words.append("left out of training" if item.weight == 0 else f"counts {item.weight} times")
    if item.disputed:
        words.append("disputed")
    if item.remark:
        words.append(item.remark)
    if item.twins:
        words.append(f"and {len(item.twins)} like it")
    return ", ".join(words)


def _with(item: LabelItem, move: LabelMove) -> LabelItem:
    return msgspec.structs.replace(
        item, class_name=move.class_name, who=move.who, labelled_at=move.at,
        label_id=move.label_id, disputed=move.disputed,
    )  # fmt: skip


_ANSWERS: Mapping[int, Callable[[LabelRow], Any]] = {
    Qt.ItemDataRole.DisplayRole: lambda row: f"{row.item.run}.{row.item.chunk}",
    Qt.ItemDataRole.AccessibleTextRole: lambda row: (
        f"{row.item.plot_type} {row.item.run}.{row.item.chunk}, {row.label or 'no label'},"
        f" {row.standing.value}"
    ),
    Qt.ItemDataRole.ToolTipRole: lambda row: row.item.why,
    LabelRole.TITLE: lambda row: f"{row.item.run}.{row.item.chunk}",
    LabelRole.LABEL: lambda row: row.label,
    LabelRole.STANDING: lambda row: row.standing,
    LabelRole.MARKS: lambda row: row.marks,
    LabelRole.WHY: lambda row: row.item.why,
    LabelRole.PICTURE_ID: lambda row: row.item.picture_id,
    LabelRole.HASH: lambda row: row.item.picture_hash,
    LabelRole.ALARM: lambda row: row.alarm,
}
