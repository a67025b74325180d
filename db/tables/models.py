"""Models, their thresholds, sign-offs and activations; trainings and their reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import BIG, Base, Id, Name, Words


class ModelRow(Base):
    """A trained model: where its files are and how it came about."""

    __tablename__ = "models"
    __table_args__ = (Index(None, "plot_type_id", "created_at"),)

    id: Mapped[Id]
    plot_type_id: Mapped[int] = mapped_column(BIG, ForeignKey("plot_types.id"))
    name: Mapped[Name]
    folder: Mapped[str] = mapped_column(String(255))  # below the models directory
    kind: Mapped[str] = mapped_column(String(16))  # head, network
    created_at: Mapped[datetime]
    who: Mapped[Name]
    why: Mapped[Words]
    parent_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("models.id"))
    backbone: Mapped[str] = mapped_column(String(96))
    labels: Mapped[list[str]]
    merged: Mapped[bool] = mapped_column(default=False)  # trained on chunked and whole-run plots
    seed: Mapped[int]
    settings: Mapped[dict[str, Any]]  # epochs, learning rate, sampling, early stop, input size
    metrics: Mapped[dict[str, Any]]
    versions: Mapped[dict[str, Any]]
    curves: Mapped[dict[str, Any]]


class ThresholdRow(Base):
    """A threshold of one class of a model. Rows are added, never changed: the newest counts."""

    __tablename__ = "thresholds"
    __table_args__ = (
        Index(None, "model_id", "class_name", "id"),
        CheckConstraint("threshold >= 0 AND threshold <= 1", name="threshold_is_a_probability"),
    )

    id: Mapped[Id]
    model_id: Mapped[int] = mapped_column(BIG, ForeignKey("models.id"))
    class_name: Mapped[Name]
    threshold: Mapped[float]
    method: Mapped[str] = mapped_column(String(32))  # max_f1, person
    who: Mapped[Name]
    reason: Mapped[Words]
    at: Mapped[datetime]


class ActivationRow(Base):
    """The ledger: which model was live when."""

    __tablename__ = "activations"
    __table_args__ = (Index(None, "plot_type_id", "at"),)

    id: Mapped[Id]
    plot_type_id: Mapped[int] = mapped_column(BIG, ForeignKey("plot_types.id"))
    model_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("models.id"))
    who: Mapped[Name]
    reason: Mapped[Words]
    at: Mapped[datetime]


class SignoffRow(Base):
    """One step of the release ladder (trained, report_reviewed, expert_signoff)."""

    __tablename__ = "signoffs"
    __table_args__ = (UniqueConstraint("model_id", "step"),)

    id: Mapped[Id]
    model_id: Mapped[int] = mapped_column(BIG, ForeignKey("models.id"))
    step: Mapped[str] = mapped_column(String(32))
    who: Mapped[Name]
    comment: Mapped[Words]
    at: Mapped[datetime]


class TrainingSetRow(Base):
    """Exactly which pictures, under which label, a model saw, and on which side."""

    __tablename__ = "training_sets"

    model_id: Mapped[int] = mapped_column(BIG, ForeignKey("models.id"), primary_key=True)
    picture_id: Mapped[int] = mapped_column(BIG, ForeignKey("pictures.id"), primary_key=True)
    class_name: Mapped[Name]
    side: Mapped[str] = mapped_column(String(16))  # training, validation


class TrainingJobRow(Base):
    """A training that was asked for."""

    __tablename__ = "training_jobs"
    __table_args__ = (Index(None, "state", "id"),)

    id: Mapped[Id]
    plot_type_id: Mapped[int] = mapped_column(BIG, ForeignKey("plot_types.id"))
    who: Mapped[Name]
    settings: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16))  # waiting, running, done, failed, stopped
    sentence: Mapped[Words]
    fraction: Mapped[float]
    model_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("models.id"))
    asked_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    wish: Mapped[str] = mapped_column(
        String(16), default=""
    )  # what a person wants of it: stop, keep
    curve: Mapped[list[list[float]] | None] = mapped_column(JSON)  # a row for each pass


class TrainingReportRow(Base):
    """The report on a model that the expert is asked to review."""

    __tablename__ = "training_reports"
    __table_args__ = (UniqueConstraint("model_id"),)

    id: Mapped[Id]
    model_id: Mapped[int] = mapped_column(BIG, ForeignKey("models.id"))
    made_at: Mapped[datetime]


class TrainingReportElementRow(Base):
    """One picture in a report: a question to the expert."""

    __tablename__ = "training_report_elements"
    __table_args__ = (UniqueConstraint("report_id", "picture_id"), Index(None, "picture_id"))

    id: Mapped[Id]
    report_id: Mapped[int] = mapped_column(BIG, ForeignKey("training_reports.id"))
    picture_id: Mapped[int] = mapped_column(BIG, ForeignKey("pictures.id"))
    said: Mapped[Name]  # the model's class
    labelled: Mapped[Name]  # the expert's class
    confidence: Mapped[float] = mapped_column(default=0.0)  # of what the model said


class TrainingReportResponseRow(Base):
    """The expert's answer to an element."""

    __tablename__ = "training_report_responses"
    __table_args__ = (Index(None, "element_id"),)

    id: Mapped[Id]
    element_id: Mapped[int] = mapped_column(BIG, ForeignKey("training_report_elements.id"))
    who: Mapped[Name]
    class_name: Mapped[Name]
    comment: Mapped[Words]
    at: Mapped[datetime]
