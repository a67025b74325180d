"""A past run told again: its verdicts in order, as they were or by other models, and what would have called.

Nothing of this is stored as a verdict or an alarm.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from inference_server.protocol.alarms import AlarmSeverity
from inference_server.protocol.base import Message
from inference_server.protocol.verdicts import Verdict


class GetReplay(Message, frozen=True, kw_only=True):
    """Verdicts of a run that come after the one judged at ``after_at`` that has ``after_id``.

    ``models``: plot type id to the model that judges its pictures anew. Where pictures still have
    to be looked at (``Replay.waiting``), ask for the same page again.
    """

    run: int
    run_period: str
    models: dict[int, int] = {}
    after_at: datetime | None = None
    after_id: int | None = None
    limit: int = 500  # at most 1000


class Anew(msgspec.Struct, frozen=True, kw_only=True):
    """What another model says of the picture of one verdict."""

    inference_id: int
    verdict: Verdict


class Replay(Message, frozen=True, kw_only=True):
    """In the order of judging. ``total``: verdicts of the run, on its first page; ``more``: some follow."""

    verdicts: tuple[Verdict, ...]  # as they were given then
    anew: tuple[Anew, ...] = ()
    labels: dict[int, str] = {}  # what people said, by inference id
    total: int = 0
    waiting: int = 0  # pictures that another model is looking at now
    left_out: int = 0  # pictures that no model can look at again: they were not kept
    more: bool = False
    note: str = ""  # why a model does not judge


class GetReplayCalls(Message, frozen=True, kw_only=True):
    """What would have called in a run, by the alarm rules in force now.

    With ``until_at`` and ``until_id``: from its beginning to that verdict, which counts too.
    """

    run: int
    run_period: str
    models: dict[int, int] = {}
    until_at: datetime | None = None
    until_id: int | None = None


class ReplayCall(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm as it would have come; it is no alarm, and nobody is called."""

    at: datetime
    plot_type_id: int
    plot_type: str
    severity: AlarmSeverity
    sentence: str  # "is Bad, 97 % sure"
    chunk: int = 0


class ReplayCalls(Message, frozen=True, kw_only=True):
    """In order of time."""

    calls: tuple[ReplayCall, ...]
