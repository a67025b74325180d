"""Thresholds of a model: those it had, and what another one would have done."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import msgspec

from inference_server.protocol.base import Message
from inference_server.protocol.matrix import Source


class ThresholdEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A threshold as it was set."""

    class_name: str
    threshold: float
    method: str  # max_f1, person, ...
    who: str
    reason: str
    at: datetime


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a set of thresholds makes of the same pictures."""

    threshold: float
    confirmed: int  # verdicts of this class that count
    unconfirmed: int  # verdicts of this class that a person has to look at
    wrong: int  # confirmed verdicts of this class that are wrong
    missed: int  # pictures of this class without a confirmed verdict of it
    left: int  # verdicts of all classes that a person has to look at
    precision: float | None
    recall: float | None
    accuracy: float | None  # of all confirmed verdicts
    calls_per_shift: float | None  # None: not known, or the class does not call


class GetThresholds(Message, frozen=True, kw_only=True):
    """Every threshold that a model ever had, newest first."""

    model_id: int


class TryThreshold(Message, frozen=True, kw_only=True):
    """What would have happened with another threshold; calls are counted over the last ``runs``."""

    model_id: int
    class_name: str
    threshold: float
    source: Source = Source.VALIDATION
    runs: int = 10


class ThresholdHistory(Message, frozen=True, kw_only=True):
    """Newest first."""

    model_id: int
    entries: tuple[ThresholdEntry, ...]


class WhatIf(Message, frozen=True, kw_only=True):
    """The same pictures with the threshold in force and with the one that is tried."""

    model_id: int
    class_name: str
    now: Outcome
    then: Outcome
    total: int
    runs: int = 0  # that the calls were counted over
    hours: float = 0.0


ThresholdsRequest: TypeAlias = GetThresholds | TryThreshold
ThresholdsReply: TypeAlias = ThresholdHistory | WhatIf

__all__ = ["ThresholdsReply", "ThresholdsRequest"]
