"""From rows of the database to what the protocol says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from db.values import Area, Catalogue, Inference, Mask, PlotType, Quarantined, TrainingJob
from inference_server.protocol import masks as public
from inference_server.protocol.curves import CurvePoint
from inference_server.protocol.messages import (
    ClassInfo,
    ClassScore,
    PlotTypeInfo,
    QuarantineItem,
    Severity,
    TrainingState,
    Verdict,
)


def plot_types(catalogue: Catalogue) -> tuple[PlotTypeInfo, ...]:
    """All plot types, with the names of their models."""
    names = {model.id: model.name for model in catalogue.models}
    masked: dict[int, list[Mask]] = defaultdict(list)
    for held in catalogue.masks:
        masked[held.plot_type_id].append(held)
    return tuple(_plot_type(each, names, masked[each.id]) for each in catalogue.plot_types)


def classes(catalogue: Catalogue) -> tuple[ClassInfo, ...]:
    """The vocabulary."""
    return tuple(
        ClassInfo(
            name=each.name,
            severity=Severity(each.severity),
            colour=each.colour,
            description=each.description,
        )
        for each in catalogue.classes
    )


def verdict(row: Inference, severities: Mapping[str, Severity]) -> Verdict:
    """A stored verdict, as it was published."""
    scores = sorted(row.scores.items(), key=lambda item: (-item[1], item[0]))
    return Verdict(
        plot_type_id=row.plot_type_id,
        plot_type=row.plot_type,
        chunked=row.chunked,
        run_period=row.run_period,
        run=row.run,
        chunk=row.chunk,
        picture_hash=row.picture_hash,
        label=row.label,
        severity=Severity(row.severity),
        confidence=row.confidence,
        confirmed=row.confirmed,
        scores=tuple(
            ClassScore(
                name=name,
                severity=severities.get(name, Severity.NEUTRAL),
                confidence=confidence,
                threshold=row.thresholds.get(name, 1.0),
            )
            for name, confidence in scores
        ),
        anomaly=row.anomaly,
        model_id=row.model_id,
        unbiased=row.unbiased,
        picture_time=row.picture_time,
        judged_at=row.judged_at,
        latency_ms=row.latency_ms,
        inference_id=row.id,
        masked=tuple(area(each) for each in row.masked),
    )


def training(job: TrainingJob) -> TrainingState:
    """How a training stands."""
    return TrainingState(
        job_id=job.id,
        plot_type=job.plot_type,
        state=job.state,
        sentence=job.sentence,
        fraction=job.fraction,
        model_id=job.model_id,
        plot_type_id=job.plot_type_id,
        who=job.who,
        depth=str(job.settings.get("depth", "quick")),
        asked_at=job.asked_at,
        curve=tuple(_point(row) for row in job.curve),
    )


def _point(row: Sequence[float]) -> CurvePoint:
    number, training_loss, validation_loss, accuracy = row
    return CurvePoint(int(number), training_loss, validation_loss, accuracy)


def quarantined(row: Quarantined) -> QuarantineItem:
    """A picture that was set aside."""
    return QuarantineItem(path=row.path, reason=row.reason, at=row.at, kept_as=row.kept_as)


def mask(row: Mask) -> public.Mask:
    """A mask, as desktops know it."""
    return public.Mask(
        id=row.id,
        plot_type_id=row.plot_type_id,
        plot_type=row.plot_type,
        areas=tuple(area(each) for each in row.areas),
        reason=row.reason,
        who=row.who,
        since=row.since,
        contact=row.contact,
        until=row.until,
        run_period=row.run_period,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        filled=bool(row.reference_hash),
    )


def area(each: Area) -> public.Area:
    """A rectangle, as desktops know it."""
    return public.Area(
        left=each.left, top=each.top, right=each.right, bottom=each.bottom, mask_id=each.mask_id
    )


def _plot_type(each: PlotType, models: Mapping[int, str], masks: Sequence[Mask]) -> PlotTypeInfo:
    return PlotTypeInfo(
        id=each.id,
        name=each.name,
        chunked=each.chunked,
        group=each.group,
        contact=each.contact,
        guidance=each.guidance,
        description=each.description,
        classes=tuple(cls.name for cls in each.classes),
        model_id=each.model_id,
        model_name=models.get(each.model_id or 0, ""),
        ignored=each.ignored,
        collect_fraction=each.collect_fraction,
        stale_after_s=each.stale_after_s,
        masks=tuple(mask(held) for held in masks),
    )
