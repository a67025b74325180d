"""The model library: models, what they say of labelled pictures, thresholds, comparison, sign-off.

Confidences and shares are 0..1; histograms have ``BINS`` bars of equal width over 0..1.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import msgspec

from inference_server.protocol.base import Message, Severity

BINS = 40


class Source(StrEnum):
    """Which labelled pictures a model is counted on."""

    VALIDATION = "validation"  # judged in training by a head that had not seen their run
    LABELLED = "labelled"  # all labelled ones, those that taught the model among them
    UNBIASED = "unbiased"  # drawn at random and judged live, before anybody labelled them


class Rung(StrEnum):
    """The steps of the release ladder, in their order."""

    TRAINED = "trained"
    REVIEWED = "report_reviewed"
    SIGNED = "expert_signoff"


# ---------------------------------------------------------------- values inside messages


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A share with its 95 % interval (Wilson 1927); ``of``: how many it was counted on."""

    value: float
    low: float
    high: float
    of: int


Bounds: TypeAlias = tuple[float, float]  # of a 95 % interval


class ClassSkill(msgspec.Struct, frozen=True, kw_only=True):
    """How well a model knows one class on its validation pictures."""

    name: str
    precision: float
    recall: float
    f1: float
    count: int


class ThresholdEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A threshold as it was set."""

    class_name: str
    threshold: float
    method: str  # max_f1, person, ...
    who: str
    reason: str
    at: datetime


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


class MatrixCell(msgspec.Struct, frozen=True, kw_only=True):
    """The pictures that a person called ``expert`` and the model ``said``: bars by confidence."""

    expert: str
    said: str
    bars: tuple[int, ...]  # BINS counts


class MatrixSkill(msgspec.Struct, frozen=True, kw_only=True):
    """How good a model is on the pictures of a matrix; macro-F1's interval is a bootstrap's."""

    accuracy: Share
    macro_f1: Share
    bad_recall: Share | None = None  # None: there are no Bad ones
    bad_precision: Share | None = None  # None: nothing was called Bad


class JudgedPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A labelled picture and what the model says of it."""

    picture_id: int
    picture_hash: str
    run_period: str
    run: int
    chunk: int
    expert: str
    labelled_by: str
    said: str
    confidence: float


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a set of thresholds makes of the same pictures."""

    threshold: float
    confirmed: int  # verdicts of this class that count
    unconfirmed: int  # verdicts of this class that a person has to look at
    wrong: int  # confirmed verdicts of this class that are wrong
    missed: int  # pictures of this class without a confirmed verdict of it
    left: int  # verdicts of all classes that a person has to look at
    precision: float | None
    recall: float | None
    accuracy: float | None  # of all confirmed verdicts
    calls_per_shift: float | None  # None: not known, or the class does not call


class MetricPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One class against all others, if ``threshold`` were in force."""

    threshold: float
    precision: float
    recall: float
    f1: float
    accuracy: float


class CalibrationBar(msgspec.Struct, frozen=True, kw_only=True):
    """Verdicts of about the same confidence: how sure they were, how often they were right."""

    confidence: float
    right: Share


class LearningPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A model of the plot type: on how many pictures it was trained, how good it is."""

    model_id: int
    pictures: int
    accuracy: Share


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A labelled picture of which two models say different things."""

    picture: JudgedPicture  # with what the first model says
    other_said: str
    other_confidence: float


class ClassChange(msgspec.Struct, frozen=True, kw_only=True):
    """One class under two models."""

    name: str
    count: int
    recall: float
    other_recall: float
    precision: float
    other_precision: float


class ClassChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A class that a plot type shall have; ``severity`` counts where the site has no such class yet."""

    name: str
    severity: Severity = Severity.NEUTRAL


class FoundFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of an inbox and what its name says."""

    path: str
    plot_type: str
    chunked: bool
    run: int
    chunk: int


# ---------------------------------------------------------------- requests


class GetModels(Message, frozen=True, kw_only=True):
    """All models of a plot type, newest first."""

    plot_type_id: int


class GetModelAt(Message, frozen=True, kw_only=True):
    """Which model was live at a time."""

    plot_type_id: int
    at: datetime


class GetMatrix(Message, frozen=True, kw_only=True):
    """The confusion matrix. Where pictures are not judged yet, some are judged first: ask again."""

    model_id: int
    source: Source = Source.VALIDATION


class GetMatrixPictures(Message, frozen=True, kw_only=True):
    """Pictures of a cell with a confidence from ``low`` to below ``high``; the surest first.

    Without ``expert`` and ``said``: every picture on which the model and the label disagree.
    """

    model_id: int
    source: Source
    expert: str
    said: str
    low: float = 0.0
    high: float = 1.01  # above 1: the last bar holds 1 too
    offset: int = 0
    limit: int = 24


class GetThresholds(Message, frozen=True, kw_only=True):
    """Every threshold that a model ever had, newest first."""

    model_id: int


class TryThreshold(Message, frozen=True, kw_only=True):
    """What would have happened with another threshold; calls are counted over the last ``runs``."""

    model_id: int
    class_name: str
    threshold: float
    source: Source = Source.VALIDATION
    runs: int = 10


class GetModelCurves(Message, frozen=True, kw_only=True):
    """Metric against threshold, calibration, learning curve."""

    model_id: int
    class_name: str
    source: Source = Source.VALIDATION


class CompareModels(Message, frozen=True, kw_only=True):
    """Two models on the labelled pictures that both judged and neither was trained on, if any."""

    model_id: int
    other_id: int
    source: Source = Source.LABELLED
    offset: int = 0
    limit: int = 24


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


class SavePlotType(Message, frozen=True, kw_only=True):
    """Change a plot type, or make one (``plot_type_id`` None)."""

    plot_type_id: int | None
    name: str
    chunked: bool
    group: str = ""
    contact: str = ""
    guidance: str = ""
    description: str = ""
    collect_fraction: float = 0.02
    stale_after_s: float = 180.0
    ignored: bool = False
    classes: tuple[ClassChoice, ...] = ()


class FindFiles(Message, frozen=True, kw_only=True):
    """Which files of the inboxes belong to a plot type of this name."""

    name: str
    chunked: bool


class GetModelFile(Message, frozen=True, kw_only=True):
    """A model as one file: for another Hydra, or as ONNX for other programs; the blob is the file."""

    model_id: int
    onnx: bool = False


class TakeModelFile(Message, frozen=True, kw_only=True):
    """Take in a model that some Hydra exported; it is registered and not live."""

    name: str
    data: bytes
    person: str = ""


LibraryRequest: TypeAlias = (
    GetModelFile
    | TakeModelFile
    | GetModels
    | GetModelAt
    | GetMatrix
    | GetMatrixPictures
    | GetThresholds
    | TryThreshold
    | GetModelCurves
    | CompareModels
    | SignOff
    | SetSignoffRule
    | SetShadow
    | GetTrainingPlan
    | SavePlotType
    | FindFiles
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


class ConfusionMatrix(Message, frozen=True, kw_only=True):
    """Cells that have pictures; ``waiting``: labelled pictures that were not judged yet."""

    model_id: int
    source: Source
    classes: tuple[str, ...]
    cells: tuple[MatrixCell, ...]
    total: int
    waiting: int = 0
    taught: int = 0  # of ``total``, how many the model was trained on
    note: str = ""
    skill: MatrixSkill | None = None  # None: no pictures


class MatrixPictures(Message, frozen=True, kw_only=True):
    """A page of pictures, and how many there are in all."""

    total: int
    offset: int
    pictures: tuple[JudgedPicture, ...]


class ThresholdHistory(Message, frozen=True, kw_only=True):
    """Newest first."""

    model_id: int
    entries: tuple[ThresholdEntry, ...]


class WhatIf(Message, frozen=True, kw_only=True):
    """The same pictures with the threshold in force and with the one that is tried."""

    model_id: int
    class_name: str
    now: Outcome
    then: Outcome
    total: int
    runs: int = 0  # that the calls were counted over
    hours: float = 0.0


class ModelCurves(Message, frozen=True, kw_only=True):
    """Figures to draw."""

    model_id: int
    class_name: str
    metric: tuple[MetricPoint, ...]
    calibration: tuple[CalibrationBar, ...]
    learning: tuple[LearningPoint, ...]
    calibration_error: float | None = None


class Comparison(Message, frozen=True, kw_only=True):
    """Two models on the same pictures; ``p_value``: McNemar's test (exact binomial)."""

    model_id: int
    other_id: int
    total: int
    both_right: int
    only_first: int
    only_other: int
    both_wrong: int
    p_value: float
    changes: tuple[ClassChange, ...]
    differences: tuple[Difference, ...]
    differing: int
    unseen: bool  # whether neither was trained on any of these pictures
    newest: int = 0  # of more than so many pictures only the newest were compared; 0: all


class DepthTime(msgspec.Struct, frozen=True, kw_only=True):
    """How long a training of a depth will take; ``trainings`` of this server it is told by (0: none)."""

    depth: str
    seconds: float
    trainings: int = 0


class TrainingPlan(Message, frozen=True, kw_only=True):
    """Labels by class and side: what a training that starts now would work on."""

    plot_type_id: int
    by_class: dict[str, int]
    runs: int
    pictures: int
    with_features: int  # of them, how many need no look at the picture
    times: tuple[DepthTime, ...] = ()


class FoundFiles(Message, frozen=True, kw_only=True):
    """Files that match, the newest first, and what else there is."""

    files: tuple[FoundFile, ...]
    matching: int
    others: dict[str, int] = {}  # names of other plots that were found, and how many files
    searched: int = 0


class ModelFile(Message, frozen=True, kw_only=True):
    """The blob is the file."""

    model_id: int
    name: str


LibraryReply: TypeAlias = (
    Models
    | ModelFile
    | ModelAt
    | ConfusionMatrix
    | MatrixPictures
    | ThresholdHistory
    | WhatIf
    | ModelCurves
    | Comparison
    | TrainingPlan
    | FoundFiles
)

# ---------------------------------------------------------------- news


class LibraryChanged(Message, frozen=True, kw_only=True):
    """Models or thresholds of a plot type (0: all) changed: ask for them again."""

    plot_type_id: int
    who: str
    what: str  # threshold, activation, signoff, rule, shadow, import, plot type


LibraryNews: TypeAlias = LibraryChanged

__all__ = ["LibraryNews", "LibraryReply", "LibraryRequest"]
