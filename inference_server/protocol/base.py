"""What every module of messages starts from."""

from __future__ import annotations

from enum import StrEnum

import msgspec

PROTOCOL_VERSION = 1


class Severity(StrEnum):
    """What a class means for the shift."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    NEUTRAL = "neutral"


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Base of all messages; the class name is the tag on the wire."""
