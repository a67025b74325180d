"""The model library: models, their ladder and ledger, the rules of the site, what there is to train on."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import msgspec

from inference_server.protocol.base import Message
from inference_server.protocol.matrix import Share
from inference_server.protocol.thresholds import ThresholdEntry


class Rung(StrEnum):
    """The steps of the release ladder, in their order."""

    TRAINED = "trained"
    REVIEWED = "report_reviewed"
    SIGNED = "expert_signoff"


# ---------------------------------------------------------------- values inside messages


Bounds: TypeAlias = tuple[float, float]  # of a 95 % interval


class ClassSkill(msgspec.Struct, frozen=True, kw_only=True):
    """How well a model knows one class on its validation pictures."""

    name: str
    precision: float
    recall: float
    f1: float
    count: int


class LadderStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the release ladder that was taken."""

    rung: Rung
    who: str
    comment: str
    at: datetime


class ModelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A model of a plot type, with its thresholds in force."""

    id: int
    name: str
    kind: str  # head, network
    created_at: datetime
    who: str
    why: str = ""
    parent_id: int | None = None
    backbone: str = ""
    labels: tuple[str, ...] = ()
    merged: bool = False
    seed: int = 0
    active: bool = False
    shadow: bool = False
    accuracy: Share | None = None  # on validation pictures; None: not known
    macro_f1: float | None = None
    calibration_error: float | None = None
    calibration_error_before: float | None = None
    skills: tuple[ClassSkill, ...] = ()
    remarks: tuple[str, ...] = ()
    pictures: int = 0  # that it was trained on
    runs: int = 0
    versions: dict[str, str] = {}
    settings: dict[str, str] = {}
    thresholds: tuple[ThresholdEntry, ...] = ()
    ladder: tuple[LadderStep, ...] = ()
    macro_f1_range: Bounds | None = None  # by a bootstrap over whole runs
    bad_recall: float | None = None  # on validation pictures, with Wilson's intervals
    bad_recall_range: Bounds | None = None
    bad_precision: float | None = None
    bad_precision_range: Bounds | None = None


class Activation(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the ledger: from ``at`` on this model was live (None: none)."""

    model_id: int | None
    who: str
    reason: str
    at: datetime


# ---------------------------------------------------------------- requests


class GetModels(Message, frozen=True, kw_only=True):
    """All models of a plot type, newest first."""

    plot_type_id: int


class GetModelAt(Message, frozen=True, kw_only=True):
    """Which model was live at a time."""

    plot_type_id: int
    at: datetime


class SignOff(Message, frozen=True, kw_only=True):
    """Take a step of the release ladder."""

    model_id: int
    rung: Rung
    comment: str = ""
    person: str = ""


class SetSignoffRule(Message, frozen=True, kw_only=True):
    """Whether a model needs an expert's sign-off before it may be activated."""

    needed: bool


class SetShadow(Message, frozen=True, kw_only=True):
    """Let a candidate judge the live pictures too, on record and without alarms (None: no longer)."""

    plot_type_id: int
    model_id: int | None


class GetTrainingPlan(Message, frozen=True, kw_only=True):
    """What there is to train on."""

    plot_type_id: int


LibraryRequest: TypeAlias = (
    GetModels | GetModelAt | SignOff | SetSignoffRule | SetShadow | GetTrainingPlan
)

# ---------------------------------------------------------------- replies


class Models(Message, frozen=True, kw_only=True):
    """The models of a plot type, newest first, and the ledger, newest first."""

    plot_type_id: int
    models: tuple[ModelInfo, ...]
    ledger: tuple[Activation, ...] = ()
    signoff_needed: bool = False


class ModelAt(Message, frozen=True, kw_only=True):
    """Which model was live (None: none)."""

    plot_type_id: int
    at: datetime
    model_id: int | None


class DepthTime(msgspec.Struct, frozen=True, kw_only=True):
    """How long a training of a depth will take; ``trainings`` of this server it is told by (0: none)."""

    depth: str
    seconds: float
    trainings: int = 0


class NetworkChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A network that a full training may fine-tune; ``trained``: it begins with trained weights."""

    name: str
    trained: bool = False


class TrainingPlan(Message, frozen=True, kw_only=True):
    """Labels by class and side: what a training that starts now would work on."""

    plot_type_id: int
    by_class: dict[str, int]
    runs: int
    pictures: int
    with_features: int  # of them, how many need no look at the picture
    times: tuple[DepthTime, ...] = ()
    networks: tuple[NetworkChoice, ...] = ()


LibraryReply: TypeAlias = Models | ModelAt | TrainingPlan

# ---------------------------------------------------------------- news


class LibraryChanged(Message, frozen=True, kw_only=True):
    """Models or thresholds of a plot type (0: all) changed: ask for them again."""

    plot_type_id: int
    who: str
    what: str  # threshold, activation, signoff, rule, shadow, import, plot type


LibraryNews: TypeAlias = LibraryChanged

__all__ = ["LibraryNews", "LibraryReply", "LibraryRequest"]
