"""Every message that a desktop and a server exchange, as frozen structs in closed unions.

Three unions, one per direction and socket: ``Request`` (desktop to gateway), ``Reply`` (gateway to
desktop) and ``News`` (the feed). Messages of one subject live in a module of their own beside this one
and are joined here. A change to what a released version speaks is a change of ``PROTOCOL_VERSION``,
unless it only adds a field with a default at the end; the first release speaks version 1. Times are aware UTC datetimes; confidences are 0..1.
"""

from __future__ import annotations

from typing import TypeAlias

from inference_server.protocol.activity import (
    Activity,
    GetActivity,
    GetStations,
    Stations,
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
)
from inference_server.protocol.base import PROTOCOL_VERSION, Message, Severity
from inference_server.protocol.catalogue import ClassInfo, PlotTypeInfo, PlotTypesChanged
from inference_server.protocol.comparison import ComparisonReply, ComparisonRequest
from inference_server.protocol.curves import CurvesReply, CurvesRequest
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
from inference_server.protocol.live_models import ActivateModel, LiveModelRequest, SetThreshold
from inference_server.protocol.masks import MaskRequest, Masks
from inference_server.protocol.matrix import MatrixReply, MatrixRequest
from inference_server.protocol.model_files import ModelFilesReply, ModelFilesRequest
from inference_server.protocol.notices import GetNotice, NoticeIs, NoticePosted, SetNotice
from inference_server.protocol.parts import (
    Component,
    ComponentsChanged,
    PartsNews,
    Preparation,
    Preparing,
)
from inference_server.protocol.people import GetMyRights, MyRights
from inference_server.protocol.pictures import GetPicture, GetThumbnail, Picture, PictureRequest
from inference_server.protocol.plot_forms import PlotFormsReply, PlotFormsRequest
from inference_server.protocol.quarantine import (
    GetQuarantine,
    Quarantine,
    Quarantined,
    QuarantineItem,
)
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
from inference_server.protocol.session import (
    Done,
    GetSnapshot,
    Heartbeat,
    Hello,
    Refused,
    SessionReply,
    SessionRequest,
    Snapshot,
    Welcome,
)
from inference_server.protocol.shadow import ShadowReply, ShadowRequest
from inference_server.protocol.site import (
    GetRetention,
    GetSiteSettings,
    RetentionPlan,
    SetSiteSetting,
    SiteSettings,
)
from inference_server.protocol.thresholds import ThresholdsReply, ThresholdsRequest
from inference_server.protocol.trainings import (
    GetTrainings,
    StartTraining,
    StopTraining,
    TrainingChanged,
    TrainingRequest,
    Trainings,
    TrainingState,
)
from inference_server.protocol.verdicts import ClassScore, Judged, Verdict

# What most programs speak of; the rest is imported from the module of its subject.
__all__ = [
    "PROTOCOL_VERSION",
    "ActivateModel",
    "ClassInfo",
    "ClassScore",
    "Component",
    "ComponentsChanged",
    "Done",
    "GetPicture",
    "GetQuarantine",
    "GetSnapshot",
    "GetThumbnail",
    "GetTrainings",
    "Heartbeat",
    "Hello",
    "Judged",
    "Message",
    "MyRights",
    "Picture",
    "PlotTypeInfo",
    "PlotTypesChanged",
    "Preparation",
    "Preparing",
    "Quarantine",
    "QuarantineItem",
    "Quarantined",
    "Refused",
    "SetThreshold",
    "Severity",
    "Snapshot",
    "StartTraining",
    "StopTraining",
    "TrainingChanged",
    "TrainingState",
    "Trainings",
    "Verdict",
    "Welcome",
]

News: TypeAlias = (
    Judged
    | Heartbeat
    | PlotTypesChanged
    | PartsNews
    | Quarantined
    | TrainingChanged
    | LibraryNews
    | LabelNews
    | HeatmapReady
    | NoticePosted
    | TriedAgain
    | AlarmNews
)

Request: TypeAlias = (
    SessionRequest
    | PictureRequest
    | TrainingRequest
    | LiveModelRequest
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

Reply: TypeAlias = (
    SessionReply
    | LabelReply
    | Picture
    | Trainings
    | Quarantine
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
