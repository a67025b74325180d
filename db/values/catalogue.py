"""What judging needs to know: plot types with their classes, masks, and models with their thresholds."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A threshold in force."""

    class_name: str
    value: float
    method: str  # max_f1, person
    who: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All that judging needs to know."""

    plot_types: tuple[PlotType, ...]
    models: tuple[Model, ...]  # the active ones, and those in the shadow
    classes: tuple[PlotClass, ...]  # the whole vocabulary
    masks: tuple[Mask, ...] = ()  # that nobody has ended and whose time is not over
