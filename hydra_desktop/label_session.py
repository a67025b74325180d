"""What one person does in the labeler: acts that can be undone, as votes that are never erased. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from inference_server.protocol.labelling import Vote


@dataclass(frozen=True, slots=True)
class Change:
    """A picture's label before and after an act; empty: none."""

    picture_id: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What goes into every vote besides the decision."""

    person: str = ""
    verdict_visible: bool = True
    seconds: float | None = None
    seen: Mapping[int, int] = field(
        default_factory=dict
    )  # picture -> label id that was on the screen


@dataclass(slots=True)
class LabelSession:
    """The stack of acts of this session; undo and redo are acts of their own for the server."""

    _done: list[tuple[Change, ...]] = field(default_factory=list)
    _undone: list[tuple[Change, ...]] = field(default_factory=list)

    @property
    def can_undo(self) -> bool:
        """Whether there is an act to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether an act was taken back."""
        return bool(self._undone)

    def label(
        self, labels: Mapping[int, str], class_name: str, how: Circumstances
    ) -> tuple[list[Vote], tuple[Change, ...]]:
        """Label pictures (id -> present label) as ``class_name``; one act, however many."""
        act = tuple(Change(picture, before, class_name) for picture, before in labels.items())
        self._done.append(act)
        self._undone.clear()
        return _votes(act, how), act

    def record(self, act: tuple[Change, ...]) -> None:
        """Something that the server did in one command, so that it can be undone here as well."""
        self._done.append(act)
        self._undone.clear()

    def undo(self, how: Circumstances) -> tuple[list[Vote], tuple[Change, ...]]:
        """Give the pictures of the last act their labels of before."""
        if not self._done:
            return [], ()
        act = self._done.pop()
        self._undone.append(act)
        back = tuple(Change(each.picture_id, each.after, each.before) for each in reversed(act))
        return _votes(back, how), back

    def redo(self, how: Circumstances) -> tuple[list[Vote], tuple[Change, ...]]:
        """Do again what was undone last."""
        if not self._undone:
            return [], ()
        act = self._undone.pop()
        self._done.append(act)
        return _votes(act, how), act


def remark(
    picture_ids: Sequence[int], kind: str, how: Circumstances, comment: str = ""
) -> list[Vote]:
    """Votes that leave the label alone: unsure, skip, flag, comment."""
    return [_vote(picture, None, kind, how, comment) for picture in picture_ids]


def _votes(act: Sequence[Change], how: Circumstances) -> list[Vote]:
    return [
        _vote(each.picture_id, each.after or None, "label" if each.after else "taken_back", how)
        for each in act
    ]


def _vote(
    picture_id: int, class_name: str | None, kind: str, how: Circumstances, comment: str = ""
) -> Vote:
    return Vote(
        client_id=str(uuid.uuid4()),
        picture_id=picture_id,
        class_name=class_name,
        at=datetime.now(UTC),
        kind=kind,
        comment=comment,
        verdict_visible=how.verdict_visible,
        seconds=how.seconds,
        seen_label_id=how.seen.get(picture_id, 0),
        person=how.person,
    )
