"""What queries return and take: plain values, safe to hand to another thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotClass:
    """A class, as a plot type has it."""

    id: int
    name: str
    severity: str  # good, warning, bad, neutral
    colour: str = ""
    key: str = ""
    position: int = 0
    description: str = ""
    teaches: bool = True  # False: Ignore, never used in training


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A rectangle of a picture, in fractions of its width and height (0..1)."""

    left: float
    top: float
    right: float
    bottom: float
    mask_id: int = 0  # 0: of no mask yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """A known problem area that judging leaves out."""

    id: int
    plot_type_id: int
    plot_type: str
    areas: tuple[Area, ...]
    reason: str
    who: str
    since: datetime
    contact: str = ""
    until: datetime | None = None
    run_period: str = ""  # in force for its pictures only; "": for all
    reference_hash: str = ""  # of the Good picture that fills it; "": the background does
    reference_extension: str = ""
    ended_at: datetime | None = None
    ended_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotType:
    """One kind of plot."""

    id: int
    name: str
    chunked: bool
    group: str = ""
    contact: str = ""
    guidance: str = ""
    description: str = ""
    collect_fraction: float = 0.02
    ignored: bool = False
    stale_after_s: float = 180.0
    model_id: int | None = None
    classes: tuple[PlotClass, ...] = ()
    shadow_id: int | None = None  # the candidate that judges too, on record and without alarms


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A trained model and its thresholds in force."""

    id: int
    plot_type_id: int
    name: str
    folder: str
    kind: str
    created_at: datetime
    who: str
    parent_id: int | None
    backbone: str
    labels: tuple[str, ...]
    metrics: dict[str, Any]
    versions: dict[str, Any]
    seed: int
    thresholds: dict[str, float]
    signed_off: bool = False
    why: str = ""
    merged: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    curves: dict[str, Any] = field(default_factory=dict)


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
class Catalogue:
    """All that judging needs to know."""

    plot_types: tuple[PlotType, ...]
    models: tuple[Model, ...]  # the active ones, and those in the shadow
    classes: tuple[PlotClass, ...]  # the whole vocabulary
    masks: tuple[Mask, ...] = ()  # that nobody has ended and whose time is not over


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPicture:
    """A picture that becomes known; its file is in the store where ``stored``."""

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
    collected: str | None = None
    received_at: datetime


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
class PicturePlace:
    """Where a picture is."""

    id: int
    picture_hash: str
    extension: str
    stored: bool
    size_bytes: int


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedLabel:
    """A current label, as a table row."""

    plot_type: str
    chunked: bool
    run_period: str
    run: int
    chunk: int
    file_name: str
    picture_hash: str
    extension: str
    class_name: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVote:
    """A vote on a picture."""

    id: int
    who: str
    class_name: str | None
    kind: str
    comment: str
    verdict_visible: bool
    seconds: float | None
    at: datetime


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
class Quarantined:
    """A picture that was set aside."""

    path: str
    reason: str
    at: datetime
    kept_as: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A threshold in force."""

    class_name: str
    value: float
    method: str  # max_f1, person
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Streak:
    """A row of equal noteworthy verdicts."""

    length: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """The line of the news banner."""

    id: int
    text: str
    who: str
    at: datetime
    until: datetime | None
