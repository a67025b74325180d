"""Models of a plot type as lines, facts, ladder and ledger. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hydra_desktop.models.library import figure, ranged, share_words
from hydra_desktop.words import moment
from inference_server.protocol.library import ModelInfo, Models, Rung
from ui.ledger_dialog import LedgerLine
from ui.model_list import ModelLine

_RUNGS = {Rung.TRAINED: "Trained", Rung.REVIEWED: "Report reviewed", Rung.SIGNED: "Signed off"}


def lines(models: Models) -> tuple[ModelLine, ...]:
    """One line for each model, as a tree: what came from a model stands below it, the newest first."""
    return tuple(
        ModelLine(
            id=each.id,
            title=f"Model {each.id}",
            mark=_mark(each),
            date=each.created_at.astimezone().strftime("%d %b %Y"),
            figure=figure(each.accuracy.value if each.accuracy else None),
            detail=f"macro-F1 {figure(each.macro_f1)}",
            active=each.active,
            depth=depth,
        )
        for each, depth in family_tree(models.models)
    )


def family_tree(models: Sequence[ModelInfo]) -> list[tuple[ModelInfo, int]]:
    """Models with their depth: roots by their newest descendant, children below their parent."""
    known = {each.id for each in models}
    children: dict[int | None, list[ModelInfo]] = {}
    for each in sorted(models, key=lambda each: each.id):
        # A parent is older than its child: whatever a file from elsewhere says, there is no circle.
        older = each.parent_id if each.parent_id in known and each.parent_id < each.id else None
        children.setdefault(older, []).append(each)
    newest: dict[int, int] = {}
    for each in sorted(models, key=lambda each: -each.id):
        newest[each.id] = max([each.id, *(newest[child.id] for child in children.get(each.id, ()))])
    found: list[tuple[ModelInfo, int]] = []
    waiting = [
        (each, 0) for each in sorted(children.get(None, ()), key=lambda each: newest[each.id])
    ]
    while waiting:
        each, depth = waiting.pop()
        found.append((each, depth))
        below = sorted(children.get(each.id, ()), key=lambda child: newest[child.id])
        waiting += [(child, depth + 1) for child in below]
    return found


def _mark(model: ModelInfo) -> str:
    if model.active:
        return "Active"
    if model.shadow:
        return "In the shadow"
    rungs = {step.rung for step in model.ladder}
    return "Signed off" if Rung.SIGNED in rungs else "Trial"


def next_rung(model: ModelInfo) -> Rung | None:
    """The step of the ladder that comes next; None at the top."""
    taken = {step.rung for step in model.ladder}
    return next((rung for rung in Rung if rung not in taken), None)


def before(models: Models) -> int | None:
    """The model that was live before the active one; None where there was none."""
    if not models.ledger:
        return None
    active = models.ledger[0].model_id
    earlier = [line.model_id for line in models.ledger if line.model_id not in (active, None)]
    return earlier[0] if earlier else None


def headline(model: ModelInfo, models: Models, now: datetime) -> str:
    """What stands beside "Model 35"."""
    if not model.active or not models.ledger:
        made = moment(model.created_at, now)
        return f"made {made} by {model.who}" + (", merged" if model.merged else "")
    line = models.ledger[0]
    return f"active since {moment(line.at, now)}, by {line.who}"


def facts(model: ModelInfo, models: Models, now: datetime) -> tuple[tuple[str, str], ...]:
    """Names and values below the list."""
    rows = [
        ("Accuracy", share_words(model.accuracy)),
        ("Macro-F1", ranged(model.macro_f1, model.macro_f1_range)),
        ("Bad found", _of_bad(model.bad_recall, model.bad_recall_range)),
        ("Bad right", _of_bad(model.bad_precision, model.bad_precision_range)),
        ("Calibration error", _calibration(model)),
        ("Trained on", f"{model.pictures} plots, {model.runs} runs"),
        ("Made", f"{moment(model.created_at, now)}, {model.who}"),
    ]
    if model.why:
        rows.append(("Why", model.why))
    if model.parent_id is not None:
        rows.append(("Comes from", f"Model {model.parent_id}"))
    rows.append(("Kind", f"{model.kind} on {model.backbone}"))
    rows += [("Depth", _depth(model)), *_ladder(model, now)]
    live = [line for line in models.ledger if line.model_id == model.id][:2]
    rows += [("Activated", f"{moment(at.at, now)}, {at.who}: {at.reason}") for at in live]
    rows += [("Note", remark) for remark in model.remarks]
    rows.append(
        ("Versions", ", ".join(f"{name} {version}" for name, version in model.versions.items()))
    )
    return tuple(row for row in rows if row[1])


def _depth(model: ModelInfo) -> str:
    """How it was trained, and on which frozen set of pictures."""
    digest = model.settings.get("data_set", "")
    words = [model.settings.get("depth", ""), f"seed {model.seed}"]
    words += [f"data set {digest[:8]}"] if digest else []
    return ", ".join(word for word in words if word)


def _ladder(model: ModelInfo, now: datetime) -> list[tuple[str, str]]:
    """Every rung with who took it when, and which are still to be taken."""
    taken = {step.rung: step for step in model.ladder}
    rows = []
    for rung, name in _RUNGS.items():
        step = taken.get(rung)
        words = f"{step.who}, {moment(step.at, now)}" if step else "Not yet"
        rows.append((name, f"{words}: {step.comment}" if step and step.comment else words))
    return rows


def ledger_lines(models: Models, now: datetime) -> tuple[LedgerLine, ...]:
    """Every change of the live model, newest first."""
    return tuple(
        LedgerLine(
            since=moment(line.at, now),
            model="None" if line.model_id is None else f"Model {line.model_id}",
            who=line.who,
            why=line.reason,
            model_id=line.model_id,
        )
        for line in models.ledger
    )


def _of_bad(value: float | None, bounds: tuple[float, float] | None) -> str:
    return "" if value is None else ranged(value, bounds)


def _calibration(model: ModelInfo) -> str:
    if model.calibration_error is None:
        return ""
    was = model.calibration_error_before
    return f"{model.calibration_error:.3f}" + (f" (was {was:.3f})" if was is not None else "")
