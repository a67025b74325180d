"""Trainings, activations, thresholds."""

from __future__ import annotations

from typing import Any

import msgspec

from db import models, trainings
from db.session import transaction
from inference_server.gateway import translate
from inference_server.gateway.answers import Handlers, Means, Result, must
from inference_server.messages import TrainJob
from inference_server.protocol.messages import (
    ActivateModel,
    Done,
    GetTrainings,
    SetThreshold,
    StartTraining,
    Trainings,
)
from inference_server.training.recipe import BadRecipe, from_settings


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        StartTraining: lambda request, who: _train(means, request, who),
        GetTrainings: lambda _request, _who: _trainings(means),
        ActivateModel: lambda request, who: _activate(means, request, who),
        SetThreshold: lambda request, who: _threshold(means, request, who),
    }


def _train(means: Means, request: StartTraining, who: str) -> Result:
    settings = _settings(request)
    try:
        from_settings(settings)  # refused now and not when its turn comes
    except BadRecipe as error:
        raise ValueError(str(error).rstrip(".")) from error
    with transaction(means.sessions) as session:
        must(session, who, "expert", request.plot_type_id)
        job = trainings.queue(session, request.plot_type_id, who=who, settings=settings)
    done = Done(sentence="The training waits for its turn.", id=job)
    return Result(done, control=(TrainJob(job_id=job),))


def _settings(request: StartTraining) -> dict[str, Any]:
    """What the desktop filled in; the rest is as usual."""
    filled = msgspec.to_builtins(request)
    usual = msgspec.to_builtins(StartTraining(plot_type_id=request.plot_type_id))
    given = {name: value for name, value in filled.items() if value != usual[name]}
    return {"activate": request.activate, "why": request.why} | given


def _trainings(means: Means) -> Result:
    with transaction(means.sessions) as session:
        recent = trainings.recent(session)
    return Result(Trainings(trainings=tuple(translate.training(job) for job in recent)))


def _activate(means: Means, request: ActivateModel, who: str) -> Result:
    with transaction(means.sessions) as session:
        must(session, who, "expert", request.plot_type_id)
        models.activate(
            session, request.plot_type_id, request.model_id, who=who, reason=request.reason
        )
    return Result(Done(sentence="The model is live."), catalogue_changed=True)


def _threshold(means: Means, request: SetThreshold, who: str) -> Result:
    with transaction(means.sessions) as session:
        for model in models.load(session, [request.model_id]):
            must(session, who, "expert", model.plot_type_id)
        models.set_threshold(
            session, request.model_id, request.class_name, request.threshold,
            who=who, reason=request.reason,
        )  # fmt: skip
    sentence = f"{request.class_name} is Confirmed from {request.threshold:.2f} on."
    return Result(Done(sentence=sentence), catalogue_changed=True)
