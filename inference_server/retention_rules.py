"""Which pictures may go: the rules in force, and what they would remove. Nothing is removed here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db import dropping, pictures, settings
from inference_server.config import Store

KEY = "retention"
STAYS = "What is labelled, pinned, commented on, logged (Bad, Unconfirmed) or shown by an alarm stays in any case."


@dataclass(frozen=True, slots=True)
class Rules:
    """Zero: no such rule."""

    max_age_days: float
    max_gb: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What the rules would remove: pictures and their bytes; ``more``: at least so many were counted.

    ``stored``: bytes in the store now; None where nobody asked.
    """

    rules: Rules
    pictures: int
    size: int
    more: bool = False
    stored: int | None = None

    @property
    def sentence(self) -> str:
        """For people."""
        now = "" if self.stored is None else f" {size_words(self.stored)} are stored now."
        if self.rules == Rules(0.0, 0.0):
            return f"No rule removes pictures.{now}"
        if not self.pictures:
            return f"Nothing would go.{now} {STAYS}"
        least = "More than" if self.more else "About"
        what = "picture" if self.pictures == 1 else "pictures"
        return f"{least} {self.pictures} {what} ({size_words(self.size)}) would go.{self._over}{now} {STAYS}"

    @property
    def _over(self) -> str:
        """That the limit is not reached, since no more may go."""
        if self.stored is None or self.more or self.rules.max_gb == 0:
            return ""
        over = self.stored - self.size - int(self.rules.max_gb * 1e9)
        return (
            f" That leaves {size_words(over)} more than the limit: no more may go."
            if over > 0
            else ""
        )


def in_force(session: Session, store: Store) -> Rules:
    """What people set from the desktop, else what the server's settings file says."""
    chosen = settings.read(session, KEY)
    return Rules(
        float(chosen.get("max_age_days", store.max_age_days)),
        float(chosen.get("max_gb", store.max_gb)),
    )


def plan(session: Session, rules: Rules, now: datetime, *, most: int | None = None) -> Plan:
    """What would go now, counted up to ``most`` pictures; None: all, and what is stored.

    Slow where the store holds millions: each may be needed by somebody.
    """
    stored = pictures.stored_bytes(session) if rules.max_gb > 0 or most is None else None
    gone = dropping.Droppable(0, 0, more=False)
    if rules.max_age_days > 0:
        before = now - timedelta(days=rules.max_age_days)
        gone = dropping.droppable(session, before=before, most=most)
    excess = (stored or 0) - gone.size - int(rules.max_gb * 1e9) if rules.max_gb > 0 else 0
    if excess > 0 and not gone.more:
        every = dropping.droppable(session, most=most)
        size = min(every.size, gone.size + excess)
        share = size / every.size if every.size else 0.0
        count = max(gone.count, round(every.count * share))
        gone = dropping.Droppable(count, size, more=every.more and share == 1.0)
    return Plan(rules, gone.count, gone.size, gone.more, stored)


def size_words(count: int) -> str:
    """Bytes for people: three figures and a unit."""
    for unit, one in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= one:
            return f"{count / one:.3g} {unit}"
    return f"{count} bytes"
