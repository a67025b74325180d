"""Plot types, their classes, and the pictures of plots."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import BIG, Base, Id, Name, Words


class GroupRow(Base):
    """A detector or another family of plot types; groups nest (the original's SuperGroups)."""

    __tablename__ = "plot_groups"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[Id]
    name: Mapped[Name]
    parent_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("plot_groups.id"))
    position: Mapped[int] = mapped_column(default=0)


class ClassRow(Base):
    """The vocabulary of the site."""

    __tablename__ = "classes"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("severity IN ('good', 'warning', 'bad', 'neutral')", name="severity_known"),
    )

    id: Mapped[Id]
    name: Mapped[Name]
    severity: Mapped[str] = mapped_column(String(16))
    colour: Mapped[str] = mapped_column(String(16), default="")
    description: Mapped[Words]
    teaches: Mapped[bool] = mapped_column(default=True)  # False: Ignore, never used in training


class PlotTypeRow(Base):
    """One kind of plot. Chunked and whole-run plots of one name are two kinds, as in the original."""

    __tablename__ = "plot_types"
    __table_args__ = (
        UniqueConstraint("name", "chunked"),
        CheckConstraint(
            "collect_fraction >= 0 AND collect_fraction <= 1", name="collect_fraction_is_a_fraction"
        ),
    )

    id: Mapped[Id]
    name: Mapped[Name]
    chunked: Mapped[bool]
    group_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("plot_groups.id"))
    file_type: Mapped[str] = mapped_column(String(10), default="png")
    description: Mapped[Words]
    guidance: Mapped[Words]  # what the shift shall do when it is Bad
    contact: Mapped[str] = mapped_column(String(500), default="")
    collect_fraction: Mapped[float] = mapped_column(default=0.02)
    ignored: Mapped[bool] = mapped_column(default=False)
    stale_after_s: Mapped[float] = mapped_column(default=180.0)
    # No foreign key: models refer to plot types already, and a circle cannot be created or dropped
    # on every database alike. ``db.models.activate`` checks it.
    active_model_id: Mapped[int | None] = mapped_column(BIG)
    created_at: Mapped[datetime]


class PlotTypeClassRow(Base):
    """Which classes a plot type can have: the labeler's palette and a model's outputs."""

    __tablename__ = "plot_type_classes"
    __table_args__ = (UniqueConstraint("plot_type_id", "class_id"),)

    id: Mapped[Id]
    plot_type_id: Mapped[int] = mapped_column(BIG, ForeignKey("plot_types.id"))
    class_id: Mapped[int] = mapped_column(BIG, ForeignKey("classes.id"))
    position: Mapped[int] = mapped_column(default=0)
    shortcut: Mapped[str] = mapped_column(String(16), default="")
    description: Mapped[Words]


class RunPeriodRow(Base):
    """A stretch of data taking."""

    __tablename__ = "run_periods"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[Id]
    name: Mapped[Name]


class RunRow(Base):
    """A run, as first and last seen through its pictures."""

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("run_period_id", "number"),
        Index(None, "number"),
        Index(None, "first_seen"),
    )

    id: Mapped[Id]
    run_period_id: Mapped[int] = mapped_column(BIG, ForeignKey("run_periods.id"))
    number: Mapped[int]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    last_chunk: Mapped[int] = mapped_column(default=0)  # the greatest so far; 0: none has a number


class RunConditionRow(Base):
    """A measured condition (beam current, ...) over time."""

    __tablename__ = "run_conditions"
    __table_args__ = (Index(None, "name", "at"),)

    id: Mapped[Id]
    name: Mapped[Name]
    at: Mapped[datetime]
    value: Mapped[float]
    unit: Mapped[str] = mapped_column(String(32), default="")


class PictureRow(Base):
    """A picture of a plot: one row for each (plot type, run period, run, chunk, content)."""

    __tablename__ = "pictures"
    __table_args__ = (
        UniqueConstraint(
            "plot_type_id", "run_period_id", "run", "chunk", "picture_hash", name="one_picture"
        ),
        Index(None, "picture_hash"),
        Index(
            "ix_pictures_queue", "plot_type_id", "stored", "run", "chunk"
        ),  # newest to be labelled
        Index("ix_pictures_by_age", "stored", "received_at"),
        CheckConstraint("pin IS NULL OR pin IN ('training', 'validation')", name="pin_known"),
    )

    id: Mapped[Id]
    plot_type_id: Mapped[int] = mapped_column(BIG, ForeignKey("plot_types.id"))
    run_period_id: Mapped[int] = mapped_column(BIG, ForeignKey("run_periods.id"))
    run: Mapped[int]
    chunk: Mapped[int]
    picture_hash: Mapped[str] = mapped_column(String(64))  # sha256 of the file, hex
    file_name: Mapped[str] = mapped_column(String(255))
    extension: Mapped[str] = mapped_column(String(8))
    width: Mapped[int]
    height: Mapped[int]
    size_bytes: Mapped[int]
    stored: Mapped[bool]  # whether the picture store holds the file
    source: Mapped[str] = mapped_column(String(32))
    collected: Mapped[str | None] = mapped_column(String(16))  # bad, unconfirmed, unbiased, import
    picture_time: Mapped[datetime]
    received_at: Mapped[datetime]
    training_weight: Mapped[int] = mapped_column(default=1)
    pin: Mapped[str | None] = mapped_column(String(16))


class FeatureRow(Base):
    """What a backbone makes of a picture: float16, little endian. Retraining touches no pixel."""

    __tablename__ = "features"

    picture_id: Mapped[int] = mapped_column(BIG, ForeignKey("pictures.id"), primary_key=True)
    backbone: Mapped[str] = mapped_column(String(96), primary_key=True)
    vector: Mapped[bytes]
