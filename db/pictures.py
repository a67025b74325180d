"""Pictures: known ones, their features, where their files are, which may go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Exists, and_, exists, func, select, tuple_, update
from sqlalchemy.orm import Session

from db import inserts
from db.tables.people import CurrentLabelRow
from db.tables.plots import ClassRow, FeatureRow, PictureRow, RunPeriodRow
from db.values import LabelledPicture, NewPicture, PicturePlace

Key = tuple[int, int, int, int, str]  # plot type, run period, run, chunk, hash


def run_periods(session: Session, names: Collection[str]) -> dict[str, int]:
    """Ids of run periods; made where unknown."""
    query = select(RunPeriodRow.name, RunPeriodRow.id).where(RunPeriodRow.name.in_(set(names)))
    found = dict(session.execute(query).all())
    if unknown := sorted(set(names) - found.keys()):
        inserts.missing(session, RunPeriodRow, [{"name": name} for name in unknown])
        found = dict(session.execute(query).all())
    return found


def add_all(session: Session, batch: Sequence[NewPicture]) -> list[tuple[int, bool]]:
    """Id of each picture, and whether it is new; twins in the batch share a row."""
    if not batch:
        return []
    periods = run_periods(session, {each.run_period for each in batch})
    keys = [
        (each.plot_type_id, periods[each.run_period], each.run, each.chunk, each.picture_hash)
        for each in batch
    ]
    known = _known(session, keys)
    fresh: dict[Key, NewPicture] = {}
    for key, each in zip(keys, batch, strict=True):
        if key not in known:
            fresh.setdefault(key, each)
    inserts.missing(session, PictureRow, [_values(key, each) for key, each in fresh.items()])
    ids = known | _known(session, list(fresh))
    _remember_stored(
        session, [ids[k] for k, each in zip(keys, batch, strict=True) if each.stored and k in known]
    )
    new = set(fresh)
    result = []
    for key in keys:
        result.append((ids[key], key in new))
        new.discard(key)
    return result


def add(session: Session, picture: NewPicture) -> int:
    """Id of one picture, new or known."""
    return add_all(session, [picture])[0][0]


def by_hash(session: Session, picture_hash: str) -> PicturePlace | None:
    """Where the file with this content is; one whose file is stored comes first."""
    row = session.scalars(
        select(PictureRow)
        .where(PictureRow.picture_hash == picture_hash)
        .order_by(PictureRow.stored.desc(), PictureRow.id)
        .limit(1)
    ).first()
    return None if row is None else place(row)


def put_features(session: Session, rows: Iterable[tuple[int, str, bytes]]) -> None:
    """Keep features: picture id, backbone id, float16 bytes. Known ones stay as they are."""
    offered = {(picture, backbone): vector for picture, backbone, vector in rows}
    inserts.missing(
        session,
        FeatureRow,
        [
            {"picture_id": picture, "backbone": backbone, "vector": vector}
            for (picture, backbone), vector in offered.items()
        ],
    )


def features_of(session: Session, picture_ids: Collection[int]) -> dict[int, bytes]:
    """The newest kind of features of each picture that has any: float16, little endian."""
    query = select(FeatureRow.picture_id, FeatureRow.backbone, FeatureRow.vector).where(
        FeatureRow.picture_id.in_(picture_ids)
    )
    rows = session.execute(query).all()
    lengths = {len(vector) for _, _, vector in rows}
    common = max(lengths, key=lambda size: sum(len(row[2]) == size for row in rows), default=0)
    return {picture: vector for picture, _, vector in rows if len(vector) == common}


def unlabelled_features(session: Session, picture_id: int, *, limit: int) -> dict[int, bytes]:
    """Features of the newest stored pictures without a label, of the same plot type and backbone."""
    own = (
        select(PictureRow.plot_type_id, FeatureRow.backbone)
        .join(FeatureRow, FeatureRow.picture_id == PictureRow.id)
        .where(PictureRow.id == picture_id)
    )
    found = session.execute(own).first()
    if found is None:
        return {}
    query = (
        select(PictureRow.id, FeatureRow.vector)
        .join(
            FeatureRow,
            and_(FeatureRow.picture_id == PictureRow.id, FeatureRow.backbone == found.backbone),
        )
        .where(PictureRow.plot_type_id == found.plot_type_id, PictureRow.stored, ~_has_label())
        .order_by(PictureRow.run.desc(), PictureRow.chunk.desc(), PictureRow.id.desc())
        .limit(limit)
    )
    return dict(session.execute(query).all())


def kind_of(session: Session, picture_id: int) -> int:
    """The plot type of a picture. Raises KeyError: there is no such picture."""
    found = session.scalar(select(PictureRow.plot_type_id).where(PictureRow.id == picture_id))
    if found is None:
        raise KeyError(f"there is no picture {picture_id}")
    return found


def labelled(session: Session, plot_type_id: int, backbone: str) -> list[LabelledPicture]:
    """The pictures of a plot type that can teach: labelled, and not as Ignore; by run and chunk."""
    query = (
        select(PictureRow, RunPeriodRow.name, CurrentLabelRow.class_name, FeatureRow.vector)
        .join(RunPeriodRow, RunPeriodRow.id == PictureRow.run_period_id)
        .join(CurrentLabelRow, CurrentLabelRow.picture_id == PictureRow.id)
        .join(ClassRow, and_(ClassRow.name == CurrentLabelRow.class_name, ClassRow.teaches))
        .outerjoin(
            FeatureRow,
            and_(FeatureRow.picture_id == PictureRow.id, FeatureRow.backbone == backbone),
        )
        .where(PictureRow.plot_type_id == plot_type_id, PictureRow.training_weight > 0)
        .order_by(RunPeriodRow.name, PictureRow.run, PictureRow.chunk, PictureRow.id)
    )
    return [
        LabelledPicture(
            picture_id=row.id,
            run_period=period,
            run=row.run,
            chunk=row.chunk,
            picture_hash=row.picture_hash,
            extension=row.extension,
            stored=row.stored,
            class_name=class_name or "",
            pin=row.pin,
            weight=row.training_weight,
            features=vector,
        )
        for row, period, class_name, vector in session.execute(query)
    ]


def stored_bytes(session: Session) -> int:
    """Size of all stored pictures (files that several rows share count for each)."""
    return int(
        session.scalar(select(func.sum(PictureRow.size_bytes)).where(PictureRow.stored)) or 0
    )


def _has_label() -> Exists:
    return exists().where(CurrentLabelRow.picture_id == PictureRow.id)


def _known(session: Session, keys: Sequence[Key]) -> dict[Key, int]:
    columns = (
        PictureRow.plot_type_id, PictureRow.run_period_id, PictureRow.run, PictureRow.chunk,
        PictureRow.picture_hash,
    )  # fmt: skip
    found: dict[Key, int] = {}
    for start in range(0, len(keys), 500):  # SQLite takes a limited number of values
        part = keys[start : start + 500]
        for row in session.execute(
            select(PictureRow.id, *columns).where(tuple_(*columns).in_(part))
        ):
            found[(row[1], row[2], row[3], row[4], row[5])] = row[0]
    return found


def _remember_stored(session: Session, ids: Collection[int]) -> None:
    """A picture that was dropped or only known by name has its file now."""
    if ids:
        session.execute(update(PictureRow).where(PictureRow.id.in_(ids)).values(stored=True))


def _values(key: Key, new: NewPicture) -> dict[str, Any]:
    return {
        "plot_type_id": key[0],
        "run_period_id": key[1],
        "run": new.run,
        "chunk": new.chunk,
        "picture_hash": new.picture_hash,
        "file_name": new.file_name,
        "extension": new.extension,
        "width": new.width,
        "height": new.height,
        "size_bytes": new.size_bytes,
        "stored": new.stored,
        "source": new.source,
        "collected": new.collected,
        "picture_time": new.picture_time,
        "received_at": new.received_at,
    }


def place(row: PictureRow) -> PicturePlace:
    """Where the file of a picture is."""
    return PicturePlace(
        id=row.id,
        picture_hash=row.picture_hash,
        extension=row.extension,
        stored=row.stored,
        size_bytes=row.size_bytes,
    )
