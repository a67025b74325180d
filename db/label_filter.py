"""What a person asks of a labelling queue besides its kind, as conditions of a query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import SQLColumnExpression, exists, or_

from db.tables.judging import InferenceRow
from db.tables.people import CurrentLabelRow, LabelRow
from db.tables.plots import PictureRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What a person asks of a queue besides its kind; a field at its default narrows nothing."""

    run_from: int | None = None
    run_to: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    class_name: str = ""
    labeller: str = ""
    said: str = ""
    confidence_from: float = 0.0
    confidence_to: float = 1.0
    text: str = ""


def narrowed(asked: Narrowing) -> list[SQLColumnExpression[bool]]:
    """The conditions on pictures, verdicts and current labels that ``asked`` makes."""
    conditions: list[SQLColumnExpression[bool]] = []
    if asked.run_from is not None:
        conditions.append(PictureRow.run >= asked.run_from)
    if asked.run_to is not None:
        conditions.append(PictureRow.run <= asked.run_to)
    if asked.since is not None:
        conditions.append(PictureRow.picture_time >= asked.since)
    if asked.until is not None:
        conditions.append(PictureRow.picture_time <= asked.until)
    if asked.class_name:
        conditions.append(CurrentLabelRow.class_name == asked.class_name)
    if asked.said:
        conditions.append(InferenceRow.label == asked.said)
    if (asked.confidence_from, asked.confidence_to) != (0.0, 1.0):
        conditions.append(
            InferenceRow.confidence.between(asked.confidence_from, asked.confidence_to)
        )
    return conditions + _by_votes(asked)


def _by_votes(asked: Narrowing) -> list[SQLColumnExpression[bool]]:
    on_it = LabelRow.picture_id == PictureRow.id
    conditions: list[SQLColumnExpression[bool]] = []
    if asked.labeller:
        conditions.append(exists().where(on_it, LabelRow.who == asked.labeller))
    if asked.text:
        commented = exists().where(on_it, LabelRow.comment.contains(asked.text, autoescape=True))
        named = PictureRow.file_name.contains(asked.text, autoescape=True)
        conditions.append(or_(commented, named))
    return conditions
