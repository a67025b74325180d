"""The confusion matrix of a model on labelled pictures, and the pictures behind it.

Confidences and shares are 0..1; histograms have ``BINS`` bars of equal width over 0..1.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import msgspec

from inference_server.protocol.base import Message

BINS = 40


class Source(StrEnum):
    """Which labelled pictures a model is counted on."""

    VALIDATION = "validation"  # judged in training by a head that had not seen their run
    LABELLED = "labelled"  # all labelled ones, those that taught the model among them
    UNBIASED = "unbiased"  # drawn at random and judged live, before anybody labelled them


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A share with its 95 % interval (Wilson 1927); ``of``: how many it was counted on."""

    value: float
    low: float
    high: float
    of: int


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


class ConfusionMatrix(Message, frozen=True, kw_only=True):
    """Cells that have pictures; ``waiting``: labelled pictures that were not judged yet."""

    model_id: int
    source: Source
    classes: tuple[str, ...]
    cells: tuple[MatrixCell, ...]
    total: int
    waiting: int = 0
    taught: int = 0  # of ``total``, how many at most the model was trained on
    note: str = ""
    skill: MatrixSkill | None = None  # None: no pictures


class MatrixPictures(Message, frozen=True, kw_only=True):
    """A page of pictures, and how many there are in all."""

    total: int
    offset: int
    pictures: tuple[JudgedPicture, ...]


MatrixRequest: TypeAlias = GetMatrix | GetMatrixPictures
MatrixReply: TypeAlias = ConfusionMatrix | MatrixPictures

__all__ = ["MatrixReply", "MatrixRequest"]
