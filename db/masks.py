"""Masks: known problem areas that judging leaves out; every one is kept, with who set and ended it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from db import audit
from db.tables.judging import InferenceRow
from db.tables.masks import MaskRow
from db.tables.people import CurrentLabelRow
from db.tables.plots import ClassRow, PictureRow, PlotTypeRow, RunPeriodRow
from db.values import Area, Mask

MOST_AREAS = 12
LEAST_SIDE = 0.005  # of a picture: less is a slip of the hand
MOST_COVERED = 0.5  # of a picture: beyond that nobody watches it any more


def current(session: Session, now: datetime) -> tuple[Mask, ...]:
    """Those that nobody has ended and whose time is not over, by plot type.

    Whether one that goes with a run period is in force depends on the picture: ``in_force``.
    """
    query = _joined().where(
        MaskRow.ended_at.is_(None), or_(MaskRow.until.is_(None), MaskRow.until > now)
    )
    rows = session.execute(query.order_by(MaskRow.plot_type_id, MaskRow.id))
    return tuple(_mask(row, name) for row, name in rows)


def every(session: Session, limit: int) -> list[Mask]:
    """The newest ``limit`` ones, ended ones too, newest first."""
    rows = session.execute(_joined().order_by(MaskRow.id.desc()).limit(limit))
    return [_mask(row, name) for row, name in rows]


def in_force(masks: Sequence[Mask], run_period: str, at: datetime) -> tuple[Mask, ...]:
    """Those of ``masks`` that hold for a picture of ``run_period`` at the time ``at``."""
    return tuple(
        each
        for each in masks
        if each.ended_at is None
        and (each.until is None or each.until > at)
        and each.run_period in ("", run_period)
    )


def add(
    session: Session,
    plot_type_id: int,
    areas: Sequence[Area],
    *,
    reason: str,
    contact: str,
    who: str,
    at: datetime,
    until: datetime | None = None,
    this_period: bool = False,
) -> int:
    """Set a mask, with an audit entry; its id. ``this_period``: it ends with the run period.

    Raises KeyError: no such plot type; ValueError: the areas or the end make no sense, no reason.
    """
    plot_type = session.get(PlotTypeRow, plot_type_id)
    if plot_type is None:
        raise KeyError(f"there is no plot type {plot_type_id}")
    check(areas)
    _check_words(reason, at, until)
    run_period = _period_of(session, plot_type) if this_period else ""
    reference_hash, extension = _reference(session, plot_type_id)
    row = MaskRow(
        plot_type_id=plot_type_id,
        areas=[_sides(each) for each in areas],
        reason=reason.strip(),
        contact=contact.strip(),
        who=who,
        since=at,
        until=until,
        run_period=run_period,
        reference_hash=reference_hash,
        reference_extension=extension,
    )
    session.add(row)
    session.flush()
    _write_set(session, row, plot_type.name)
    return row.id


def _check_words(reason: str, at: datetime, until: datetime | None) -> None:
    if not reason.strip():
        raise ValueError("a mask needs a reason: others will read it")
    if until is not None and until <= at:
        raise ValueError("the mask would end before it begins")


def _period_of(session: Session, plot_type: PlotTypeRow) -> str:
    found = period(session, plot_type.id)
    if not found:
        raise ValueError(f"the pictures of {plot_type.name} name no run period. Choose a time")
    return found


def _write_set(session: Session, row: MaskRow, plot_type: str) -> None:
    audit.write(
        session, who=row.who, what="mask", subject=plot_type, before={},
        after={
            "mask": row.id, "areas": row.areas, "reason": row.reason,
            "until": row.until.isoformat() if row.until else row.run_period or "removed",
        },
    )  # fmt: skip


def end(session: Session, mask_id: int, *, who: str, at: datetime) -> Mask:
    """End a mask, with an audit entry. Raises KeyError: no such one; ValueError: it has ended."""
    row = session.get(MaskRow, mask_id)
    if row is None:
        raise KeyError(f"there is no mask {mask_id}")
    if row.ended_at is not None:
        raise ValueError(f"{row.ended_by} has ended this mask already")
    row.ended_at, row.ended_by = at, who
    name = session.get_one(PlotTypeRow, row.plot_type_id).name
    audit.write(
        session, who=who, what="mask", subject=name,
        before={"mask": row.id, "areas": row.areas, "reason": row.reason}, after={},
    )  # fmt: skip
    session.flush()
    return _mask(row, name)


def one(session: Session, mask_id: int) -> Mask:
    """One of them. Raises KeyError: there is no such one."""
    if (found := session.execute(_joined().where(MaskRow.id == mask_id)).first()) is None:
        raise KeyError(f"there is no mask {mask_id}")
    return _mask(found[0], found[1])


def check(areas: Sequence[Area]) -> None:
    """Raises ValueError: no area, too many, one outside the picture, or too much of it."""
    if not 1 <= len(areas) <= MOST_AREAS:
        raise ValueError(f"a mask has 1 to {MOST_AREAS} areas, this one has {len(areas)}")
    for each in areas:
        inside = 0 <= each.left < each.right <= 1 and 0 <= each.top < each.bottom <= 1
        if not inside or min(each.right - each.left, each.bottom - each.top) < LEAST_SIDE:
            raise ValueError("an area lies outside the picture or is too thin")
    covered = sum((each.right - each.left) * (each.bottom - each.top) for each in areas)
    if covered > MOST_COVERED:
        raise ValueError(
            f"the areas cover {covered:.0%} of the picture, {MOST_COVERED:.0%} are the most."
            " Shelve its alarm, or let the maintainer switch the plot off"
        )


def left_out_of(session: Session, picture_hash: str) -> tuple[Area, ...]:
    """The areas that the picture with this content was judged without, the last time that it came."""
    query = (
        select(InferenceRow.masked)
        .join(PictureRow, PictureRow.id == InferenceRow.picture_id)
        .where(PictureRow.picture_hash == picture_hash)
        .order_by(InferenceRow.judged_at.desc(), InferenceRow.id.desc())
        .limit(1)
    )
    return unpacked(session.scalar(query))


# ---------------------------------------------------------------- in the column of a verdict


def packed(areas: Sequence[Area]) -> list[list[float]] | None:
    """As a verdict's row keeps them."""
    return [[each.mask_id, *_sides(each)] for each in areas] or None


def unpacked(rows: Sequence[Sequence[float]] | None) -> tuple[Area, ...]:
    """The inverse of ``packed``."""
    return tuple(_area(sides, int(mask_id)) for mask_id, *sides in rows or ())


def _sides(area: Area) -> list[float]:
    return [area.left, area.top, area.right, area.bottom]


def _area(sides: Sequence[float], mask_id: int) -> Area:
    left, top, right, bottom = sides
    return Area(left=left, top=top, right=right, bottom=bottom, mask_id=mask_id)


# ---------------------------------------------------------------- what a new one needs


def _reference(session: Session, plot_type_id: int) -> tuple[str, str]:
    """The picture that fills the masked areas, hash and extension; empty words: there is none.

    The last one judged Good without a mask; where no model ever did so, the newest that a person
    called Good.
    """
    stored = select(PictureRow.picture_hash, PictureRow.extension).where(
        PictureRow.plot_type_id == plot_type_id, PictureRow.stored
    )
    judged = (
        stored.join(InferenceRow, InferenceRow.picture_id == PictureRow.id)
        .where(
            InferenceRow.plot_type_id == plot_type_id,
            InferenceRow.severity == "good",
            InferenceRow.confirmed,
            InferenceRow.masked.is_(None),
        )
        .order_by(InferenceRow.judged_at.desc(), InferenceRow.id.desc())
    )
    labelled = (
        stored.join(CurrentLabelRow, CurrentLabelRow.picture_id == PictureRow.id)
        .join(
            ClassRow,
            and_(ClassRow.name == CurrentLabelRow.class_name, ClassRow.severity == "good"),
        )
        .order_by(PictureRow.id.desc())
    )
    for query in (judged, labelled):
        if (found := session.execute(query.limit(1)).first()) is not None:
            return found[0], found[1]
    return "", ""


def period(session: Session, plot_type_id: int) -> str:
    """The run period of the newest judged picture; "": there is none, or it has no name."""
    query = (
        select(RunPeriodRow.name)
        .join(PictureRow, PictureRow.run_period_id == RunPeriodRow.id)
        .join(InferenceRow, InferenceRow.picture_id == PictureRow.id)
        .where(InferenceRow.plot_type_id == plot_type_id)
        .order_by(InferenceRow.judged_at.desc(), InferenceRow.id.desc())
        .limit(1)
    )
    return session.scalar(query) or ""


def _joined() -> Select[MaskRow, str]:
    return select(MaskRow, PlotTypeRow.name).join(
        PlotTypeRow, PlotTypeRow.id == MaskRow.plot_type_id
    )


def _mask(row: MaskRow, plot_type: str) -> Mask:
    return Mask(
        id=row.id,
        plot_type_id=row.plot_type_id,
        plot_type=plot_type,
        areas=tuple(_area(sides, row.id) for sides in row.areas),
        reason=row.reason,
        contact=row.contact,
        who=row.who,
        since=row.since,
        until=row.until,
        run_period=row.run_period,
        reference_hash=row.reference_hash,
        reference_extension=row.reference_extension,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )
