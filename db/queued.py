"""A picture of a labelling queue with what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

Key = tuple[float, ...]  # where a picture stands in a queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A picture of a queue with what is known of it; ``key`` is where the next page begins."""

    picture_id: int
    plot_type_id: int
    plot_type: str
    run_period: str
    run: int
    chunk: int
    picture_hash: str
    picture_time: datetime
    pin: str
    weight: int
    said: str
    severity: str
    confidence: float
    confirmed: bool
    unbiased: bool
    scores: dict[str, float]
    thresholds: dict[str, float]
    margin: float
    doubts: dict[str, float]  # by the newest model that was asked: what the margin is of
    suspected: str  # what speaks against the label; empty: nothing
    suspicion: float
    class_name: str
    who: str
    labelled_at: datetime | None
    label_id: int
    disputed: bool
    key: tuple[float, ...]


def queued(row: Any, key: Key) -> Queued:
    """From picture, plot type, run period, verdict and current label; the last two may be missing."""
    picture, plot_type, period, verdict, label = row
    judged = verdict is not None and verdict.model_id is not None
    return Queued(
        picture_id=picture.id,
        plot_type_id=picture.plot_type_id,
        plot_type=plot_type,
        run_period=period,
        run=picture.run,
        chunk=picture.chunk,
        picture_hash=picture.picture_hash,
        picture_time=picture.picture_time,
        pin=picture.pin or "",
        weight=picture.training_weight,
        said=verdict.label if judged else "",
        severity=verdict.severity if judged else "",
        confidence=verdict.confidence if judged else 0.0,
        confirmed=judged and verdict.confirmed,
        unbiased=verdict is not None and verdict.unbiased,
        scores=dict(verdict.scores) if judged else {},
        thresholds=dict(verdict.thresholds) if judged else {},
        margin=verdict.margin if judged else 1.0,
        doubts=dict(verdict.rescored or verdict.scores) if judged else {},
        suspected=(label.suspected or "") if label is not None else "",
        suspicion=(label.suspicion or 0.0) if label is not None else 0.0,
        class_name=(label.class_name or "") if label is not None else "",
        who=label.who if label is not None else "",
        labelled_at=label.at if label is not None else None,
        label_id=label.label_id if label is not None else 0,
        disputed=label is not None and label.disputed,
        key=key,
    )
