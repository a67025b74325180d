"""The news banner: one line that every desktop shows, written by those permitted."""

from __future__ import annotations

from datetime import datetime

import msgspec

from inference_server.protocol.base import Message


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """The line in force. An empty text takes the banner away."""

    id: int
    text: str
    who: str
    at: datetime
    until: datetime | None = None  # None: until the next one


class SetNotice(Message, frozen=True, kw_only=True):
    """Write the line; an empty text takes it away."""

    text: str
    until: datetime | None = None
    person: str = ""  # at a shared station: who it was


class GetNotice(Message, frozen=True, kw_only=True):
    """The line in force."""


class NoticeIs(Message, frozen=True, kw_only=True):
    """The answer to GetNotice; None: there is none."""

    notice: Notice | None = None


class NoticePosted(Message, frozen=True, kw_only=True):
    """News: the line changed."""

    notice: Notice | None = None
