"""People: users, roles, rights, their votes, and what they changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import BIG, Base, Id, Name, Words


class UserRow(Base):
    """A person or a station."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[Id]
    name: Mapped[Name]
    full_name: Mapped[str] = mapped_column(String(255), default="")
    email: Mapped[str] = mapped_column(String(255), default="")
    wants_report: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class RightRow(Base):
    """A role of a user, for one plot type or for all (None)."""

    __tablename__ = "rights"
    __table_args__ = (UniqueConstraint("user_id", "role", "plot_type_id"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"))
    role: Mapped[str] = mapped_column(
        String(32)
    )  # viewer, shifter, labeller, expert, maintainer, admin
    plot_type_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("plot_types.id"))


class LabelRow(Base):
    """A vote. Never changed, never removed; taking one back is a vote without a class."""

    __tablename__ = "labels"
    __table_args__ = (
        UniqueConstraint("client_id"),
        Index(None, "picture_id", "id"),
        Index(None, "who", "at"),
        Index(None, "kind", "picture_id"),
    )

    id: Mapped[Id]
    client_id: Mapped[Name]  # made by the client, so that a vote sent twice counts once
    picture_id: Mapped[int] = mapped_column(BIG, ForeignKey("pictures.id"))
    who: Mapped[Name]
    class_name: Mapped[str | None] = mapped_column(String(190))
    kind: Mapped[str] = mapped_column(String(16))  # label, unsure, skip, flag, taken_back
    comment: Mapped[Words]
    verdict_visible: Mapped[bool]
    seconds: Mapped[float | None]  # from shown to decided
    at: Mapped[datetime]
    # Of the labeler only: votes of one act, and the client_id of the own vote that this one takes back.
    act: Mapped[str | None] = mapped_column(String(40))
    undoes: Mapped[str | None] = mapped_column(String(190))


class CurrentLabelRow(Base):
    """The label of a picture by the rule in force; kept in the same transaction as the votes."""

    __tablename__ = "current_labels"
    __table_args__ = (
        Index(None, "class_name"),
        Index(None, "disputed", "picture_id"),
        Index("ix_current_labels_suspect", "plot_type_id", "suspicion", "picture_id"),
    )

    picture_id: Mapped[int] = mapped_column(BIG, ForeignKey("pictures.id"), primary_key=True)
    label_id: Mapped[int] = mapped_column(BIG, ForeignKey("labels.id"))
    # None: people said different things and the rule gives none of them the last word.
    class_name: Mapped[str | None] = mapped_column(String(190))
    who: Mapped[Name]
    at: Mapped[datetime]
    disputed: Mapped[bool] = mapped_column(default=False)
    plot_type_id: Mapped[int] = mapped_column(BIG)  # of the picture, which never changes
    # What a model that had not learned from the picture says instead, and how sure it is; see db.suspicions.
    suspected: Mapped[str | None] = mapped_column(String(190))
    suspicion: Mapped[float | None]


class AuditRow(Base):
    """Who changed what, when, from what to what. Only ever added to."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "at"), Index(None, "subject", "at"))

    id: Mapped[Id]
    at: Mapped[datetime]
    who: Mapped[Name]
    what: Mapped[str] = mapped_column(String(64))
    subject: Mapped[Name]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]


class NewsRow(Base):
    """The banner on every page."""

    __tablename__ = "news"

    id: Mapped[Id]
    at: Mapped[datetime]
    who: Mapped[Name]
    text: Mapped[Words]
    until: Mapped[datetime | None]
