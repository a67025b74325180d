"""What a site decides for all: settings that are changed from the desktop, and what the retention would remove."""

from __future__ import annotations

from datetime import datetime

import msgspec

from inference_server.protocol.base import Message

Value = bool | float | str


class SettingChoice(msgspec.Struct, frozen=True, kw_only=True):
    """One of the values that a setting can have."""

    value: str
    words: str


class SiteSetting(msgspec.Struct, frozen=True, kw_only=True):
    """A setting as it is. By its value it is a switch (bool), a number, or one of ``choices``."""

    key: str  # "retention.max_gb"
    name: str
    sentence: str  # what it does
    value: Value
    default: Value
    choices: tuple[SettingChoice, ...] = ()
    unit: str = ""
    least: float = 0.0
    most: float = 0.0
    who: str = ""  # changed it last; empty: nobody ever did
    at: datetime | None = None


class GetSiteSettings(Message, frozen=True, kw_only=True):
    """All settings of the site."""


class SiteSettings(Message, frozen=True, kw_only=True):
    """In the order in which they are shown."""

    settings: tuple[SiteSetting, ...]


class SetSiteSetting(Message, frozen=True, kw_only=True):
    """Change one. ``expected``: what the person saw; if it is another by now, nothing is changed.

    ``dry_run``: say what it would do, and change nothing.
    """

    key: str
    value: Value
    expected: Value | None = None
    dry_run: bool = False


class GetRetention(Message, frozen=True, kw_only=True):
    """What the rules in force would remove now; None: ask it of other rules."""

    max_age_days: float | None = None
    max_gb: float | None = None


class RetentionPlan(Message, frozen=True, kw_only=True):
    """``sentence`` says it to people: how much goes, and what stays whatever the rules say."""

    pictures: int
    bytes: int
    sentence: str
    max_age_days: float = 0.0
    max_gb: float = 0.0
