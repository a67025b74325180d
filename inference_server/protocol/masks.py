"""Masks: known problem areas of a plot type that judging leaves out."""

from __future__ import annotations

from datetime import datetime

import msgspec

from inference_server.protocol.base import Message


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """A rectangle of a picture, in fractions of its width and height (0..1)."""

    left: float
    top: float
    right: float
    bottom: float
    mask_id: int = 0  # 0: of no mask yet


class Mask(msgspec.Struct, frozen=True, kw_only=True):
    """One mask. It ends by a person, at a time, or with the run period that it was set in."""

    id: int
    plot_type_id: int
    plot_type: str
    areas: tuple[Area, ...]
    reason: str
    who: str
    since: datetime
    contact: str = ""  # whom to ask, or an entry of the log book
    until: datetime | None = None
    run_period: str = ""  # in force for its pictures only; "": for all
    ended_at: datetime | None = None
    ended_by: str = ""
    filled: bool = False  # with a Good picture; else with the background

    def in_force(self, at: datetime, run_period: str) -> bool:
        """Whether it holds at the time ``at`` for pictures of ``run_period``."""
        on_time = self.until is None or self.until > at
        return self.ended_at is None and on_time and self.run_period in ("", run_period)


class GetMasks(Message, frozen=True, kw_only=True):
    """All masks, ended ones too, newest first."""

    limit: int = 500


class Masks(Message, frozen=True, kw_only=True):
    """``periods``: the run period of the newest picture, by plot type id: a mask may end with it."""

    masks: tuple[Mask, ...]
    periods: dict[int, str] = {}


class SetMask(Message, frozen=True, kw_only=True):
    """Leave areas of all further pictures of a plot type out; it counts from the next picture on."""

    plot_type_id: int
    areas: tuple[Area, ...]
    reason: str
    contact: str = ""
    until: datetime | None = None  # None: until somebody ends it
    this_period: bool = False  # until the run period of the newest picture is over
    person: str = ""  # at a shared station: who it was


class EndMask(Message, frozen=True, kw_only=True):
    """Judge whole pictures again, from the next one on."""

    mask_id: int
    person: str = ""


MaskRequest = GetMasks | SetMask | EndMask
