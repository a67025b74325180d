"""Which model judges a plot type, and from which confidence on it is sure."""

from __future__ import annotations

from typing import TypeAlias

from inference_server.protocol.base import Message


class ActivateModel(Message, frozen=True, kw_only=True):
    """Make a model the live one of its plot type (None: no model)."""

    plot_type_id: int
    model_id: int | None
    reason: str
    person: str = ""  # at a shared station; empty: the owner of the key


class SetThreshold(Message, frozen=True, kw_only=True):
    """Move one class's threshold of a model."""

    model_id: int
    class_name: str
    threshold: float
    reason: str
    expected: float | None = None  # the one in force as the person saw it; None: do not check
    person: str = ""  # at a shared station; empty: the owner of the key


LiveModelRequest: TypeAlias = ActivateModel | SetThreshold
