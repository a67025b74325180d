"""What trainings are asked for and what they leave."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Mistake:
    """A validation picture that a model takes for something else than people do."""

    picture_id: int
    said: str
    labelled: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NewModel:
    """A model to be registered; ``thresholds`` by class, all in 0..1."""

    plot_type_id: int
    name: str
    folder: str
    who: str
    backbone: str
    labels: tuple[str, ...]
    seed: int
    thresholds: dict[str, float]
    kind: str = "head"
    why: str = ""
    parent_id: int | None = None
    merged: bool = False
    method: str = "max_f1"
    settings: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, Any] = field(default_factory=dict)
    curves: dict[str, Any] = field(default_factory=dict)
    training: tuple[tuple[int, str, str], ...] = ()  # picture id, class, "training" | "validation"
    methods: dict[str, str] = field(default_factory=dict)  # of thresholds, where not ``method``
    mistakes: tuple[Mistake, ...] = ()  # the report that the expert is asked to review


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingJob:
    """A training that was asked for."""

    id: int
    plot_type_id: int
    plot_type: str
    who: str
    settings: dict[str, Any]
    state: str
    sentence: str
    fraction: float
    model_id: int | None
    asked_at: datetime
    wish: str = ""  # "stop", "keep"
    curve: tuple[tuple[float, ...], ...] = ()  # of each pass: number, losses, accuracy


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPicture:
    """A picture with its current label, as training wants it."""

    picture_id: int
    run_period: str
    run: int
    chunk: int
    picture_hash: str
    extension: str
    stored: bool
    class_name: str
    pin: str | None
    weight: int
    features: bytes | None  # float16, little endian
