"""Curves of a model: metrics against threshold, calibration, learning."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from inference_server.protocol.base import Message
from inference_server.protocol.matrix import Share, Source


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


class CurvePoint(msgspec.Struct, frozen=True, kw_only=False):
    """One pass of a training over its pictures; losses in nats, after calibration on validation."""

    number: int
    training_loss: float
    validation_loss: float
    accuracy: float  # on validation pictures, 0..1


class LearningPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A model of the plot type: on how many pictures it was trained, how good it is."""

    model_id: int
    pictures: int
    accuracy: Share


class GetModelCurves(Message, frozen=True, kw_only=True):
    """Metric against threshold, calibration, learning curve."""

    model_id: int
    class_name: str
    source: Source = Source.VALIDATION


class ModelCurves(Message, frozen=True, kw_only=True):
    """Figures to draw."""

    model_id: int
    class_name: str
    metric: tuple[MetricPoint, ...]
    calibration: tuple[CalibrationBar, ...]
    learning: tuple[LearningPoint, ...]
    calibration_error: float | None = None
    grown: tuple[LearningPoint, ...] = ()  # heads that its training made of a part of its labels
    passes: tuple[CurvePoint, ...] = ()  # of the training; a head is fitted in one go and has none
    growth: str = ""  # what ``grown`` says of more labels, in words


CurvesRequest: TypeAlias = GetModelCurves
CurvesReply: TypeAlias = ModelCurves

__all__ = ["CurvesReply", "CurvesRequest"]
