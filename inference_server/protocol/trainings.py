"""Trainings: asked for, under way, ended."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import msgspec

from inference_server.protocol.base import Message
from inference_server.protocol.curves import CurvePoint


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


class TrainingChanged(Message, frozen=True, kw_only=True):
    """A training moved on."""

    training: TrainingState


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


class Trainings(Message, frozen=True, kw_only=True):
    """The trainings, newest first."""

    trainings: tuple[TrainingState, ...]


TrainingRequest: TypeAlias = StartTraining | StopTraining | GetTrainings
