"""What past verdicts come to, so that a question about two years reads hundreds of rows, not millions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import BIG, Base, Id, Name, Words


class SummedUp:
    """Some verdicts of one plot type; kept in the transaction that stores the verdicts themselves."""

    first_run: Mapped[int]
    last_run: Mapped[int]
    pictures: Mapped[int]
    noteworthy: Mapped[int]
    # of every class: how many verdicts had it, and the least, greatest and sum of its confidences
    classes: Mapped[dict[str, Any]]
    labels: Mapped[dict[str, Any]]  # how often each class was the verdict
    thresholds: Mapped[dict[str, float]]  # the last ones in force
    model_id: Mapped[int | None] = mapped_column(BIG)


class HistoryRow(SummedUp, Base):
    """The verdicts of one plot type in one hour or one day (UTC)."""

    __tablename__ = "history"
    __table_args__ = (
        UniqueConstraint("plot_type_id", "span", "start"),
        Index("ix_history_calendar", "span", "start", "pictures", "noteworthy"),
    )

    id: Mapped[Id]
    plot_type_id: Mapped[int] = mapped_column(BIG, ForeignKey("plot_types.id"))
    span: Mapped[str] = mapped_column(String(8))  # hour, day
    start: Mapped[datetime]


class RunHistoryRow(SummedUp, Base):
    """The verdicts of one plot type in one run."""

    __tablename__ = "run_history"
    __table_args__ = (UniqueConstraint("plot_type_id", "run_id"),)

    id: Mapped[Id]
    plot_type_id: Mapped[int] = mapped_column(BIG, ForeignKey("plot_types.id"))
    run_id: Mapped[int] = mapped_column(BIG, ForeignKey("runs.id"))


class EpisodeCommentRow(Base):
    """What a person says of a streak. Only ever added to."""

    __tablename__ = "episode_comments"
    __table_args__ = (Index(None, "episode_id"),)

    id: Mapped[Id]
    episode_id: Mapped[int] = mapped_column(BIG, ForeignKey("episodes.id"))
    who: Mapped[Name]
    text: Mapped[Words]
    at: Mapped[datetime]
