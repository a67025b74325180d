"""What people say: votes, labels, news."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVote:
    """A vote on a picture."""

    id: int
    who: str
    class_name: str | None
    kind: str
    comment: str
    verdict_visible: bool
    seconds: float | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedLabel:
    """A current label, as a table row."""

    plot_type: str
    chunked: bool
    run_period: str
    run: int
    chunk: int
    file_name: str
    picture_hash: str
    extension: str
    class_name: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """The line of the news banner."""

    id: int
    text: str
    who: str
    at: datetime
    until: datetime | None
