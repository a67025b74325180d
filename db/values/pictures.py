"""Pictures: new ones, where they are, which were set aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPicture:
    """A picture that becomes known; its file is in the store where ``stored``."""

    plot_type_id: int
    run_period: str
    run: int
    chunk: int
    picture_hash: str
    picture_time: datetime
    file_name: str
    extension: str
    width: int
    height: int
    size_bytes: int
    stored: bool
    source: str
    collected: str | None = None
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturePlace:
    """Where a picture is."""

    id: int
    picture_hash: str
    extension: str
    stored: bool
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A picture that was set aside."""

    path: str
    reason: str
    at: datetime
    kept_as: str
