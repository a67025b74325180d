"""Masks: known problem areas that judging leaves out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import BIG, Base, Id, Name, Words


class MaskRow(Base):
    """A mask of one plot type. Only its end is written later; whoever wants another area sets another."""

    __tablename__ = "masks"
    __table_args__ = (Index(None, "plot_type_id", "id"), Index(None, "ended_at", "until"))

    id: Mapped[Id]
    plot_type_id: Mapped[int] = mapped_column(BIG, ForeignKey("plot_types.id"))
    areas: Mapped[list[list[float]]] = mapped_column(JSON)  # left, top, right, bottom in 0..1
    reason: Mapped[Words]
    contact: Mapped[str] = mapped_column(String(500), default="")  # whom to ask, or a log entry
    who: Mapped[Name]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    run_period: Mapped[Name] = mapped_column(default="")  # in force for its pictures only; "": any
    reference_hash: Mapped[str] = mapped_column(String(64), default="")  # picture that fills it
    reference_extension: Mapped[str] = mapped_column(String(8), default="")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[Name] = mapped_column(default="")
