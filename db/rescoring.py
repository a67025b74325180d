"""What a newer model says of pictures that wait for a label, so that the uncertain queue is current.

The verdict that was given stays as it was: only the order of the queue and its reason are made anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.orm import Session

from db import inferences
from db.tables.judging import InferenceRow
from db.tables.people import CurrentLabelRow
from db.tables.plots import FeatureRow, PictureRow


def waiting(session: Session, plot_type_id: int, limit: int) -> list[int]:
    """The newest stored and judged pictures of a plot type without a label."""
    return list(
        session.scalars(
            select(InferenceRow.picture_id)
            .join(PictureRow, PictureRow.id == InferenceRow.picture_id)
            .outerjoin(CurrentLabelRow, CurrentLabelRow.picture_id == InferenceRow.picture_id)
            .where(
                InferenceRow.plot_type_id == plot_type_id,
                InferenceRow.model_id.is_not(None),
                PictureRow.stored,
                CurrentLabelRow.picture_id.is_(None),
            )
            .order_by(InferenceRow.run.desc(), InferenceRow.chunk.desc())
            .limit(limit)
        )
    )


def features(session: Session, picture_ids: Sequence[int], backbone: str) -> dict[int, bytes]:
    """The float16 vectors of those pictures that have them."""
    query = select(FeatureRow.picture_id, FeatureRow.vector).where(
        and_(FeatureRow.picture_id.in_(picture_ids), FeatureRow.backbone == backbone)
    )
    return dict(session.execute(query).all())


def keep(session: Session, model_id: int, scores: Mapping[int, Mapping[str, float]]) -> None:
    """Every class's confidence by picture, as ``model_id`` sees it now."""
    if not scores:
        return
    table = InferenceRow.__table__
    change = (
        update(InferenceRow)
        .where(table.c.picture_id == bindparam("picture"))
        .values(
            margin=bindparam("ahead"), rescored=bindparam("said"), rescored_by=bindparam("model")
        )
    )
    rows = [
        {"picture": picture, "ahead": inferences.margin(dict(said)), "said": dict(said), "model": model_id}
        for picture, said in scores.items()
    ]  # fmt: skip
    session.connection().execute(change, rows)
