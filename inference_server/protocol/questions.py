"""The training report: what a model took for something else, as questions, with people's answers.

Any label that a person gives to such a picture, wherever, is an answer.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import msgspec

from inference_server.protocol.base import Message


class ReportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Who said what of the picture, and when."""

    who: str
    class_name: str
    at: datetime
    comment: str = ""


class ReportQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Who is right, the person or the AI? ``confidence``: of what it said, 0..1."""

    picture_id: int
    picture_hash: str
    run_period: str
    run: int
    chunk: int
    said: str
    confidence: float
    labelled: str  # when the model was trained
    now: str  # the label now; empty: none
    labelled_by: str = ""
    answers: tuple[ReportAnswer, ...] = ()  # the oldest first


class GetQuestions(Message, frozen=True, kw_only=True):
    """A page of the report on a model, the surest mistakes first."""

    model_id: int
    offset: int = 0
    limit: int = 24


class Questions(Message, frozen=True, kw_only=True):
    """``total`` questions, of which ``answered`` have an answer."""

    model_id: int
    total: int
    answered: int
    offset: int
    questions: tuple[ReportQuestion, ...]


QuestionRequest: TypeAlias = GetQuestions
QuestionReply: TypeAlias = Questions

__all__ = ["QuestionReply", "QuestionRequest"]
