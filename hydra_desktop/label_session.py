"""What one person does in the labeler: acts that can be undone, as votes that are never erased. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from inference_server.protocol.label_acts import OwnAct
from inference_server.protocol.labelling import Vote


@dataclass(frozen=True, slots=True)
class Change:
    """A picture's label before and after an act (empty: none), and the vote that made it so last."""

    picture_id: int
    before: str
    after: str
    vote: str = ""  # client_id


Act = tuple[Change, ...]


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
    """The stack of one person's acts; undo and redo are votes of their own for the server."""

    _done: list[Act] = field(default_factory=list)
    _undone: list[Act] = field(default_factory=list)

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
    ) -> tuple[list[Vote], Act]:
        """Label pictures (id -> present label) as ``class_name``; one act, however many."""
        act = tuple(Change(picture, before, class_name) for picture, before in labels.items())
        votes = _votes([(each, each.after) for each in act], how)
        self.record(made := _by(act, votes))
        return votes, made

    def record(self, act: Act) -> None:
        """Something that was done, also by the server in one command: it can be undone here."""
        self._done.append(act)
        self._undone.clear()

    def recall(self, done: Sequence[Act], undone: Sequence[Act]) -> None:
        """Acts of before this session, oldest first: they come after its own.

        What this session did or took back itself the server remembers too; here it is left out.
        """
        own = {change.vote for act in (*self._done, *self._undone) for change in act}
        if not self._done:
            self._undone[:0] = _without(undone, own)
        self._done[:0] = _without(done, own)

    def undo(self, how: Circumstances) -> tuple[list[Vote], Act]:
        """Give the pictures of the last act their labels of before."""
        if not self._done:
            return [], ()
        act = self._done.pop()
        votes = _votes([(each, each.before) for each in act], how)
        self._undone.append(_by(act, votes))
        return votes, tuple(Change(each.picture_id, each.after, each.before) for each in act)

    def redo(self, how: Circumstances) -> tuple[list[Vote], Act]:
        """Do again what was undone last."""
        if not self._undone:
            return [], ()
        act = self._undone.pop()
        votes = _votes([(each, each.after) for each in act], how)
        self._done.append(_by(act, votes))
        return votes, act


def of_before(act: OwnAct) -> Act:
    """An act as the server remembers it."""
    return tuple(
        Change(each.picture_id, each.before, each.after, each.client_id) for each in act.changes
    )


def remark(
    picture_ids: Sequence[int], kind: str, how: Circumstances, comment: str = ""
) -> list[Vote]:
    """Votes that leave the label alone: unsure, skip, flag, comment."""
    at = datetime.now(UTC)
    return [
        Vote(
            client_id=str(uuid.uuid4()),
            picture_id=picture,
            class_name=None,
            at=at,
            kind=kind,
            comment=comment,
            verdict_visible=how.verdict_visible,
            seconds=how.seconds,
            seen_label_id=how.seen.get(picture, 0),
            person=how.person,
        )
        for picture in picture_ids
    ]


def _votes(changes: Sequence[tuple[Change, str]], how: Circumstances) -> list[Vote]:
    """One vote for each picture (with the label it gets); what it has a vote for already is undone."""
    at, act = datetime.now(UTC), str(uuid.uuid4())
    return [
        Vote(
            client_id=str(uuid.uuid4()),
            picture_id=change.picture_id,
            class_name=label or None,
            at=at,
            kind="label" if label else "taken_back",
            verdict_visible=how.verdict_visible,
            seconds=how.seconds,
            seen_label_id=how.seen.get(change.picture_id, 0),
            person=how.person,
            act=act,
            undoes=change.vote,
        )
        for change, label in changes
    ]


def _without(acts: Sequence[Act], votes: Set[str]) -> list[Act]:
    return [act for act in acts if votes.isdisjoint(change.vote for change in act)]


def _by(act: Act, votes: Sequence[Vote]) -> Act:
    return tuple(
        replace(change, vote=vote.client_id) for change, vote in zip(act, votes, strict=True)
    )
