"""Pictures that could not be judged."""

from __future__ import annotations

from datetime import datetime

import msgspec

from inference_server.protocol.base import Message


class QuarantineItem(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that could not be judged, and why."""

    path: str
    reason: str
    at: datetime
    kept_as: str = ""


class Quarantined(Message, frozen=True, kw_only=True):
    """A picture was set aside."""

    item: QuarantineItem
    total: int


class GetQuarantine(Message, frozen=True, kw_only=True):
    """The pictures that were set aside, newest first."""

    limit: int = 200


class Quarantine(Message, frozen=True, kw_only=True):
    """The pictures set aside."""

    items: tuple[QuarantineItem, ...]
    total: int
