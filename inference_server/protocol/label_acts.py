"""What a person did in the labeler, also before this start of the program: to be taken back."""

from __future__ import annotations

from datetime import datetime

import msgspec

from inference_server.protocol.base import Message


class OwnChange(msgspec.Struct, frozen=True, kw_only=True):
    """One picture of an act; ``before`` and ``after``: the person's own word on it, empty: none."""

    picture_id: int
    before: str
    after: str
    client_id: str  # of the vote that is taken back, or done again, by a new one that names it


class OwnAct(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with one key or one click."""

    at: datetime
    plot_type: str
    run: int  # of the first of its pictures
    chunk: int
    changes: tuple[OwnChange, ...]


class GetOwnActs(Message, frozen=True, kw_only=True):
    """The last acts of a person (empty: of the owner of the key)."""

    person: str = ""


class OwnActs(Message, frozen=True, kw_only=True):
    """Oldest first: what can be taken back, and what was taken back and can be done again."""

    done: tuple[OwnAct, ...]
    undone: tuple[OwnAct, ...] = ()
