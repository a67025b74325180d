"""What people said of pictures besides the label that counts: remarks, and the last word of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, aliased

from db.tables.people import LabelRow

ASKING = ("flag", "unsure")  # somebody else shall look
DECIDING = ("label", "taken_back")


@dataclass(frozen=True, slots=True)
class Remark:
    """A flag, "not sure" or comment; ``kind`` as in the votes."""

    kind: str
    who: str
    comment: str
    at: datetime


def open_remarks() -> Select[int]:
    """Ids of pictures that somebody flagged or was not sure of, and nobody labelled since."""
    later = aliased(LabelRow)
    answered = exists().where(
        later.picture_id == LabelRow.picture_id, later.id > LabelRow.id, later.kind == "label"
    )
    return select(LabelRow.picture_id).where(LabelRow.kind.in_(ASKING), ~answered)


def remarks(session: Session, picture_ids: Sequence[int]) -> dict[int, Remark]:
    """The newest open question or comment on each of these pictures; those without one are left out."""
    query = (
        select(LabelRow)
        .where(
            LabelRow.picture_id.in_(picture_ids),
            LabelRow.kind.in_((*ASKING, "comment", "label")),
        )
        .order_by(LabelRow.id)
    )
    found: dict[int, Remark] = {}
    for row in session.scalars(query):
        if row.kind != "label":
            found[row.picture_id] = Remark(row.kind, row.who, row.comment, row.at)
        elif (held := found.get(row.picture_id)) and held.kind in ASKING:
            del found[row.picture_id]  # answered
    return found


def last_words(session: Session, picture_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """By picture the last class that each person gave, in the order in which they gave it."""
    query = (
        select(LabelRow.picture_id, LabelRow.who, LabelRow.class_name)
        .where(LabelRow.picture_id.in_(picture_ids), LabelRow.kind.in_(DECIDING))
        .order_by(LabelRow.id)
    )
    said: dict[int, dict[str, str]] = {}
    for picture, who, class_name in session.execute(query):
        words = said.setdefault(picture, {})
        words.pop(who, None)
        if class_name is not None:
            words[who] = class_name
    return said
