"""Heat maps: which there are, and which Bad pictures still want one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session

from db import inserts, masks
from db.tables.judging import HeatmapRow, InferenceRow
from db.tables.models import ModelRow
from db.tables.plots import PictureRow, PlotTypeRow
from db.values import HeatmapSubject


def subject(
    session: Session, picture_hash: str, class_name: str = "", plot_type_id: int | None = None
) -> HeatmapSubject:
    """What a heat map of a picture would be of; an empty ``class_name`` means that of the verdict.

    Raises KeyError: no such picture. ValueError: no model to ask, or it does not know the class.
    """
    query = (
        select(PictureRow, InferenceRow, PlotTypeRow)
        .join(PlotTypeRow, PlotTypeRow.id == PictureRow.plot_type_id)
        .outerjoin(InferenceRow, InferenceRow.picture_id == PictureRow.id)
        .where(PictureRow.picture_hash == picture_hash)
        .order_by(PictureRow.stored.desc(), PictureRow.id.desc())
        .limit(1)
    )
    if plot_type_id is not None:
        query = query.where(PictureRow.plot_type_id == plot_type_id)
    if (found := session.execute(query).first()) is None:
        raise KeyError("the server does not know this picture")
    picture, verdict, plot_type = found
    judged = verdict is not None and verdict.model_id is not None
    model = session.get(ModelRow, verdict.model_id if judged else plot_type.active_model_id or 0)
    if model is None:
        raise ValueError(f"{plot_type.name} has no model that could be asked where it looks")
    wanted = class_name or (verdict.label if judged else "")
    if wanted not in model.labels:
        known = ", ".join(model.labels)
        raise ValueError(f"model {model.id} does not know the class {wanted}; it knows {known}")
    return _subject(picture, model, wanted, verdict.masked if judged else None)


def file_of(session: Session, subject: HeatmapSubject) -> str | None:
    """The hash of the file of a heat map that was made; None: there is none yet."""
    return session.scalar(
        select(HeatmapRow.file_hash).where(
            HeatmapRow.picture_id == subject.picture_id,
            HeatmapRow.model_id == subject.model_id,
            HeatmapRow.label == subject.class_name,
        )
    )


def put(session: Session, subject: HeatmapSubject, file_hash: str, at: datetime) -> None:
    """Note that a heat map was made; one that is known keeps its first file (it is the same)."""
    row = {
        "picture_id": subject.picture_id,
        "model_id": subject.model_id,
        "label": subject.class_name,
        "file_hash": file_hash,
        "made_at": at,
    }
    inserts.missing(session, HeatmapRow, [row])


def waiting(session: Session, since: datetime, limit: int) -> list[HeatmapSubject]:
    """Bad pictures judged after ``since`` that have no heat map of their verdict, newest first."""
    made = exists().where(
        HeatmapRow.picture_id == InferenceRow.picture_id,
        HeatmapRow.model_id == InferenceRow.model_id,
        HeatmapRow.label == InferenceRow.label,
    )
    rows = session.execute(
        select(PictureRow, ModelRow, InferenceRow.label, InferenceRow.masked)
        .join(InferenceRow, InferenceRow.picture_id == PictureRow.id)
        .join(ModelRow, ModelRow.id == InferenceRow.model_id)
        .where(
            and_(InferenceRow.noteworthy, InferenceRow.judged_at >= since),
            InferenceRow.severity == "bad",
            PictureRow.stored,
            ~made,
        )
        .order_by(InferenceRow.judged_at.desc(), InferenceRow.id.desc())
        .limit(limit)
    )
    return [_subject(picture, model, label, masked) for picture, model, label, masked in rows]


def _subject(
    picture: PictureRow, model: ModelRow, class_name: str, masked: list[list[float]] | None
) -> HeatmapSubject:
    return HeatmapSubject(
        picture_id=picture.id,
        picture_hash=picture.picture_hash,
        extension=picture.extension,
        stored=picture.stored,
        model_id=model.id,
        folder=model.folder,
        class_name=class_name,
        masked=masks.unpacked(masked),
    )
