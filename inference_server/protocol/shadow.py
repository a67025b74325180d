"""A candidate in the shadow: it judges the live pictures, on record and without alarms."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import msgspec

from inference_server.protocol.base import Message


class SaidBoth(msgspec.Struct, frozen=True, kw_only=True):
    """How often the live model said one thing while the candidate said the other."""

    live: str
    said: str
    count: int


class ShadowDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A live picture of which they say different things; confidences 0..1."""

    picture_id: int
    picture_hash: str
    run_period: str
    run: int
    chunk: int
    live: str
    live_confidence: float
    said: str
    confidence: float
    judged_at: datetime


class GetShadow(Message, frozen=True, kw_only=True):
    """How the candidate of a plot type does beside the live model."""

    plot_type_id: int
    limit: int = 24  # differences


class ShadowStanding(Message, frozen=True, kw_only=True):
    """Counts over the live pictures that both judged; ``model_id`` None: there is no candidate.

    ``calls``: confirmed verdicts of a bad class, under each one's thresholds in force.
    """

    plot_type_id: int
    model_id: int | None = None
    active_id: int | None = None
    since: datetime | None = None  # None: it has judged nothing yet
    judged: int = 0
    same: int = 0
    calls: int = 0
    shadow_calls: int = 0
    labelled: int = 0  # of ``judged``, by a person
    right: int = 0  # of ``labelled``, the live one
    shadow_right: int = 0
    said: tuple[SaidBoth, ...] = ()
    differences: tuple[ShadowDifference, ...] = ()  # the newest first


ShadowRequest: TypeAlias = GetShadow
ShadowReply: TypeAlias = ShadowStanding

__all__ = ["ShadowReply", "ShadowRequest"]
