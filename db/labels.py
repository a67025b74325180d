"""Votes: every one kept, the current label derived from them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import inserts
from db.tables.people import CurrentLabelRow, LabelRow
from db.tables.plots import ClassRow, PictureRow, PlotTypeRow, RunPeriodRow
from db.values import ExportedLabel

PAGE = 1000


def vote(
    session: Session,
    *,
    picture_id: int,
    class_name: str | None,
    who: str,
    at: datetime,
    client_id: str,
    kind: str = "label",
    comment: str = "",
    verdict_visible: bool = True,
    seconds: float | None = None,
) -> int:
    """Id of the vote; one that was sent before (same ``client_id``) is not counted again.

    The newest vote with a class is the current label; taking it back leaves the picture unlabelled.
    Raises KeyError: there is no such picture or class.
    """
    sent_before = select(LabelRow).where(LabelRow.client_id == client_id)
    if (known := session.scalars(sent_before).first()) is not None:
        return known.id
    _check(session, picture_id, class_name)
    row = {
        "client_id": client_id,
        "picture_id": picture_id,
        "who": who,
        "class_name": class_name,
        "kind": kind,
        "comment": comment,
        "verdict_visible": verdict_visible,
        "seconds": seconds,
        "at": at,
    }
    inserts.missing(session, LabelRow, [row])
    stored = session.scalars(sent_before).one()
    _settle(session, stored)
    return stored.id


def was_sent(session: Session, client_id: str) -> bool:
    """Whether this vote is there already."""
    query = select(LabelRow.id).where(LabelRow.client_id == client_id)
    return session.scalar(query) is not None


def _check(session: Session, picture_id: int, class_name: str | None) -> None:
    # The picture stays locked until the end: of two votes in the same moment one waits, so that
    # the current label is the newest one's. SQLite has one writer anyway.
    picture = select(PictureRow.id).where(PictureRow.id == picture_id).with_for_update()
    if session.scalar(picture) is None:
        raise KeyError(f"there is no picture {picture_id}")
    known = select(ClassRow.id).where(ClassRow.name == class_name)
    if class_name is not None and session.scalar(known) is None:
        raise KeyError(f"there is no class {class_name}")


def _settle(session: Session, vote: LabelRow) -> None:
    """Make the current label follow a vote that says something about the class."""
    if vote.kind not in {"label", "taken_back"}:
        return
    current = session.get(CurrentLabelRow, vote.picture_id)
    if vote.class_name is None:
        if current is not None:
            session.delete(current)
    elif current is None:
        session.add(
            CurrentLabelRow(
                picture_id=vote.picture_id,
                label_id=vote.id,
                class_name=vote.class_name,
                who=vote.who,
                at=vote.at,
            )
        )
    else:
        current.label_id, current.class_name = vote.id, vote.class_name
        current.who, current.at = vote.who, vote.at
    session.flush()


def export(session: Session, plot_type: str | None = None) -> Iterator[ExportedLabel]:
    """The current labels, page by page in the order of the pictures' ids."""
    query = (
        select(
            PictureRow, PlotTypeRow.name, PlotTypeRow.chunked, RunPeriodRow.name, CurrentLabelRow
        )
        .join(PlotTypeRow, PlotTypeRow.id == PictureRow.plot_type_id)
        .join(RunPeriodRow, RunPeriodRow.id == PictureRow.run_period_id)
        .join(CurrentLabelRow, CurrentLabelRow.picture_id == PictureRow.id)
        .order_by(PictureRow.id)
        .limit(PAGE)
    )
    if plot_type is not None:
        query = query.where(PlotTypeRow.name == plot_type)
    last = 0
    while page := session.execute(query.where(PictureRow.id > last)).all():
        for picture, name, chunked, period, label in page:
            yield ExportedLabel(
                plot_type=name,
                chunked=chunked,
                run_period=period,
                run=picture.run,
                chunk=picture.chunk,
                file_name=picture.file_name,
                picture_hash=picture.picture_hash,
                extension=picture.extension,
                class_name=label.class_name,
                who=label.who,
                at=label.at,
            )
        last = page[-1][0].id
