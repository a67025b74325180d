"""What the roles of the server say to each other (never to a desktop).

A picture travels as the file's own bytes in a blob frame; nobody on the way decodes it but predict.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import msgspec

from db.values import Area
from inference_server.protocol.explain import HeatmapReady
from inference_server.protocol.messages import (
    Component,
    Message,
    Preparation,
    QuarantineItem,
    TrainingState,
    Verdict,
)


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """One finished picture file, identified the way a shift crew would name it."""

    id: str  # "<feeder>:<counter>", unique per feeder session
    path: str  # as the feeder sees it
    plot_type: str
    chunked: bool
    run_period: str
    run: int
    chunk: int
    picture_hash: str  # sha256 hex of the file
    picture_time: datetime  # mtime, UTC
    closed_at: (
        datetime  # when the feeder found the file finished, for latency: mtime or rename time
    )
    size_bytes: int


class Submit(Message, frozen=True, kw_only=True):
    """Feeder to balancer (DEALER to ROUTER); the blob is the file."""

    frame: Frame


class Free(Message, frozen=True, kw_only=True):
    """Predict to balancer (DEALER to ROUTER): "I can take ``slots`` frames".

    The first one of a fresh process has ``fresh``: whatever its slot held before is given out again.
    """

    worker: str  # "predict-0"
    slots: int
    fresh: bool = False


class Work(Message, frozen=True, kw_only=True):
    """Balancer to predict; the blob is the file."""

    frame: Frame


class Opinion(Message, frozen=True, kw_only=True):
    """Predict to keeper (PUSH to PULL); blobs: the file, the thumbnail, the features.

    ``features``: float16, shape (D,), little endian, empty when the picture could not be read, or when a
    mask was laid over it: what training learns from is the picture as people see it.
    """

    frame: Frame
    worker: str
    model_id: int | None = None
    scores: dict[str, float] = {}
    anomaly: float | None = None
    shadow_id: int | None = None  # a candidate that judged too, and what it said
    shadow_scores: dict[str, float] = {}
    error: str = ""  # why the picture could not be judged; it goes to quarantine
    width: int = 0
    height: int = 0
    backbone: str = ""
    decode_ms: float = 0.0
    forward_ms: float = 0.0
    masked: tuple[Area, ...] = ()  # that were left out; then no features come along


class Afterthought(Message, frozen=True, kw_only=True):
    """Predict to keeper: what a whole network in the shadow says of a picture whose opinion went before."""

    frame: Frame
    model_id: int
    scores: dict[str, float]


ToKeeper: TypeAlias = Opinion | Afterthought


class Settled(Message, frozen=True, kw_only=True):
    """Keeper to balancer to feeder: this frame is durable (or in quarantine); drop the file.

    ``outcome``: "stored", "duplicate" or "quarantined".
    """

    frame_id: str
    outcome: str
    reason: str = ""


class Published(Message, frozen=True, kw_only=True):
    """Keeper to gateway (bus): a durable verdict; the blob is the thumbnail."""

    verdict: Verdict
    sequence: int  # keeper's own count, so that the gateway notices a gap


BATCHES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)  # pictures


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Values counted since the role started: how many were at most each bound, and how many above."""

    counts: tuple[int, ...] = ()
    sum: float = 0.0


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What only monitoring systems read; counted since the role started."""

    batches: Counts = Counts()  # by BATCHES
    loads: Counts = Counts()  # models, by BOUNDS_MS
    load_failures: int = 0
    refused: int = 0  # clients whose key is not known
    spooled: int | None = None  # verdicts that wait on disk for the database
    stuck: bool = False  # verdicts can be kept nowhere
    gpu_used_bytes: int | None = None
    gpu_total_bytes: int = 0


class Pulse(Message, frozen=True, kw_only=True):
    """Every role to the gateway (bus), once a second."""

    component: Component
    measured: Measured = Measured()


class SetAside(Message, frozen=True, kw_only=True):
    """Feeder or keeper to the gateway (bus): a picture went to quarantine.

    ``plot_type`` is empty where the name did not say which one it is.
    """

    item: QuarantineItem
    plot_type: str = ""
    chunked: bool = False


class TrainingMoved(Message, frozen=True, kw_only=True):
    """Trainer to the gateway (bus)."""

    training: TrainingState


class Prepared(Message, frozen=True, kw_only=True):
    """Supervisor to the gateway (bus): start-up progress."""

    preparation: Preparation


class CatalogueTouched(Message, frozen=True, kw_only=True):
    """Any role to the gateway (bus): rows of the catalogue changed in the database."""


class CatalogueRevision(Message, frozen=True, kw_only=True):
    """Gateway to all roles (control), each second and at each change: reload if it moved."""

    revision: int


class TrainJob(Message, frozen=True, kw_only=True):
    """Gateway to trainer (control): take the waiting jobs from the database."""

    job_id: int


class ExplainJob(Message, frozen=True, kw_only=True):
    """Gateway to explain (control): a person waits for this heat map.

    Without a picture: a Bad was published, look what the database has waiting.
    """

    picture_hash: str = ""
    class_name: str = ""
    plot_type_id: int | None = None


class RerunJob(Message, frozen=True, kw_only=True):
    """Gateway to explain (control): a replay waits for what this model says of these pictures."""

    model_id: int
    picture_ids: tuple[int, ...]


class HeatmapMade(Message, frozen=True, kw_only=True):
    """Explain to the gateway (bus): for all desktops."""

    ready: HeatmapReady


Bus = Published | Pulse | SetAside | TrainingMoved | Prepared | CatalogueTouched | HeatmapMade
Control = CatalogueRevision | TrainJob | ExplainJob | RerunJob
