"""How many votes there are, and how right verdicts were of late."""

from __future__ import annotations

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from db.tables.judging import InferenceRow
from db.tables.people import CurrentLabelRow, LabelRow
from db.tables.plots import PictureRow, PlotTypeRow

NEWEST = 200  # labelled pictures of a plot type that its trailing accuracy is of
LEAST = 10  # fewer say nothing


def newest_vote(session: Session) -> int:
    """The id of the newest vote; 0: there is none."""
    return session.scalar(select(func.max(LabelRow.id))) or 0


def votes(session: Session, after: int, until: int) -> dict[tuple[str, str], int]:
    """How many votes with ids in ``after`` < id <= ``until`` the pictures of each plot type got.

    The second word says where its pictures came from: "live" or "import".
    """
    source = case((PictureRow.source == "import", "import"), else_="live")
    query = (
        select(PlotTypeRow.name, source, func.count(LabelRow.id))
        .select_from(LabelRow)
        .join(PictureRow, PictureRow.id == LabelRow.picture_id)
        .join(PlotTypeRow, PlotTypeRow.id == PictureRow.plot_type_id)
        .where(LabelRow.kind == "label", LabelRow.id > after, LabelRow.id <= until)
        .group_by(PlotTypeRow.name, source)
    )
    return {(name, where): count for name, where, count in session.execute(query)}


def trailing(session: Session) -> dict[str, float]:
    """By plot type: the share of right verdicts among the newest labelled pictures drawn at random."""
    found = {}
    for number, name in session.execute(select(PlotTypeRow.id, PlotTypeRow.name)).all():
        query = (
            select(InferenceRow.label == CurrentLabelRow.class_name)
            .join(CurrentLabelRow, CurrentLabelRow.picture_id == InferenceRow.picture_id)
            .where(
                InferenceRow.plot_type_id == number,
                InferenceRow.unbiased,
                InferenceRow.model_id.is_not(None),
                InferenceRow.masked.is_(None),  # people saw more of them than the model
                CurrentLabelRow.class_name.is_not(None),
            )
            .order_by(
                InferenceRow.run.desc(), InferenceRow.chunk.desc(), InferenceRow.picture_id.desc()
            )
            .limit(NEWEST)
        )
        right = [bool(each) for each in session.scalars(query)]
        if len(right) >= LEAST:
            found[name] = sum(right) / len(right)
    return found
