"""Every message that a desktop and a server exchange, as frozen structs in closed unions.

Three unions, one per direction and socket: ``Request`` (desktop to gateway), ``Reply`` (gateway to
desktop) and ``News`` (the feed). Messages of one subject live in a module of their own beside this one
and are joined here. A change here is a change of ``PROTOCOL_VERSION`` unless it only
adds a field with a default at the end. Times are aware UTC datetimes; confidences are 0..1.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import msgspec

from inference_server.protocol.activity import (
    Activity,
    GetActivity,
    GetStations,
    Stations,
    Times,
)
from inference_server.protocol.administration import (
    Audit,
    GetAudit,
    GetUsers,
    PutUser,
    SetRight,
    TriedAgain,
    TryAgain,
    Users,
)
from inference_server.protocol.alarms import (
    AlarmNews,
    AlarmReply,
    AlarmRequest,
    AlarmState,
    Conditions,
)
from inference_server.protocol.base import PROTOCOL_VERSION, Message, Severity
from inference_server.protocol.comparison import ComparisonReply, ComparisonRequest
from inference_server.protocol.curves import CurvePoint, CurvesReply, CurvesRequest
from inference_server.protocol.detail import (
    CastVote,
    Detail,
    GetDetail,
    GetHistoryOf,
    GetReference,
    GetRun,
    GetRuns,
    GetStrips,
    History,
    Reference,
    Runs,
    RunVerdicts,
    Strips,
    WriteLogEntry,
)
from inference_server.protocol.explain import GetHeatmap, Heatmap, HeatmapReady
from inference_server.protocol.labelling import LabelNews, LabelReply, LabelRequest
from inference_server.protocol.library import LibraryNews, LibraryReply, LibraryRequest
from inference_server.protocol.masks import Area, Mask, MaskRequest, Masks
from inference_server.protocol.matrix import MatrixReply, MatrixRequest
from inference_server.protocol.model_files import ModelFilesReply, ModelFilesRequest
from inference_server.protocol.notices import GetNotice, Notice, NoticeIs, NoticePosted, SetNotice
from inference_server.protocol.people import GetMyRights, MyRights
from inference_server.protocol.plot_forms import PlotFormsReply, PlotFormsRequest
from inference_server.protocol.questions import QuestionReply, QuestionRequest
from inference_server.protocol.records import (
    CommentOnStreak,
    GetLogPage,
    GetReport,
    GetRunPeriods,
    GetStreak,
    GetTimeline,
    LogPage,
    Report,
    RunPeriods,
    StreakDetails,
    Timeline,
)
from inference_server.protocol.replay import GetReplay, GetReplayCalls, Replay, ReplayCalls
from inference_server.protocol.shadow import ShadowReply, ShadowRequest
from inference_server.protocol.site import (
    GetRetention,
    GetSiteSettings,
    RetentionPlan,
    SetSiteSetting,
    SiteSettings,
)
from inference_server.protocol.thresholds import ThresholdsReply, ThresholdsRequest
from inference_server.protocol.verdicts import ClassScore, Verdict

__all__ = ["PROTOCOL_VERSION", "ClassScore", "Message", "MyRights", "Severity", "Verdict"]

# ---------------------------------------------------------------- values inside messages


class ClassInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One class of the vocabulary of the site."""

    name: str
    severity: Severity
    colour: str  # "#RRGGBB"; empty: the theme's own colour of that name
    description: str = ""


class PlotTypeInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of plot: what the grid shows a tile for."""

    id: int
    name: str
    chunked: bool
    group: str = ""
    contact: str = ""
    guidance: str = ""
    description: str = ""
    classes: tuple[str, ...] = ()
    model_id: int | None = None
    model_name: str = ""
    ignored: bool = False
    collect_fraction: float = 0.0
    stale_after_s: float = 180.0
    masks: tuple[Mask, ...] = ()  # that nobody has ended; whether in force: ask each of them


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the server, as it last described itself, or as the gateway found it."""

    role: str  # feeder, balancer, predict, keeper, gateway, trainer, explain; database, disk, gpu
    name: str  # "predict-0"
    host: str = ""
    pid: int = 0
    state: str = "starting"  # starting, running, degraded, stopping, dead; of a GPU: absent
    sentence: str = ""  # what it does or what is wrong, for people
    next_step: str = ""  # what to do, when something is wrong
    queue: int = 0
    done: int = 0  # pictures since its start
    ms_per_item: float = 0.0
    rss_mb: float = 0.0
    last_seen: datetime | None = None
    per_minute: int | None = None  # how much of ``done`` was done in the last minute
    oldest_s: float = 0.0  # how long the first of what waits has been waiting
    times: tuple[Times, ...] = ()
    device: str = ""  # what a predict worker computes on: "cpu", "NVIDIA H100"
    last_error: str = ""  # the last trouble, also when it is over
    last_step: str = ""  # what to do about it
    last_error_at: datetime | None = None


class QuarantineItem(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that could not be judged, and why."""

    path: str
    reason: str
    at: datetime
    kept_as: str = ""


class TrainingState(msgspec.Struct, frozen=True, kw_only=True):
    """How a training stands, in plain words."""

    job_id: int
    plot_type: str
    state: str  # waiting, running, done, failed, stopped
    sentence: str
    fraction: float = 0.0
    model_id: int | None = None
    metrics: dict[str, float] = {}
    plot_type_id: int = 0
    who: str = ""
    depth: str = "quick"  # quick, thorough, full
    asked_at: datetime | None = None
    seconds_left: float | None = None
    can_keep: bool = False  # there is a model that "stop and keep the best so far" would keep
    curve: tuple[CurvePoint, ...] = ()


class Preparation(msgspec.Struct, frozen=True, kw_only=True):
    """The server is getting ready (first start of the demo, warm-up): shown as a progress bar."""

    sentence: str
    fraction: float  # 0..1; 1 = ready


# ---------------------------------------------------------------- the feed (PUB -> SUB)


class Judged(Message, frozen=True, kw_only=True):
    """A new verdict. The blob is its thumbnail (JPEG or PNG), possibly empty."""

    verdict: Verdict


class Heartbeat(Message, frozen=True, kw_only=True):
    """Each second: silence means trouble and never just a quiet beam."""

    at: datetime


class PlotTypesChanged(Message, frozen=True, kw_only=True):
    """The catalogue changed (new plot type, model, threshold): here are the new rows."""

    plot_types: tuple[PlotTypeInfo, ...]


class ComponentsChanged(Message, frozen=True, kw_only=True):
    """How the server's roles are, once a second at most."""

    components: tuple[Component, ...]


class Quarantined(Message, frozen=True, kw_only=True):
    """A picture was set aside."""

    item: QuarantineItem
    total: int


class TrainingChanged(Message, frozen=True, kw_only=True):
    """A training moved on."""

    training: TrainingState


class Preparing(Message, frozen=True, kw_only=True):
    """The server's start-up moved on."""

    preparation: Preparation


News: TypeAlias = (
    Judged
    | Heartbeat
    | PlotTypesChanged
    | ComponentsChanged
    | Quarantined
    | TrainingChanged
    | Preparing
    | LibraryNews
    | LabelNews
    | HeatmapReady
    | NoticePosted
    | TriedAgain
    | AlarmNews
)

# ---------------------------------------------------------------- requests (DEALER -> ROUTER)


class Hello(Message, frozen=True, kw_only=True):
    """First word of a client: who it is and what it speaks."""

    client: str  # station name
    version: str  # program version
    protocol: int = PROTOCOL_VERSION


class GetSnapshot(Message, frozen=True, kw_only=True):
    """Everything the run grid shows, as of one sequence number of the feed."""


class GetThumbnail(Message, frozen=True, kw_only=True):
    """The thumbnail of a verdict in the snapshot; the reply's blob is the picture."""

    picture_hash: str


class GetPicture(Message, frozen=True, kw_only=True):
    """A picture at full resolution; the reply's blob is the file as it was."""

    picture_hash: str


class StartTraining(Message, frozen=True, kw_only=True):
    """Train a model for one plot type on its labelled pictures; zeros and empty words: the usual."""

    plot_type_id: int
    activate: bool = False
    runs: str = ""  # "" = all labelled; else "100-200,250"
    seed: int = 1
    depth: str = "quick"  # quick: a head; thorough: with changed copies; full: a whole network
    run_periods: str = ""  # "" = all; else "2026-01,2026-02"
    merge: bool = False  # learn from chunked and whole-run plots of this name together
    precision: float = 0.0  # wanted of confirmed Bad verdicts, 0..1
    false_calls: float = 0.0  # confirmed Bad verdicts per shift that are wrong, at most
    network: str = ""  # of a full training
    size: int = 0  # pixels of its input
    epochs: int = 0  # passes over the pictures at most
    why: str = ""


class StopTraining(Message, frozen=True, kw_only=True):
    """End a training; ``keep_best``: keep the best model that it has so far."""

    job_id: int
    keep_best: bool = False


class GetTrainings(Message, frozen=True, kw_only=True):
    """The trainings of this server, newest first."""


class ActivateModel(Message, frozen=True, kw_only=True):
    """Make a model the live one of its plot type (None: no model)."""

    plot_type_id: int
    model_id: int | None
    reason: str
    person: str = ""  # at a shared station; empty: the owner of the key


class SetThreshold(Message, frozen=True, kw_only=True):
    """Move one class's threshold of a model."""

    model_id: int
    class_name: str
    threshold: float
    reason: str
    expected: float | None = None  # the one in force as the person saw it; None: do not check
    person: str = ""  # at a shared station; empty: the owner of the key


class GetQuarantine(Message, frozen=True, kw_only=True):
    """The pictures that were set aside, newest first."""

    limit: int = 200


Request: TypeAlias = (
    Hello
    | GetSnapshot
    | GetThumbnail
    | GetPicture
    | StartTraining
    | StopTraining
    | GetTrainings
    | ActivateModel
    | SetThreshold
    | GetQuarantine
    | GetMyRights
    | LibraryRequest
    | ComparisonRequest
    | CurvesRequest
    | MatrixRequest
    | ModelFilesRequest
    | PlotFormsRequest
    | ThresholdsRequest
    | ShadowRequest
    | QuestionRequest
    | LabelRequest
    | GetHeatmap
    | GetHistoryOf
    | GetReference
    | GetStrips
    | GetDetail
    | CastVote
    | WriteLogEntry
    | GetRuns
    | GetRun
    | GetReplay
    | GetReplayCalls
    | MaskRequest
    | SetNotice
    | GetNotice
    | AlarmRequest
    | GetLogPage
    | GetStreak
    | CommentOnStreak
    | GetRunPeriods
    | GetTimeline
    | GetReport
    | GetActivity
    | GetStations
    | GetUsers
    | PutUser
    | SetRight
    | GetAudit
    | GetSiteSettings
    | SetSiteSetting
    | GetRetention
    | TryAgain
)

# ---------------------------------------------------------------- replies (ROUTER -> DEALER)


class Welcome(Message, frozen=True, kw_only=True):
    """The answer to Hello from a server that can talk to this client."""

    server: str  # site name
    version: str
    protocol: int = PROTOCOL_VERSION
    experiment: str = ""
    feed_port: int = 0


class Snapshot(Message, frozen=True, kw_only=True):
    """State as of ``sequence`` of the feed session ``session``: apply later news on top."""

    session: str
    sequence: int
    plot_types: tuple[PlotTypeInfo, ...] = ()
    classes: tuple[ClassInfo, ...] = ()
    verdicts: tuple[Verdict, ...] = ()  # the newest of each plot type
    components: tuple[Component, ...] = ()
    quarantined: int = 0
    preparation: Preparation | None = None
    trainings: tuple[TrainingState, ...] = ()
    notice: Notice | None = None
    logo: bytes = b""  # of the experiment, a small PNG or JPEG; empty: none is set
    experiment: str = ""
    alarms: tuple[AlarmState, ...] = ()  # all lines that are not normal
    conditions: Conditions = Conditions()
    silent_stations: tuple[str, ...] = ()  # those that reported that they cannot be heard


class Picture(Message, frozen=True, kw_only=True):
    """The blob is the picture, as it came."""

    picture_hash: str
    media_type: str
    masked: tuple[Area, ...] = ()  # known problem areas that it was judged without


class Done(Message, frozen=True, kw_only=True):
    """It is done and durable."""

    sentence: str = ""
    id: int | None = None


class Trainings(Message, frozen=True, kw_only=True):
    """The trainings, newest first."""

    trainings: tuple[TrainingState, ...]


class Quarantine(Message, frozen=True, kw_only=True):
    """The pictures set aside."""

    items: tuple[QuarantineItem, ...]
    total: int


class Refused(Message, frozen=True, kw_only=True):
    """Understood and turned down: a code for programs, a sentence and a next step for people."""

    code: str  # "not-found", "version", "invalid", "database-away", "not-ready", "forbidden", "internal"
    sentence: str
    next_step: str = ""


Reply: TypeAlias = (
    Welcome
    | LabelReply
    | Snapshot
    | Picture
    | Done
    | Trainings
    | Quarantine
    | Refused
    | MyRights
    | LibraryReply
    | ComparisonReply
    | CurvesReply
    | MatrixReply
    | ModelFilesReply
    | PlotFormsReply
    | ThresholdsReply
    | ShadowReply
    | QuestionReply
    | Heatmap
    | History
    | Reference
    | Strips
    | Detail
    | Runs
    | RunVerdicts
    | Replay
    | ReplayCalls
    | Masks
    | NoticeIs
    | AlarmReply
    | LogPage
    | StreakDetails
    | RunPeriods
    | Timeline
    | Report
    | Activity
    | Users
    | Audit
    | SiteSettings
    | RetentionPlan
    | Stations
)
