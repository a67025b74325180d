"""The running of Hydra itself: components, quarantine, site settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Name, Words


class ComponentRow(Base):
    """How a role last was (the original's four status tables in one)."""

    __tablename__ = "components"
    __table_args__ = (UniqueConstraint("name", "host"),)

    id: Mapped[Id]
    role: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(64))
    host: Mapped[str] = mapped_column(String(120))
    pid: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    sentence: Mapped[Words]
    done: Mapped[int]
    ms_per_item: Mapped[float]
    started_at: Mapped[datetime]
    last_seen: Mapped[datetime]


class QuarantineRow(Base):
    """A picture that could not be judged."""

    __tablename__ = "quarantine"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[Id]
    path: Mapped[Words]
    reason: Mapped[Words]
    at: Mapped[datetime]
    kept_as: Mapped[Words]


class SettingRow(Base):
    """A setting of the site that is changed from the desktop."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[dict[str, Any]]
    who: Mapped[Name]
    at: Mapped[datetime]
