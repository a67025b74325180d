"""What there is to train on and how trainings stand, as the training page shows them. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hydra_desktop.models.library import figure, mark_of
from hydra_desktop.words import duration
from inference_server.protocol.library import DepthTime, ModelInfo, Models, TrainingPlan
from inference_server.protocol.messages import ClassInfo, TrainingState
from ui.training_curve import CurveRow
from ui.training_page import JobLine, ResultFigures
from ui.training_wish import ClassCount, DepthLine

FEW, ENOUGH = 5, 20
_WORDS = {
    "waiting": "Waits for its turn",
    "running": "Runs",
    "done": "Done",
    "failed": "Failed",
    "stopped": "Stopped",
}
_OFFERED = (
    ("quick", "Quick: what the shared network sees"),
    ("thorough", "Thorough: with shifted and rescaled copies"),
    ("full", "Full: a whole network for this plot"),
)
_DEPTHS = {"quick": "quick", "thorough": "thorough", "full": "full"}


def counts(
    plan: TrainingPlan, order: Sequence[str], classes: Mapping[str, ClassInfo]
) -> tuple[ClassCount, ...]:
    """Every class of the plot type with its labels; a class with too few is named."""
    names = list(order) + sorted(set(plan.by_class) - set(order))
    return tuple(
        ClassCount(mark_of(name, classes), plan.by_class.get(name, 0), _remark(plan, name))
        for name in names
    )


def _remark(plan: TrainingPlan, name: str) -> str:
    count = plan.by_class.get(name, 0)
    if name == "Ignore":
        return "never used"
    if not count:
        return "will not be learned"
    if count < FEW:
        return f"too few: label {FEW - count} more at least"
    return "" if count >= ENOUGH else f"{ENOUGH} would be better"


def split_words(plan: TrainingPlan) -> str:
    """How the pictures are divided."""
    if plan.runs < 2:
        return "All are of one run, so nothing can be tested on another run: label a second one."
    return (
        f"{plan.pictures} plots of {plan.runs} runs. Divided by run: what a model is tested on is"
        " never from a run that it has seen."
    )


def can_train(plan: TrainingPlan) -> bool:
    """Whether two classes have any label."""
    return sum(count > 0 for name, count in plan.by_class.items() if name != "Ignore") >= 2


def depths(plan: TrainingPlan) -> tuple[DepthLine, ...]:
    """The three depths in plain words, with the times that the server expects."""
    times = {each.depth: each for each in plan.times}
    return tuple(
        DepthLine(depth, words, _about(times[depth]) if depth in times else "")
        for depth, words in _OFFERED
    )


def _about(time: DepthTime) -> str:
    words = f"about {duration(max(1, round(time.seconds)))}"
    if not time.trainings:
        return f"{words} on two cores; none was done here yet"
    last = f"the last {time.trainings}" if time.trainings > 1 else "the last one"
    return f"{words}, as {last} here"


def networks(plan: TrainingPlan) -> tuple[tuple[str, str], ...]:
    """What a full training may begin with: name, and the name with how it begins."""
    return tuple(
        (each.name, f"{each.name}, {'trained weights' if each.trained else 'from nothing'}")
        for each in plan.networks
    )


def weights_words(plan: TrainingPlan) -> str:
    """Which of them have weights, and what that means."""
    known = [each.name for each in plan.networks if each.trained]
    if len(known) == len(plan.networks):
        return "All of them begin with weights that were trained on millions of photographs."
    return (
        f"{' and '.join(known) or 'None of them'} begin{'s' * (len(known) == 1)} with weights that were"
        " trained on millions of photographs. The others begin from nothing, which needs thousands of"
        " labels, until the site names a weights file in [training.weights]."
    )


# ---------------------------------------------------------------- trainings


def jobs(states: Mapping[int, TrainingState]) -> tuple[JobLine, ...]:
    """The trainings, newest first."""
    return tuple(job(states[number]) for number in sorted(states, reverse=True))


def job(state: TrainingState) -> JobLine:
    """One training."""
    depth = _DEPTHS.get(state.depth, state.depth)
    under_way = state.state in ("waiting", "running")
    left = f", {duration(state.seconds_left)} left" if state.seconds_left is not None else ""
    by = f", asked for by {state.who}" if state.who else ""
    return JobLine(
        id=state.job_id,
        title=f"{state.plot_type}, {depth}",
        word=f"{_WORDS.get(state.state, state.state)}{left if under_way else ''}{by}",
        sentence=state.sentence,
        fraction=state.fraction,
        can_stop=under_way,
        can_keep=state.can_keep,
        model_id=state.model_id,
    )


def curve(state: TrainingState) -> tuple[CurveRow, ...]:
    """The passes of a training."""
    return tuple(
        CurveRow(each.number, each.training_loss, each.validation_loss, each.accuracy)
        for each in state.curve
    )


def result(new: ModelInfo, models: Models) -> ResultFigures:
    """A finished model beside the active one, class by class."""
    active = next((each for each in models.models if each.active), None)
    rows = [
        _row("Accuracy", _value(new), _value(active)),
        _row("Macro-F1", new.macro_f1, active.macro_f1 if active else None),
    ]
    before = {skill.name: skill for skill in active.skills} if active else {}
    for skill in new.skills:
        was = before.get(skill.name)
        rows.append(_row(f"{skill.name}, found", skill.recall, was.recall if was else None))
        rows.append(_row(f"{skill.name}, right", skill.precision, was.precision if was else None))
    notes = [*new.remarks]
    if active is not None and active.id != new.id:
        notes.append(
            "Each was tested when it was trained. Compare in the library tests both on the same plots."
        )
    title = f"Model {new.id} is active" if new.active else f"Model {new.id} beside the active one"
    return ResultFigures(title, tuple(rows), " ".join(notes), can_activate=not new.active)


def _value(model: ModelInfo | None) -> float | None:
    return model.accuracy.value if model is not None and model.accuracy is not None else None


def _row(name: str, new: float | None, old: float | None) -> tuple[str, str, str, str]:
    if new is None or old is None or abs(new - old) < 5e-4:
        word = "" if new is None or old is None else "the same"
    else:
        word = "better" if new > old else "worse"
    return name, figure(new), figure(old), word
