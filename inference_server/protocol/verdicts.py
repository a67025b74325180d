"""What Hydra says of one picture."""

from __future__ import annotations

from datetime import datetime

import msgspec

from inference_server.protocol.base import Message, Severity
from inference_server.protocol.masks import Area


class ClassScore(msgspec.Struct, frozen=True, kw_only=True):
    """The confidence of one class, and the threshold that was in force."""

    name: str
    severity: Severity
    confidence: float
    threshold: float


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What Hydra says of one picture; durable (committed, or journalled) before anyone hears it.

    ``label`` is ``"NoModel"`` where the plot type has no active model; then ``scores`` is empty.
    """

    plot_type_id: int
    plot_type: str
    chunked: bool
    run_period: str
    run: int
    chunk: int  # 0 for a whole-run plot
    picture_hash: str  # sha256 of the file, hex: the handle for PictureRequest
    label: str
    severity: Severity
    confidence: float
    confirmed: bool
    scores: tuple[ClassScore, ...] = ()  # most confident first
    anomaly: float | None = None  # 1.0 = as far from Good as the farthest Good ones seen
    model_id: int | None = None
    unbiased: bool = False
    picture_time: datetime  # the file's own time
    judged_at: datetime
    latency_ms: float = 0.0  # from file close to published verdict
    inference_id: int | None = None  # None while the database is away
    masked: tuple[Area, ...] = ()  # known problem areas that were left out


class Judged(Message, frozen=True, kw_only=True):
    """A new verdict. The blob is its thumbnail (JPEG or PNG), possibly empty."""

    verdict: Verdict
