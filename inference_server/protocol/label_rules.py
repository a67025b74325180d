"""Which of several votes is the label, and whether it is shown who labelled most: for the whole site."""

from __future__ import annotations

from enum import StrEnum

from inference_server.protocol.base import Message


class LabelRule(StrEnum):
    """What counts when people say different things."""

    LATEST = "latest"  # the newest vote
    CONSENSUS = "consensus"  # what more people say than anything else; a tie leaves no label
    ADJUDICATION = "adjudication"  # an expert's word; without one, what all agree on


class GetLabelRules(Message, frozen=True, kw_only=True):
    """The rules in force."""


class SetLabelRules(Message, frozen=True, kw_only=True):
    """Change them; None leaves one as it is. Another rule decides anew on every picture with several votes."""

    rule: LabelRule | None = None
    leader_board: bool | None = None


class LabelRules(Message, frozen=True, kw_only=True):
    """The rules in force."""

    rule: LabelRule
    leader_board: bool
