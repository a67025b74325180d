"""First votes on many new pictures in a few statements, as an import makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import inserts
from db.tables.people import CurrentLabelRow, LabelRow


@dataclass(frozen=True, slots=True)
class FirstLabel:
    """A vote on a picture that was added in this transaction."""

    client_id: str
    picture_id: int
    plot_type_id: int
    class_name: str  # of the vocabulary


def put(session: Session, labels: Sequence[FirstLabel], *, who: str, at: datetime) -> None:
    """The only vote on a picture is its label by every rule, and no model has yet said anything else.

    A picture that anybody may have voted on, or judged, goes through ``labels.vote`` instead.
    """
    inserts.missing(session, LabelRow, [_vote(each, who, at) for each in labels])
    ids: dict[str, int] = dict(
        session.execute(
            select(LabelRow.client_id, LabelRow.id).where(
                LabelRow.client_id.in_([each.client_id for each in labels])
            )
        ).all()
    )
    inserts.missing(
        session, CurrentLabelRow, [_current(each, ids[each.client_id], who, at) for each in labels]
    )


def _vote(label: FirstLabel, who: str, at: datetime) -> dict[str, object]:
    return {
        "client_id": label.client_id,
        "picture_id": label.picture_id,
        "who": who,
        "class_name": label.class_name,
        "kind": "label",
        "comment": "",
        "verdict_visible": False,
        "seconds": None,
        "at": at,
    }


def _current(label: FirstLabel, vote_id: int, who: str, at: datetime) -> dict[str, object]:
    return {
        "picture_id": label.picture_id,
        "label_id": vote_id,
        "class_name": label.class_name,
        "who": who,
        "at": at,
        "disputed": False,
        "plot_type_id": label.plot_type_id,
        "suspected": None,
        "suspicion": None,
    }
