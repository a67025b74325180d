"""The model library: models with their ladder and ledger, the site's rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from db import labels, library, models
from db.session import transaction
from db.values import Model
from inference_server.gateway.answers import Handlers, Means, Result, must
from inference_server.gateway.model_facts import accuracy_of, one
from inference_server.predict.backbone import identity
from inference_server.protocol.library import (
    Activation,
    ClassSkill,
    DepthTime,
    GetModelAt,
    GetModels,
    GetTrainingPlan,
    LadderStep,
    LibraryChanged,
    ModelAt,
    ModelInfo,
    Models,
    NetworkChoice,
    Rung,
    SetShadow,
    SetSignoffRule,
    SignOff,
    TrainingPlan,
)
from inference_server.protocol.messages import Done
from inference_server.protocol.thresholds import GetThresholds, ThresholdEntry, ThresholdHistory
from inference_server.training.expected import Took, expected
from inference_server.training.recipe import offered

DEPTHS = ("quick", "thorough", "full")


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        GetModels: lambda request, _who: _models(means, request.plot_type_id),
        GetModelAt: lambda request, _who: _at(means, request),
        GetThresholds: lambda request, _who: _thresholds(means, request.model_id),
        SignOff: lambda request, who: _sign(means, request, who),
        SetSignoffRule: lambda request, who: _rule(means, request, who),
        SetShadow: lambda request, who: _shadow(means, request, who),
        GetTrainingPlan: lambda request, _who: _plan(means, request.plot_type_id),
    }


def _models(means: Means, plot_type_id: int) -> Result:
    with transaction(means.sessions) as session:
        known = models.history(session, plot_type_id)
        ids = [model.id for model in known]
        entries = library.threshold_history(session, ids)
        steps = library.ladder(session, ids)
        behind = library.backgrounds(session, ids)
        lines = library.ledger(session, plot_type_id)
        shadow = library.shadows(session).get(plot_type_id)
        needed = library.signoff_needed(session)
    active = lines[0].model_id if lines else None
    found = tuple(
        _model(
            model, entries[model.id], steps[model.id], behind[model.id],
            active=model.id == active, shadow=model.id == shadow,
        )
        for model in known
    )  # fmt: skip
    ledger = tuple(
        Activation(model_id=each.model_id, who=each.who, reason=each.reason, at=each.at)
        for each in lines
    )
    return Result(
        Models(plot_type_id=plot_type_id, models=found, ledger=ledger, signoff_needed=needed)
    )


def _model(
    model: Model,
    entries: list[library.Entry],
    steps: list[library.Step],
    behind: library.Background,
    *,
    active: bool,
    shadow: bool,
) -> ModelInfo:
    in_force = {each.class_name: each for each in reversed(entries)}
    return ModelInfo(
        id=model.id,
        name=model.name,
        kind=model.kind,
        created_at=model.created_at,
        who=model.who,
        why=behind.why,
        parent_id=model.parent_id,
        backbone=model.backbone,
        labels=model.labels,
        merged=behind.merged,
        seed=model.seed,
        active=active,
        shadow=shadow,
        pictures=behind.pictures,
        runs=behind.runs,
        versions={str(name): str(value) for name, value in model.versions.items()},
        settings={str(name): str(value) for name, value in behind.settings.items() if value},
        thresholds=tuple(entry(in_force[name]) for name in model.labels if name in in_force),
        ladder=tuple(
            LadderStep(rung=Rung(step.rung), who=step.who, comment=step.comment, at=step.at)
            for step in steps
        ),
        accuracy=accuracy_of(model),
        **_measured(model.metrics),
    )


def _measured(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """What its training measured, as far as it did."""
    numbers = ("macro_f1", "calibration_error", "calibration_error_before", "bad_recall",
               "bad_precision")  # fmt: skip
    ranges = ("macro_f1_range", "bad_recall_range", "bad_precision_range")
    return {
        "skills": _skills(metrics.get("classes")),
        "remarks": tuple(str(each) for each in metrics.get("remarks", ())),
        **{name: _number(metrics, name) for name in numbers},
        **{name: _bounds(metrics, name) for name in ranges},
    }


def _bounds(metrics: Mapping[str, object], name: str) -> tuple[float, float] | None:
    match metrics.get(name):
        case (float() | int() as low, float() | int() as high):
            return float(low), float(high)
    return None


def _number(metrics: Mapping[str, object], name: str) -> float | None:
    value = metrics.get(name)
    return float(value) if isinstance(value, int | float) else None


def _skills(classes: object) -> tuple[ClassSkill, ...]:
    if not isinstance(classes, dict):
        return ()
    return tuple(
        ClassSkill(
            name=str(name),
            precision=float(skill["precision"]),
            recall=float(skill["recall"]),
            f1=float(skill["f1"]),
            count=int(skill["count"]),
        )
        for name, skill in classes.items()
    )


def entry(each: library.Entry) -> ThresholdEntry:
    """A threshold, as it is said to desktops."""
    return ThresholdEntry(
        class_name=each.class_name,
        threshold=each.threshold,
        method=each.method,
        who=each.who,
        reason=each.reason,
        at=each.at,
    )


def _at(means: Means, request: GetModelAt) -> Result:
    with transaction(means.sessions) as session:
        found = models.active_at(session, request.plot_type_id, request.at)
    return Result(ModelAt(plot_type_id=request.plot_type_id, at=request.at, model_id=found))


def _thresholds(means: Means, model_id: int) -> Result:
    with transaction(means.sessions) as session:
        found = library.threshold_history(session, [model_id])[model_id]
    return Result(ThresholdHistory(model_id=model_id, entries=tuple(map(entry, found))))


def _sign(means: Means, request: SignOff, who: str) -> Result:
    person = request.person or who
    with transaction(means.sessions) as session:
        model = one(session, request.model_id)
        must(session, who, "expert", model.plot_type_id)
        library.sign(session, model.id, request.rung, who=person, comment=request.comment)
    words = "signed off" if request.rung is Rung.SIGNED else "reviewed"
    return Result(
        Done(sentence=f"Model {model.id} is {words} by {person}."),
        news=(LibraryChanged(plot_type_id=model.plot_type_id, who=person, what="signoff"),),
    )


def _rule(means: Means, request: SetSignoffRule, who: str) -> Result:
    with transaction(means.sessions) as session:
        must(session, who, "maintainer")
        library.set_signoff_needed(session, request.needed, who=who)
    words = "only what an expert signed off" if request.needed else "any model"
    return Result(
        Done(sentence=f"From now on an expert can activate {words}."),
        news=(LibraryChanged(plot_type_id=0, who=who, what="rule"),),
    )


def _shadow(means: Means, request: SetShadow, who: str) -> Result:
    with transaction(means.sessions) as session:
        must(session, who, "expert", request.plot_type_id)
        library.set_shadow(session, request.plot_type_id, request.model_id, who=who)
    words = (
        "No model judges in the shadow."
        if request.model_id is None
        else f"Model {request.model_id} judges in the shadow: on record, without alarms."
    )
    return Result(
        Done(sentence=words),
        catalogue_changed=True,  # the workers load it, or let it go
        news=(LibraryChanged(plot_type_id=request.plot_type_id, who=who, what="shadow"),),
    )


def _plan(means: Means, plot_type_id: int) -> Result:
    with transaction(means.sessions) as session:
        counts, runs = labels.counts(session, plot_type_id), library.runs(session, plot_type_id)
        seen = library.with_features(session, plot_type_id, identity(means.config.backbone))
        past = [Took.of(*each) for each in library.trained(session)]
    pictures, known = sum(counts.values()), [each for each in past if each is not None]
    return Result(
        TrainingPlan(
            plot_type_id=plot_type_id,
            by_class=counts,
            runs=runs,
            pictures=pictures,
            with_features=seen,
            times=tuple(_time(depth, pictures, max(0, pictures - seen), known) for depth in DEPTHS),
            networks=tuple(
                NetworkChoice(name=name, trained=trained)
                for name, trained in offered(means.config).items()
            ),
        )
    )


def _time(depth: str, pictures: int, unseen: int, past: list[Took]) -> DepthTime:
    found = expected(depth, pictures, unseen, past)
    return DepthTime(depth=depth, seconds=found.seconds, trainings=found.trainings)
