"""Live verdicts: stored once per picture, read back as people see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, Table, func, insert, select
from sqlalchemy.orm import Session, aliased

from db import episodes, evaluations, masks, pictures, runs, summaries
from db.base import UtcDateTime
from db.evaluations import Evaluated
from db.tables.judging import InferenceRow
from db.tables.models import ModelRow
from db.tables.plots import PictureRow, PlotTypeRow, RunPeriodRow
from db.values import Inference, NewInference, NewPicture, StoredInference

PAGE = 1000
FEW = 50  # verdicts from which no rate is told


def store(session: Session, batch: Sequence[NewInference]) -> list[StoredInference]:
    """Store a batch with its pictures, runs and episodes; what has a verdict already is a duplicate.

    The order of ``batch`` is the order of judging. A handful of statements, whatever its size.
    """
    if not batch:
        return []
    places = pictures.add_all(session, [_picture(each) for each in batch])
    known = _already(session, [picture for picture, _ in places])
    fresh: dict[int, NewInference] = {}
    for each, (picture_id, _) in zip(batch, places, strict=True):
        if picture_id not in known:
            fresh.setdefault(picture_id, each)
    ids = known | _insert(session, fresh)
    runs_seen = runs.saw(session, list(fresh.values()))
    summaries.add(session, list(fresh.values()), runs_seen)
    _shadowed(session, fresh)
    episodes.follow(session, [(ids[picture_id], each) for picture_id, each in fresh.items()])
    new = set(fresh)
    stored = []
    for picture_id, _ in places:
        stored.append(StoredInference(ids[picture_id], picture_id, picture_id not in new))
        new.discard(picture_id)
    return stored


def newest(session: Session) -> list[Inference]:
    """The newest verdict of each plot type."""
    inner = aliased(InferenceRow)
    last = (
        select(inner.id)
        .where(inner.plot_type_id == PlotTypeRow.id)
        .order_by(inner.judged_at.desc(), inner.id.desc())
        .limit(1)
        .correlate(PlotTypeRow)
        .scalar_subquery()
    )
    ids = [found for found in session.scalars(select(last).select_from(PlotTypeRow)) if found]
    return read(session, joined().where(InferenceRow.id.in_(ids)).order_by(InferenceRow.id))


def after(session: Session, at: datetime, limit: int = 5000) -> list[Inference]:
    """The newest ``limit`` verdicts judged after ``at``, oldest first."""
    query = joined().where(InferenceRow.judged_at > at)
    newest = query.order_by(InferenceRow.judged_at.desc(), InferenceRow.id.desc()).limit(limit)
    return read(session, newest)[::-1]


def export(
    session: Session,
    *,
    plot_type: str | None = None,
    run: tuple[int, int] | None = None,
    since: datetime | None = None,
) -> Iterator[Inference]:
    """Verdicts in the order of their ids, page by page; ``run``: first and last, both included."""
    query = joined().order_by(InferenceRow.id).limit(PAGE)
    if plot_type is not None:
        query = query.where(PlotTypeRow.name == plot_type)
    if run is not None:
        query = query.where(InferenceRow.run.between(*run))
    if since is not None:
        query = query.where(InferenceRow.judged_at >= since)
    last = 0
    while page := read(session, query.where(InferenceRow.id > last)):
        yield from page
        last = page[-1].id


def count(session: Session) -> int:
    """How many verdicts there are."""
    return session.scalar(select(func.count(InferenceRow.id))) or 0


def margin(scores: dict[str, float]) -> float:
    """How far the best class is ahead of the second (0..1); 1 where there are not two."""
    best = sorted(scores.values(), reverse=True)[:2]
    return best[0] - best[1] if len(best) == 2 else 1.0


def rate(session: Session, plot_type_id: int, since: datetime, per: timedelta) -> float:
    """Verdicts of a plot type in a time ``per``, as they came since ``since``; 0 with hardly any."""
    query = select(
        func.count(InferenceRow.id),
        func.min(InferenceRow.judged_at, type_=UtcDateTime()),
        func.max(InferenceRow.judged_at, type_=UtcDateTime()),
    ).where(InferenceRow.plot_type_id == plot_type_id, InferenceRow.judged_at >= since)
    count, first, last = session.execute(query).one()
    if count < FEW:
        return 0.0
    return float(count * per / max(last - first, per))


def _insert(session: Session, fresh: dict[int, NewInference]) -> dict[int, int]:
    """Ids by picture. Rows and ids in two statements: MySQL cannot give back those of many rows."""
    if not fresh:
        return {}
    table = cast(Table, InferenceRow.__table__)
    rows = [_values(each, picture_id) for picture_id, each in fresh.items()]
    session.execute(insert(table), rows)
    return _already(session, list(fresh))


def _shadowed(session: Session, fresh: dict[int, NewInference]) -> None:
    """What candidates in the shadow said of the same pictures."""
    found: dict[int, list[Evaluated]] = defaultdict(list)
    for picture_id, each in fresh.items():
        if each.shadow_id is not None and each.shadow_scores:
            found[each.shadow_id].append(Evaluated(picture_id, each.shadow_scores))
    for model_id, evaluated in found.items():
        evaluations.add(session, model_id, "shadow", evaluated)


def _already(session: Session, picture_ids: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for start in range(0, len(picture_ids), 500):
        query = select(InferenceRow.picture_id, InferenceRow.id).where(
            InferenceRow.picture_id.in_(picture_ids[start : start + 500])
        )
        found.update(session.execute(query).all())
    return found


def _picture(each: NewInference) -> NewPicture:
    return NewPicture(
        plot_type_id=each.plot_type_id,
        run_period=each.run_period,
        run=each.run,
        chunk=each.chunk,
        picture_hash=each.picture_hash,
        picture_time=each.picture_time,
        file_name=each.file_name,
        extension=each.extension,
        width=each.width,
        height=each.height,
        size_bytes=each.size_bytes,
        stored=each.stored,
        source=each.source,
        collected=each.collected,
        received_at=each.judged_at,
    )


def _values(each: NewInference, picture_id: int) -> dict[str, Any]:
    return {
        "picture_id": picture_id,
        "plot_type_id": each.plot_type_id,
        "run": each.run,
        "chunk": each.chunk,
        "model_id": each.model_id,
        "label": each.label,
        "severity": each.severity,
        "confidence": each.confidence,
        "confirmed": each.confirmed,
        "noteworthy": episodes.noteworthy(each),
        "unbiased": each.unbiased,
        "scores": each.scores,
        "margin": margin(each.scores),
        "thresholds": each.thresholds,
        "anomaly": each.anomaly,
        "run_conditions": each.run_conditions,
        "judged_at": each.judged_at,
        "decode_ms": each.decode_ms,
        "forward_ms": each.forward_ms,
        "latency_ms": each.latency_ms,
        "host": each.host,
        "masked": masks.packed(each.masked),
    }


Joined = Select[InferenceRow, PictureRow, str, bool, str, str]


def joined() -> Joined:
    """Verdicts with the names that people use; for ``read``."""
    return (
        select(
            InferenceRow, PictureRow, PlotTypeRow.name, PlotTypeRow.chunked, RunPeriodRow.name,
            ModelRow.name,
        )
        .join(PictureRow, PictureRow.id == InferenceRow.picture_id)
        .join(PlotTypeRow, PlotTypeRow.id == InferenceRow.plot_type_id)
        .join(RunPeriodRow, RunPeriodRow.id == PictureRow.run_period_id)
        .outerjoin(ModelRow, ModelRow.id == InferenceRow.model_id)
    )  # fmt: skip


def read(session: Session, query: Joined) -> list[Inference]:
    """The verdicts that a query on ``joined`` finds."""
    return [
        Inference(
            id=row.id,
            picture_id=picture.id,
            plot_type_id=row.plot_type_id,
            plot_type=plot_type,
            chunked=chunked,
            run_period=period,
            run=row.run,
            chunk=row.chunk,
            picture_hash=picture.picture_hash,
            file_name=picture.file_name,
            extension=picture.extension,
            stored=picture.stored,
            picture_time=picture.picture_time,
            model_id=row.model_id,
            model=model or "",
            label=row.label,
            severity=row.severity,
            confidence=row.confidence,
            confirmed=row.confirmed,
            unbiased=row.unbiased,
            scores=dict(row.scores),
            thresholds=dict(row.thresholds),
            anomaly=row.anomaly,
            judged_at=row.judged_at,
            latency_ms=row.latency_ms,
            masked=masks.unpacked(row.masked),
        )
        for row, picture, plot_type, chunked, period, model in session.execute(query)
    ]
