"""When the disk will be full, in a sentence. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from inference_server.retention_rules import Rules, size_words

FAR = 10 * 365.0  # days; what is farther away interests nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Growing:
    """Bytes: what the store (thumbnails too) and the database grow by a day, what the database has, what is free.

    ``here``: the database is on the disk of the pictures.
    """

    store: float
    base: float
    base_size: int
    free: int
    here: bool
    days: float = 7.0  # over which it was measured


def forecast(growing: Growing, rules: Rules, now: datetime) -> str:
    """What grows how fast, what the rules do about it, and when the disk is full."""
    return " ".join(
        filter(None, (_rates(growing), _held(growing, rules), _full(growing, rules, now)))
    )


def _rates(growing: Growing) -> str:
    base = f"the database ({_size(growing.base_size)}) by {_size(growing.base)}"
    if growing.store < 1.0:
        return f"No pictures were stored in the last {_while(growing.days)}; {base} a day."
    return f"The picture store grows by {_size(growing.store)} a day, {base}."


def _while(days: float) -> str:
    return f"{days:.0f} days" if days >= 2 else f"{24 * days:.0f} hours"


def _held(growing: Growing, rules: Rules) -> str:
    """What the rules take away again."""
    words = []
    if rules.max_age_days > 0:
        most = _size(growing.store * rules.max_age_days)
        words.append(f"older than {rules.max_age_days:g} days go, so that about {most} stay")
    if rules.max_gb > 0:
        words.append(f"go beyond {rules.max_gb:g} GB")
    if not words:
        return ""
    return f"Pictures {' and '.join(words)}; what is labelled or logged stays."


def _full(growing: Growing, rules: Rules, now: datetime) -> str:
    free = f"{_size(growing.free)} are free"
    rate = growing.store + (growing.base if growing.here else 0.0)
    left = growing.free / rate if rate >= 1.0 else FAR + 1
    if left > FAR:
        return f"{free}: enough for ten years."
    ruled = rules.max_age_days > 0 or rules.max_gb > 0
    unless = ", if the rules removed nothing" if ruled else ""
    return (
        f"{free}: at this rate the disk is full on {now + timedelta(days=left):%d %b %Y}{unless}."
    )


def _size(count: float) -> str:
    return size_words(round(count))
