"""Alarms: how each line stands, what happened, when a plot type alarms, who shelved what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import BIG, Base, Id, Name, Words


class AlarmStateRow(Base):
    """How a line stands. Named by plot type and not by its id, which an outage may not know yet."""

    __tablename__ = "alarm_states"
    __table_args__ = (UniqueConstraint("plot_type", "chunked", "line"),)

    id: Mapped[Id]
    plot_type: Mapped[Name]
    chunked: Mapped[bool]
    line: Mapped[str] = mapped_column(String(16))  # verdict, supply
    condition: Mapped[str] = mapped_column(String(24))
    severity: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime | None]
    state: Mapped[dict[str, Any]]  # all of it, for a restart without the state file
    moved_at: Mapped[datetime]


class AlarmEventRow(Base):
    """Something that happened to an alarm. Only ever added to."""

    __tablename__ = "alarm_events"
    __table_args__ = (
        UniqueConstraint("uid"),
        Index(None, "at"),
        Index(None, "plot_type", "at"),
    )

    id: Mapped[Id]
    uid: Mapped[str] = mapped_column(String(64))  # so that an event sent twice counts once
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(24))
    plot_type: Mapped[Name]
    chunked: Mapped[bool]
    line: Mapped[str] = mapped_column(String(16))
    severity: Mapped[str] = mapped_column(String(16))
    condition: Mapped[str] = mapped_column(String(24))
    sentence: Mapped[Words]
    who: Mapped[Name]
    why: Mapped[Words]
    run: Mapped[int]
    chunk: Mapped[int]
    picture_hash: Mapped[str] = mapped_column(String(64))


class AlarmSettingsRow(Base):
    """When a plot type alarms; changes are in the audit trail."""

    __tablename__ = "alarm_settings"

    plot_type_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("plot_types.id"), primary_key=True, autoincrement=False
    )
    on_count: Mapped[int]
    on_of: Mapped[int]
    off_count: Mapped[int]
    off_of: Mapped[int]
    latch: Mapped[bool]
    beam_minimum: Mapped[float | None]
    run_needed: Mapped[bool]
    watch_supply: Mapped[bool]
    chatter_raises: Mapped[int]
    chatter_s: Mapped[float]
    who: Mapped[Name]
    at: Mapped[datetime]


class AlarmShelfRow(Base):
    """A shelf: who put what on it, why, and until when."""

    __tablename__ = "alarm_shelves"
    __table_args__ = (UniqueConstraint("uid"), Index(None, "until"))

    id: Mapped[Id]
    uid: Mapped[str] = mapped_column(String(64))  # the event that began it
    plot_type: Mapped[Name]
    chunked: Mapped[bool]
    line: Mapped[str] = mapped_column(String(16))
    who: Mapped[Name]
    why: Mapped[Words]
    since: Mapped[datetime]
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[Name]  # empty: it ended by itself
