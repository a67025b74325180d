"""People, their roles, the trail of what they changed, and pictures that are tried again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from inference_server.protocol.base import Message
from inference_server.protocol.people import Role


class Right(msgspec.Struct, frozen=True, kw_only=True):
    """A role everywhere (None) or for one plot type."""

    role: Role
    plot_type_id: int | None = None


class UserInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A person or a station; ``name`` is that of the key."""

    name: str
    full_name: str = ""
    email: str = ""
    wants_report: bool = False
    rights: tuple[Right, ...] = ()


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who changed what, when, from what to what."""

    id: int
    at: datetime
    who: str
    what: str
    subject: str
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}


class GetUsers(Message, frozen=True, kw_only=True):
    """All users with their rights."""


class Users(Message, frozen=True, kw_only=True):
    """By name."""

    users: tuple[UserInfo, ...]


class PutUser(Message, frozen=True, kw_only=True):
    """Make a user, or change what is known of one."""

    name: str
    full_name: str = ""
    email: str = ""
    wants_report: bool = False


class SetRight(Message, frozen=True, kw_only=True):
    """Give a role to a user or take it away."""

    name: str
    role: Role
    plot_type_id: int | None = None
    given: bool = True


class GetAudit(Message, frozen=True, kw_only=True):
    """The newest entries, or those before ``before_id``; ``subject``: of one plot type, user or model."""

    before_id: int | None = None
    subject: str = ""
    limit: int = 100  # at most 500
    who: str = ""
    what: str = ""  # "threshold", "user", "setting", ...
    since: datetime | None = None
    until: datetime | None = None


class Audit(Message, frozen=True, kw_only=True):
    """Newest first; ``more``: whether older ones follow; ``whats``: all kinds of changes there are."""

    entries: tuple[AuditEntry, ...]
    more: bool = False
    whats: tuple[str, ...] = ()


class TryAgain(Message, frozen=True, kw_only=True):
    """Put a picture that was set aside back into its inbox."""

    kept_as: str


class TriedAgain(Message, frozen=True, kw_only=True):
    """A picture is set aside no more; ``total``: how many still are."""

    kept_as: str
    total: int = 0
