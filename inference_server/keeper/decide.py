"""From an opinion to what is stored of it and what is announced: the keeper's decisions, no I/O."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from db.values import Catalogue, NewInference, PlotType
from inference_server.config import Store
from inference_server.keeper.judge import Judgement, judge
from inference_server.keeper.keep import collected_as, drawn, is_kept
from inference_server.messages import Frame, Opinion
from inference_server.protocol.masks import Area
from inference_server.protocol.messages import ClassScore, Severity, Verdict
from inference_server.store import extension_of

HOST = socket.gethostname()
Key = tuple[str, bool, str, int, int, str]  # what makes a picture the same picture


@dataclass(frozen=True, slots=True)
class Arrival:
    """An opinion with what came along."""

    opinion: Opinion
    picture: bytes
    thumbnail: bytes
    features: bytes  # float16, little endian


@dataclass(frozen=True, slots=True)
class Known:
    """The catalogue, arranged for looking things up."""

    plot_types: Mapping[tuple[str, bool], PlotType]  # by name and whether chunked
    severities: Mapping[str, Severity]
    thresholds: Mapping[int, Mapping[str, float]]  # by model

    @classmethod
    def of(cls, catalogue: Catalogue, before: Known | None = None) -> Known:
        """Arrange a catalogue.

        Models of ``before`` stay known: an opinion on its way may come from one just replaced.
        """
        return cls(
            plot_types={(each.name, each.chunked): each for each in catalogue.plot_types},
            severities={each.name: Severity(each.severity) for each in catalogue.classes},
            thresholds={
                **(before.thresholds if before else {}),
                **{each.id: each.thresholds for each in catalogue.models},
            },
        )

    def thresholds_of(self, model_id: int | None) -> Mapping[str, float]:
        """What is in force for a model; nothing for one that is unknown, so nothing is Confirmed."""
        return self.thresholds.get(model_id, {}) if model_id is not None else {}

    def severity_of(self, label: str) -> Severity:
        """What a class means for the shift."""
        return self.severities.get(label, Severity.NEUTRAL)


@dataclass(frozen=True, slots=True)
class Decided:
    """One picture's fate."""

    inference: NewInference
    verdict: Verdict
    kept: bool  # whether its file goes to the store


def key_of(frame: Frame) -> Key:
    """The picture's identity: the same key is the same row."""
    return (
        frame.plot_type,
        frame.chunked,
        frame.run_period,
        frame.run,
        frame.chunk,
        frame.picture_hash,
    )


def decide(
    arrival: Arrival, plot_type: PlotType, known: Known, rules: Store, now: datetime
) -> Decided:
    """Judge one opinion under the thresholds in force."""
    opinion = arrival.opinion
    thresholds = known.thresholds_of(opinion.model_id)
    judgement = judge(opinion.scores if opinion.model_id is not None else {}, thresholds)
    verdict = _verdict(opinion, plot_type, judgement, known, now)
    collected = collected_as(judgement, verdict.severity, verdict.unbiased)
    kept = is_kept(rules.keep, collected, verdict.picture_hash, rules.sample_fraction)
    inference = _inference(arrival, verdict, dict(thresholds), collected, kept)
    return Decided(inference, verdict, kept)


def _verdict(
    opinion: Opinion, plot_type: PlotType, judgement: Judgement, known: Known, now: datetime
) -> Verdict:
    frame = opinion.frame
    return Verdict(
        plot_type_id=plot_type.id,
        plot_type=frame.plot_type,
        chunked=frame.chunked,
        run_period=frame.run_period,
        run=frame.run,
        chunk=frame.chunk,
        picture_hash=frame.picture_hash,
        label=judgement.label,
        severity=known.severity_of(judgement.label),
        confidence=judgement.confidence,
        confirmed=judgement.confirmed,
        scores=_scores(opinion, known),
        anomaly=opinion.anomaly,
        model_id=opinion.model_id,
        unbiased=drawn(frame.picture_hash, plot_type.collect_fraction, "unbiased"),
        picture_time=frame.picture_time,
        judged_at=now,
        latency_ms=1e3 * (now - frame.closed_at).total_seconds(),
        masked=tuple(
            Area(
                left=each.left,
                top=each.top,
                right=each.right,
                bottom=each.bottom,
                mask_id=each.mask_id,
            )
            for each in opinion.masked
        ),
    )


def _scores(opinion: Opinion, known: Known) -> tuple[ClassScore, ...]:
    if opinion.model_id is None:
        return ()
    thresholds = known.thresholds_of(opinion.model_id)
    ordered = sorted(opinion.scores.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        ClassScore(
            name=name,
            severity=known.severity_of(name),
            confidence=confidence,
            threshold=thresholds.get(name, 1.0),
        )
        for name, confidence in ordered
    )


def _inference(
    arrival: Arrival,
    verdict: Verdict,
    thresholds: dict[str, float],
    collected: str | None,
    kept: bool,
) -> NewInference:
    opinion, frame = arrival.opinion, arrival.opinion.frame
    return NewInference(
        plot_type_id=verdict.plot_type_id,
        run_period=frame.run_period,
        run=frame.run,
        chunk=frame.chunk,
        picture_hash=frame.picture_hash,
        picture_time=frame.picture_time,
        file_name=PurePosixPath(frame.path).name,
        extension=extension_of(arrival.picture),
        width=opinion.width,
        height=opinion.height,
        size_bytes=frame.size_bytes,
        stored=kept,
        source=frame.id.partition(":")[0].rpartition("-")[0],
        model_id=opinion.model_id,
        label=verdict.label,
        confidence=verdict.confidence,
        confirmed=verdict.confirmed,
        severity=verdict.severity.value,
        scores=dict(opinion.scores) if opinion.model_id is not None else {},
        thresholds=thresholds,
        anomaly=verdict.anomaly,
        unbiased=verdict.unbiased,
        collected=collected,
        run_conditions={},
        judged_at=verdict.judged_at,
        decode_ms=opinion.decode_ms,
        forward_ms=opinion.forward_ms,
        latency_ms=verdict.latency_ms,
        host=HOST,
        masked=opinion.masked,
        shadow_id=opinion.shadow_id,
        shadow_scores=dict(opinion.shadow_scores),
    )
