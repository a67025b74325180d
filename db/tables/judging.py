"""What models say of pictures: live inferences, streaks, heat maps, later evaluations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import BIG, Base, Id


class InferenceRow(Base):
    """The live verdict on a picture, with everything that was in force (the original's RunHistory)."""

    __tablename__ = "inferences"
    __table_args__ = (
        UniqueConstraint("picture_id"),
        Index(None, "plot_type_id", "judged_at"),
        Index(None, "plot_type_id", "run", "chunk"),
        Index("ix_inferences_log", "noteworthy", "judged_at"),
        Index(
            "ix_inferences_wanted",
            "plot_type_id",
            "noteworthy",
            "run",
            "chunk",
            "picture_id",
            "confirmed",
            "severity",
        ),
        Index("ix_inferences_uncertain", "plot_type_id", "margin", "picture_id"),
        Index("ix_inferences_unbiased", "plot_type_id", "unbiased", "run", "chunk", "picture_id"),
        Index(None, "judged_at"),
    )

    id: Mapped[Id]
    picture_id: Mapped[int] = mapped_column(BIG, ForeignKey("pictures.id"))
    plot_type_id: Mapped[int] = mapped_column(BIG, ForeignKey("plot_types.id"))
    run: Mapped[int]
    chunk: Mapped[int]
    model_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("models.id"))
    label: Mapped[str] = mapped_column(String(190))  # "NoModel" without a model
    severity: Mapped[str] = mapped_column(String(16))
    confidence: Mapped[float]
    confirmed: Mapped[bool]
    noteworthy: Mapped[bool]  # Bad or Unconfirmed, by a model: what the log shows
    unbiased: Mapped[bool]
    scores: Mapped[dict[str, float]]  # every class's confidence
    thresholds: Mapped[dict[str, float]]  # then in force
    margin: Mapped[float] = mapped_column(default=1.0)  # between the two best classes; 1 = sure
    anomaly: Mapped[float | None]
    run_conditions: Mapped[dict[str, float]]
    judged_at: Mapped[datetime]
    decode_ms: Mapped[float]
    forward_ms: Mapped[float]
    latency_ms: Mapped[float]
    host: Mapped[str] = mapped_column(String(190))
    # Areas that a mask left out (mask id, left, top, right, bottom); NULL: the picture as it is.
    masked: Mapped[list[list[float]] | None] = mapped_column(JSON(none_as_null=True))
    # Every class's confidence by a newer model, while it waits for a label; ``margin`` is of this then. The
    # model has no foreign key: its index would cost every live verdict.
    rescored: Mapped[dict[str, float] | None] = mapped_column(JSON(none_as_null=True))
    rescored_by: Mapped[int | None] = mapped_column(BIG)


class EpisodeRow(Base):
    """A streak of one noteworthy verdict of a plot type (MonitoringLog with IsTransition)."""

    __tablename__ = "episodes"
    __table_args__ = (
        Index(None, "plot_type_id", "last_at"),
        Index(None, "label", "last_at"),
        Index(None, "run"),
        Index(None, "last_at"),
        Index(None, "first_at"),
    )

    id: Mapped[Id]
    plot_type_id: Mapped[int] = mapped_column(BIG, ForeignKey("plot_types.id"))
    label: Mapped[str] = mapped_column(String(190))
    severity: Mapped[str] = mapped_column(String(16))
    confirmed: Mapped[bool]
    run: Mapped[int]
    first_inference_id: Mapped[int] = mapped_column(BIG, ForeignKey("inferences.id"))
    last_inference_id: Mapped[int] = mapped_column(BIG, ForeignKey("inferences.id"))
    first_chunk: Mapped[int]
    last_chunk: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    length: Mapped[int]
    open: Mapped[bool]  # whether the next verdict of the plot type may prolong it


class HeatmapRow(Base):
    """Where a model looked (GradCAM): the file is in the store under its own hash."""

    __tablename__ = "heatmaps"
    __table_args__ = (UniqueConstraint("picture_id", "model_id", "label"),)

    id: Mapped[Id]
    picture_id: Mapped[int] = mapped_column(BIG, ForeignKey("pictures.id"))
    model_id: Mapped[int] = mapped_column(BIG, ForeignKey("models.id"))
    label: Mapped[str] = mapped_column(String(190))
    file_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]


class EvaluationRow(Base):
    """What a model says of a stored picture, not live: test, shadow, replay (AI_Plots)."""

    __tablename__ = "evaluations"
    __table_args__ = (
        UniqueConstraint("model_id", "picture_id", "purpose"),
        Index(None, "picture_id"),
        Index(
            "ix_evaluations_cell",
            "model_id",
            "purpose",
            "expert",
            "label",
            "confidence",
            "picture_id",
        ),
    )

    id: Mapped[Id]
    model_id: Mapped[int] = mapped_column(BIG, ForeignKey("models.id"))
    picture_id: Mapped[int] = mapped_column(BIG, ForeignKey("pictures.id"))
    purpose: Mapped[str] = mapped_column(String(16))  # validation, training, shadow, replay, rerun
    label: Mapped[str] = mapped_column(String(190))
    confidence: Mapped[float]
    scores: Mapped[dict[str, float]]
    at: Mapped[datetime]
    expert: Mapped[str | None] = mapped_column(String(190))  # the label it is counted under


class TallyRow(Base):
    """How many evaluations of a model there are by label, class and confidence (``db.tallies``)."""

    __tablename__ = "tallies"

    model_id: Mapped[int] = mapped_column(BIG, ForeignKey("models.id"), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(16), primary_key=True)
    expert: Mapped[str] = mapped_column(String(190), primary_key=True)
    said: Mapped[str] = mapped_column(String(190), primary_key=True)
    bar: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]
