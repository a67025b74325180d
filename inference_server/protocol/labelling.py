"""Labelling: queues of pictures that want a label, votes, palettes, progress.

Votes are never changed and never removed. ``client_id`` is made by the station (a UUID), so that a
vote that is sent twice counts once.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import msgspec

from inference_server.protocol.base import Message
from inference_server.protocol.class_changes import MergeClasses, SetClass, SplitClass
from inference_server.protocol.label_acts import GetOwnActs, OwnActs
from inference_server.protocol.label_progress import (
    Agreement,
    GetLabelProgress,
    GetPalette,
    LabellerScore,
    LabelProgress,
    Palette,
    PaletteClass,
)
from inference_server.protocol.label_rules import GetLabelRules, LabelRules, SetLabelRules

__all__ = [
    "Agreement",
    "GetLabelProgress",
    "GetOwnActs",
    "GetPalette",
    "LabelProgress",
    "LabellerScore",
    "OwnActs",
    "Palette",
    "PaletteClass",
]


class Queue(StrEnum):
    """Which pictures, and in which order."""

    UNLABELLED = "unlabelled"  # newest first
    UNCONFIRMED = "unconfirmed"  # newest first
    BAD = "bad"  # the model said so; newest first
    UNCERTAIN = (
        "uncertain"  # smallest distance between the two best classes of the newest model first
    )
    UNBIASED = "unbiased"  # drawn at random; newest first
    DISPUTED = "disputed"  # people do not agree; newest first
    FLAGGED = "flagged"  # flagged or not sure, and not labelled since; newest first
    SUSPECT = "suspect"  # a model that had not learned from it contradicts the label, surest first
    EVERYTHING = "everything"  # labelled ones too; newest first


class LabelFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Narrows a queue; a field at its default narrows nothing."""

    run_from: int | None = None
    run_to: int | None = None
    since: datetime | None = None  # time of the picture
    until: datetime | None = None
    class_name: str = ""  # of the current label
    labeller: str = ""
    said: str = ""  # the model's class
    confidence_from: float = 0.0
    confidence_to: float = 1.0
    text: str = ""  # part of a comment or of a file name


class LabelItem(msgspec.Struct, frozen=True, kw_only=True):
    """One picture of a queue."""

    picture_id: int
    plot_type_id: int
    plot_type: str
    run_period: str
    run: int
    chunk: int
    picture_hash: str
    picture_time: datetime
    why: str  # one sentence: why it is in this queue
    said: str = ""  # the model's class; empty: no model
    confidence: float = 0.0
    confirmed: bool = False
    unbiased: bool = False
    class_name: str = ""  # the current label; empty: none
    who: str = ""
    labelled_at: datetime | None = None
    label_id: int = 0
    disputed: bool = False
    pin: str = ""  # training, validation
    weight: int = 1
    twins: tuple[int, ...] = ()  # ids of near copies that were folded away
    remark: str = ""  # the newest flag, "not sure" or comment: "ann flagged it"


class Vote(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said of a picture. ``kind``: label, unsure, skip, flag, comment, taken_back."""

    client_id: str
    picture_id: int
    class_name: str | None
    at: datetime
    kind: str = "label"
    comment: str = ""
    verdict_visible: bool = True
    seconds: float | None = None  # from shown to decided
    seen_label_id: int = 0  # the current label that the person saw; 0: none
    person: str = ""  # at a shared station; empty: the owner of the key
    act: str = ""  # of one act, however many pictures it labelled; made by the station
    undoes: str = (
        ""  # client_id of an own vote that it takes back: the word of before it counts again
    )


class LabelMove(msgspec.Struct, frozen=True, kw_only=True):
    """The current label of a picture after a vote."""

    picture_id: int
    plot_type_id: int
    class_name: str  # empty: none
    who: str
    at: datetime
    label_id: int
    disputed: bool = False


class VoteRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A vote as it was kept."""

    id: int
    who: str
    class_name: str
    kind: str
    comment: str
    verdict_visible: bool
    seconds: float | None
    at: datetime


# ---------------------------------------------------------------- requests


class GetLabelQueue(Message, frozen=True, kw_only=True):
    """A page of a queue; ``after``: the ``cursor`` of the page before."""

    plot_type_ids: tuple[int, ...]
    queue: Queue
    filter: LabelFilter = LabelFilter()
    after: str = ""
    limit: int = 100
    fold: bool = False  # fold near copies away
    by_run: bool = False  # whole runs, the newest first; in each the queue's order


class CastVotes(Message, frozen=True, kw_only=True):
    """Votes in the order in which they were made; at most 500."""

    votes: tuple[Vote, ...]


class GetVotes(Message, frozen=True, kw_only=True):
    """Every vote on a picture, oldest first."""

    picture_id: int


class GetCurrentLabels(Message, frozen=True, kw_only=True):
    """The labels that count now, of at most 500 pictures: after a gap in the news."""

    picture_ids: tuple[int, ...]


class GetSimilar(Message, frozen=True, kw_only=True):
    """Pictures without a label that look like this one, nearest first."""

    picture_id: int
    limit: int = 50


class SetTeaching(Message, frozen=True, kw_only=True):
    """Pin pictures to a side ("training", "validation", "" for neither) and weigh them (0: left out)."""

    picture_ids: tuple[int, ...]
    pin: str | None = None  # None: leave as it is
    weight: int | None = None


LabelRequest: TypeAlias = (
    GetLabelQueue
    | CastVotes
    | GetVotes
    | GetPalette
    | GetSimilar
    | GetLabelProgress
    | SetTeaching
    | SetClass
    | MergeClasses
    | SplitClass
    | GetLabelRules
    | SetLabelRules
    | GetOwnActs
    | GetCurrentLabels
)

# ---------------------------------------------------------------- replies


class LabelPage(Message, frozen=True, kw_only=True):
    """A page. ``left``: how many the queue holds, counted up to ``COUNTED``; first page only."""

    items: tuple[LabelItem, ...]
    cursor: str = ""  # empty: this was the last page
    left: int | None = None
    sizes: dict[
        int, int
    ] = {}  # by run of the page, where it is by run: how many the queue holds of it


COUNTED = 3_000


class VotesKept(Message, frozen=True, kw_only=True):
    """The votes are in the database. ``overtaken``: what somebody else had said meanwhile."""

    client_ids: tuple[str, ...]
    moves: tuple[LabelMove, ...]
    overtaken: tuple[LabelMove, ...] = ()


class Votes(Message, frozen=True, kw_only=True):
    """The votes on a picture, oldest first."""

    votes: tuple[VoteRecord, ...]


class CurrentLabels(Message, frozen=True, kw_only=True):
    """As the news would have told them; pictures without a label are among them."""

    moves: tuple[LabelMove, ...]


class ClassSplit(Message, frozen=True, kw_only=True):
    """A class was split: the pictures that have the new label, and a sentence for people."""

    moves: tuple[LabelMove, ...]
    sentence: str
    votes: dict[int, str] = {}  # by picture: client_id of the vote that was made


class Similar(Message, frozen=True, kw_only=True):
    """Pictures by likeness (cosine of their features, 1 = the same)."""

    items: tuple[LabelItem, ...]
    likeness: tuple[float, ...]


LabelReply: TypeAlias = (
    LabelPage
    | VotesKept
    | Votes
    | Palette
    | ClassSplit
    | Similar
    | LabelProgress
    | LabelRules
    | OwnActs
    | CurrentLabels
)

# ---------------------------------------------------------------- news


class LabelsMoved(Message, frozen=True, kw_only=True):
    """Somebody voted: the current labels of these pictures."""

    moves: tuple[LabelMove, ...]


class PaletteChanged(Message, frozen=True, kw_only=True):
    """The classes of a plot type were changed: ask for them again."""

    plot_type_id: int


LabelNews: TypeAlias = LabelsMoved | PaletteChanged
