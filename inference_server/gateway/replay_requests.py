"""A past run told again. What another model says of it is asked of cached features, and never stored as a verdict."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy.orm import Session

from db import catalogue, models, reruns
from db.session import transaction
from db.values import Inference, Model
from inference_server.alarms.standing import Kind
from inference_server.gateway import alarm_requests, translate
from inference_server.gateway.answers import Handlers, Means, Result
from inference_server.messages import RerunJob
from inference_server.predict import heads
from inference_server.predict.backbone import identity
from inference_server.protocol.base import Severity
from inference_server.protocol.replay import (
    Anew,
    GetReplay,
    GetReplayCalls,
    Replay,
    ReplayCalls,
)
from inference_server.protocol.verdicts import Verdict
from inference_server.rerun import calls, judged_anew

MOST = 1000  # verdicts in one answer
ASKED = 200  # pictures that a model is asked to look at in one go; the rest at the next question

Scores = Mapping[str, float]


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        GetReplay: lambda request, _who: _replay(means, request),
        GetReplayCalls: lambda request, _who: _calls(means, request),
    }


@dataclass(slots=True)
class _Told:
    """A stretch of a run: as it was judged then, and by whom it can be judged anew."""

    verdicts: list[Verdict]
    anew: dict[int, Verdict] = field(default_factory=dict)  # by inference id
    labels: dict[int, str] = field(default_factory=dict)
    waiting: dict[int, list[int]] = field(default_factory=dict)  # model id to picture ids
    left_out: int = 0
    note: str = ""


def _replay(means: Means, request: GetReplay) -> Result:
    limit = max(1, min(request.limit, MOST))
    after = None
    if request.after_at is not None and request.after_id is not None:
        after = (request.after_at, request.after_id)
    with transaction(means.sessions) as session:
        rows = reruns.verdicts(
            session, request.run, request.run_period, after=after, limit=limit + 1
        )
        told = _tell(means, session, rows[:limit], request.models)
        total = reruns.count(session, request.run, request.run_period) if after is None else 0
    jobs = tuple(
        RerunJob(model_id=model, picture_ids=tuple(wanted[:ASKED]))
        for model, wanted in told.waiting.items()
    )
    return Result(
        control=jobs,
        reply=Replay(
            verdicts=tuple(told.verdicts),
            anew=tuple(Anew(inference_id=n, verdict=each) for n, each in told.anew.items()),
            labels=told.labels,
            total=total,
            waiting=sum(len(each) for each in told.waiting.values()),
            left_out=told.left_out,
            more=len(rows) > limit,
            note=told.note,
        ),
    )


def _calls(means: Means, request: GetReplayCalls) -> Result:
    verdicts: list[Verdict] = []
    after = until = None
    if request.until_at is not None and request.until_id is not None:
        until = (request.until_at, request.until_id)
    with transaction(means.sessions) as session:
        known = catalogue.load(session)
        while rows := reruns.verdicts(
            session, request.run, request.run_period, after=after, until=until, limit=MOST
        ):
            told = _tell(means, session, rows, request.models)
            numbers = [row.id for row in rows]
            verdicts += [
                told.anew.get(number, verdict)
                for number, verdict in zip(numbers, told.verdicts, strict=True)
            ]
            after = (rows[-1].judged_at, rows[-1].id)
    kinds = {
        (each.name, each.chunked): Kind(each.id, each.stale_after_s, each.ignored)
        for each in known.plot_types
    }
    rules = alarm_requests.rules(means.sessions) or {}
    return Result(ReplayCalls(calls=tuple(calls(verdicts, kinds, rules))))


def _tell(
    means: Means, session: Session, rows: Sequence[Inference], wanted: Mapping[int, int]
) -> _Told:
    classes = catalogue.load(session).classes
    severities = {each.name: Severity(each.severity) for each in classes}
    told = _Told([translate.verdict(row, severities) for row in rows])
    pictures = reruns.labels(session, [row.picture_id for row in rows])
    told.labels = {row.id: pictures[row.picture_id] for row in rows if row.picture_id in pictures}
    for model in _chosen(session, wanted):
        mine = [place for place, row in enumerate(rows) if row.plot_type_id == model.plot_type_id]
        said = _scores(means, session, model, [rows[place] for place in mine], told)
        for place in mine:
            row, then = rows[place], told.verdicts[place]
            if (scores := said.get(row.picture_id)) is not None:
                told.anew[row.id] = judged_anew(then, scores, model, severities)
    return told


def _chosen(session: Session, wanted: Mapping[int, int]) -> tuple[Model, ...]:
    """The models that judge anew. Raises KeyError: one is not of its plot type."""
    found = models.load(session, set(wanted.values()))
    of = {model.id: model.plot_type_id for model in found}
    for plot_type_id, model_id in wanted.items():
        if of.get(model_id) != plot_type_id:
            raise KeyError(f"plot type {plot_type_id} has no model {model_id}")
    return found


def _scores(
    means: Means, session: Session, model: Model, rows: Sequence[Inference], told: _Told
) -> dict[int, Scores]:
    """What ``model`` says of each picture; what nobody knows yet is noted as waiting or left out."""
    said: dict[int, Scores] = {
        row.picture_id: row.scores for row in rows if row.model_id == model.id
    }
    stored = {row.picture_id: row.stored for row in rows if row.picture_id not in said}
    said |= reruns.scores(session, model.id, stored)
    unknown = [picture for picture in stored if picture not in said]
    if unknown:
        found, note = _by_features(means, session, model, unknown)
        said |= found
        told.note = note or told.note
        lacking = [picture for picture in unknown if picture not in said]
        here = [] if note else [picture for picture in lacking if stored[picture]]
        told.left_out += len(lacking) - len(here)
        if here:
            told.waiting[model.id] = here
    told.left_out += sum(not scores for scores in said.values())
    return {picture: scores for picture, scores in said.items() if scores}


def _by_features(
    means: Means, session: Session, model: Model, pictures: Collection[int]
) -> tuple[dict[int, Scores], str]:
    """Without a look at the pictures, where that can be; else why the model can judge nothing."""
    folder = means.config.models_dir / model.folder
    try:
        if model.kind != "head":
            heads.read_card(folder)
            return {}, ""
        head = heads.load(folder)
    except heads.HeadError as error:
        return {}, str(error)
    rows = reruns.features(session, pictures, head.card.backbone)
    if len(rows) < len(pictures) and head.card.backbone != identity(means.config.backbone):
        return {}, (
            f"{model.name} judges features of {head.card.backbone}, which this server no longer"
            " computes."
        )
    if not rows:
        return {}, ""
    vectors = np.stack([np.frombuffer(vector, "<f2") for _, vector in rows]).astype(np.float32)
    labels = head.card.labels
    return {
        picture: dict(zip(labels, map(float, scores), strict=True))
        for (picture, _), scores in zip(rows, head.scores(vectors), strict=True)
    }, ""
