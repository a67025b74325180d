"""Trainings, activations, thresholds: what changes which verdicts Hydra gives."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy.orm import Session

from db import library, models, trainings
from db.session import transaction
from inference_server.gateway import translate
from inference_server.gateway.answers import Handlers, Means, Result, must
from inference_server.messages import TrainJob
from inference_server.predict import heads
from inference_server.protocol.library import LibraryChanged
from inference_server.protocol.messages import (
    ActivateModel,
    Done,
    GetTrainings,
    News,
    Refused,
    SetThreshold,
    StartTraining,
    StopTraining,
    TrainingChanged,
    Trainings,
)
from inference_server.training.recipe import BadRecipe, from_settings

SAME = 5e-5  # thresholds are kept to four digits


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        StartTraining: lambda request, who: _train(means, request, who),
        StopTraining: lambda request, who: _stop(means, request, who),
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


def _stop(means: Means, request: StopTraining, who: str) -> Result:
    with transaction(means.sessions) as session:
        must(session, who, "expert", trainings.one(session, request.job_id).plot_type_id)
        what = "keep" if request.keep_best else "stop"
        job = trainings.wish(session, request.job_id, what, who)
    words = "It stops and keeps the best so far." if request.keep_best else "It stops."
    news = TrainingChanged(training=translate.training(job))
    return Result(Done(sentence=words, id=job.id), news=(news,))


def _trainings(means: Means) -> Result:
    with transaction(means.sessions) as session:
        recent = trainings.recent(session)
    return Result(Trainings(trainings=tuple(translate.training(job) for job in recent)))


def _activate(means: Means, request: ActivateModel, who: str) -> Result:
    person = request.person or who
    with transaction(means.sessions) as session:
        must(session, who, "expert", request.plot_type_id)
        if request.model_id is not None:
            _check_usable(means, session, request.model_id)
        models.activate(
            session, request.plot_type_id, request.model_id, who=person, reason=request.reason
        )
    words = "The model is live." if request.model_id is not None else "No model is live."
    return Result(
        Done(sentence=words),
        catalogue_changed=True,
        news=_moved(request.plot_type_id, person, "activation"),
    )


def _check_usable(means: Means, session: Session, model_id: int) -> None:
    """Raises ValueError: the site wants a sign-off first, or the model's files cannot be used.

    The workers check again, and with pictures, before they switch.
    """
    for model in models.load(session, [model_id]):
        lived = model_id in {each.model_id for each in library.ledger(session, model.plot_type_id)}
        # Rolling back must be one step, also for what was live before the site made its rule.
        if library.signoff_needed(session) and not (model.signed_off or lived):
            raise ValueError(
                f"model {model_id} is not signed off, and this site activates only what an expert"
                " signed off. Review its report and sign it off first"
            )
        folder = means.config.models_dir / model.folder
        try:
            card = heads.read_card(folder)
            if card.kind == "head":
                heads.load(folder)
            else:
                heads.read_weights(folder, card)
        except heads.HeadError as error:
            raise ValueError(
                f"the files of model {model_id} cannot be used, so the active one stays."
                f" {str(error).rstrip('.')}"
            ) from error


def _threshold(means: Means, request: SetThreshold, who: str) -> Result:
    person = request.person or who
    with transaction(means.sessions) as session:
        found = models.load(session, [request.model_id])
        for model in found:
            must(session, who, "expert", model.plot_type_id)
        if (conflict := _conflict(session, request)) is not None:
            return Result(conflict)
        models.set_threshold(
            session, request.model_id, request.class_name, request.threshold,
            who=person, reason=request.reason,
        )  # fmt: skip
    sentence = f"{request.class_name} is Confirmed from {request.threshold:.2f} on."
    return Result(
        Done(sentence=sentence),
        catalogue_changed=True,
        news=_moved(found[0].plot_type_id, person, "threshold"),
    )


def _conflict(session: Session, request: SetThreshold) -> Refused | None:
    """Whether somebody moved the threshold since the person looked at it."""
    if request.expected is None:
        return None
    history = library.threshold_history(session, [request.model_id])[request.model_id]
    newest = next((each for each in history if each.class_name == request.class_name), None)
    if newest is None or abs(newest.threshold - request.expected) < SAME:
        return None
    return Refused(
        code="conflict",
        sentence=(
            f"Threshold not changed: {newest.who} set {newest.class_name} to"
            f" {newest.threshold:.2f} at {newest.at:%H:%M} UTC."
        ),
        next_step="Take theirs, or set yours knowing it.",
    )


def _moved(plot_type_id: int, who: str, what: str) -> tuple[News, ...]:
    return (LibraryChanged(plot_type_id=plot_type_id, who=who, what=what),)
