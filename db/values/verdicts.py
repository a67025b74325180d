"""What models say of pictures, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from db.values.catalogue import Area


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInference:
    """A live verdict with its picture."""

    plot_type_id: int
    run_period: str
    run: int
    chunk: int
    picture_hash: str
    picture_time: datetime
    file_name: str
    extension: str
    width: int
    height: int
    size_bytes: int
    stored: bool
    source: str
    model_id: int | None
    label: str
    confidence: float
    confirmed: bool
    severity: str
    scores: dict[str, float]
    thresholds: dict[str, float]
    anomaly: float | None
    unbiased: bool
    collected: str | None
    run_conditions: dict[str, float]
    judged_at: datetime
    decode_ms: float
    forward_ms: float
    latency_ms: float
    host: str
    masked: tuple[Area, ...] = ()  # areas that were left out
    shadow_id: int | None = None  # the candidate that judged too, and what it said
    shadow_scores: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredInference:
    """Where a verdict went; ``duplicate``: the picture had one already."""

    id: int
    picture_id: int
    duplicate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """A live verdict as stored, with the names that people use."""

    id: int
    picture_id: int
    plot_type_id: int
    plot_type: str
    chunked: bool
    run_period: str
    run: int
    chunk: int
    picture_hash: str
    file_name: str
    extension: str
    stored: bool
    picture_time: datetime
    model_id: int | None
    model: str
    label: str
    severity: str
    confidence: float
    confirmed: bool
    unbiased: bool
    scores: dict[str, float]
    thresholds: dict[str, float]
    anomaly: float | None
    judged_at: datetime
    latency_ms: float
    masked: tuple[Area, ...] = ()  # areas that were left out


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatmapSubject:
    """One picture, one model, one class: what a heat map is of."""

    picture_id: int
    picture_hash: str
    extension: str
    stored: bool
    model_id: int
    folder: str  # of the model, below the models directory
    class_name: str
    masked: tuple[Area, ...] = ()  # areas that the model did not see


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run, as first and last seen through its pictures."""

    number: int
    run_period: str
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Streak:
    """A row of equal noteworthy verdicts."""

    length: int
    since: datetime
