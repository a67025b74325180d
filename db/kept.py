"""Which pictures no rule may ever remove, as a condition on their rows."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Exists, and_, exists, select
from sqlalchemy.orm import Session

from db.tables.alarms import AlarmStateRow
from db.tables.judging import InferenceRow
from db.tables.masks import MaskRow
from db.tables.people import LabelRow
from db.tables.plots import PictureRow


def may_go(session: Session) -> ColumnElement[bool]:
    """True for the pictures that neither people, nor the log, an alarm or a mask need."""
    return and_(
        PictureRow.pin.is_(None),
        ~_spoken_of(),
        ~_is_logged(),
        ~_fills_a_mask(),
        PictureRow.picture_hash.not_in(_shown_by_alarms(session)),
    )


def _spoken_of() -> Exists:
    """Somebody labelled it, said a word on it or flagged it.

    A label that was taken back counts too: votes are never removed, and a model may have learned from this one,
    so every picture of a frozen training set is among these.
    """
    return exists().where(LabelRow.picture_id == PictureRow.id, LabelRow.kind != "skip")


def _is_logged() -> Exists:
    """Bad or Unconfirmed in the eyes of a model: the log and its reports show it for ever."""
    return exists().where(InferenceRow.picture_id == PictureRow.id, InferenceRow.noteworthy)


def _fills_a_mask() -> Exists:
    """A masked area shows this picture instead, as long as nobody has ended the mask."""
    return exists().where(
        MaskRow.reference_hash == PictureRow.picture_hash, MaskRow.ended_at.is_(None)
    )


def _shown_by_alarms(session: Session) -> set[str]:
    """Pictures of the alarms that stand: of plots that stay away, the last one that came.

    Read first: within the condition some databases would unpack every alarm for every picture.
    """
    open_ones = select(AlarmStateRow.state).where(AlarmStateRow.condition != "normal")
    return {str(state.get("picture_hash", "")) for state in session.scalars(open_ones)}
