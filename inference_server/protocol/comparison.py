"""Two models on the same labelled pictures."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from inference_server.protocol.base import Message
from inference_server.protocol.matrix import JudgedPicture, Source


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A labelled picture of which two models say different things."""

    picture: JudgedPicture  # with what the first model says
    other_said: str
    other_confidence: float


class ClassChange(msgspec.Struct, frozen=True, kw_only=True):
    """One class under two models."""

    name: str
    count: int
    recall: float
    other_recall: float
    precision: float
    other_precision: float


class CompareModels(Message, frozen=True, kw_only=True):
    """Two models on the labelled pictures that both judged and neither was trained on, if any."""

    model_id: int
    other_id: int
    source: Source = Source.LABELLED
    offset: int = 0
    limit: int = 24


class Comparison(Message, frozen=True, kw_only=True):
    """Two models on the same pictures; ``p_value``: McNemar's test (exact binomial)."""

    model_id: int
    other_id: int
    total: int
    both_right: int
    only_first: int
    only_other: int
    both_wrong: int
    p_value: float
    changes: tuple[ClassChange, ...]
    differences: tuple[Difference, ...]
    differing: int
    unseen: bool  # whether neither was trained on any of these pictures
    newest: int = 0  # of more than so many pictures only the newest were compared; 0: all


ComparisonRequest: TypeAlias = CompareModels
ComparisonReply: TypeAlias = Comparison

__all__ = ["ComparisonReply", "ComparisonRequest"]
