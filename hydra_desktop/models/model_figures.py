"""Curves of a model and its comparison with another, as the library page shows them. Pure functions."""

from __future__ import annotations

from hydra_desktop.models.library import figure, plots
from inference_server.protocol.comparison import Comparison, Difference
from inference_server.protocol.curves import LearningPoint, ModelCurves
from inference_server.protocol.library import ModelInfo
from inference_server.protocol.matrix import JudgedPicture
from inference_server.protocol.questions import Questions, ReportQuestion
from ui.comparison_view import ComparisonFigures
from ui.model_curves import CurveFigures
from ui.training_curve import CurveRow


def curves(reply: ModelCurves, model: ModelInfo) -> CurveFigures:
    """The curves of one class."""
    in_force = {entry.class_name: entry.threshold for entry in model.thresholds}
    best = max(reply.metric, key=lambda point: point.f1, default=None)
    threshold = in_force.get(reply.class_name)
    notes = (
        f"Best F1 of {reply.class_name}: {best.f1:.3f} at {best.threshold:.2f}." if best else "",
        f"Mean distance from the line (ECE): {figure(reply.calibration_error)}.",
        learning_words(reply),
    )
    return CurveFigures(
        metric=[(p.threshold, p.precision, p.recall, p.f1, p.accuracy) for p in reply.metric],
        threshold=threshold,
        calibration=[
            (bar.confidence, bar.right.value, bar.right.low, bar.right.high)
            for bar in reply.calibration
        ],
        learning=[
            (point.pictures, point.accuracy.value, point.accuracy.low, point.accuracy.high)
            for point in _learning(reply)
        ],
        passes=[
            CurveRow(each.number, each.training_loss, each.validation_loss, each.accuracy)
            for each in reply.passes
        ],
        notes=notes,
    )


def learning_words(reply: ModelCurves) -> str:
    """Whether more labels would help."""
    points = _learning(reply)
    if reply.growth:
        return reply.growth
    if len(points) < 2 or points[0].pictures == points[-1].pictures:
        return "One point for each model. Train again with more labels to see whether they help."
    first, last = points[0], points[-1]
    gain = last.accuracy.value - first.accuracy.value
    return f"From {first.pictures} to {last.pictures} labelled plots accuracy moved by {gain:+.3f}."


def _learning(reply: ModelCurves) -> list[LearningPoint]:
    """Heads on parts of this model's labels, where its training made them; else all its relatives."""
    points = reply.grown if len(reply.grown) > 1 else reply.learning
    return sorted(points, key=lambda point: point.pictures)


def comparison(reply: Comparison) -> ComparisonFigures:
    """Two models on the same pictures, in words and figures."""
    first, other = f"Model {reply.model_id}", f"Model {reply.other_id}"
    rows = tuple(
        (
            change.name,
            str(change.count),
            f"{change.recall:.3f}",
            f"{change.other_recall:.3f}",
            f"{change.precision:.3f}",
            f"{change.other_precision:.3f}",
            _better(change.recall, change.other_recall),
        )
        for change in reply.changes
    )
    return ComparisonFigures(
        sentence=_verdict(reply, first, other),
        facts=(
            ("Plots", str(reply.total)),
            ("Both right", str(reply.both_right)),
            (f"Only {first} right", str(reply.only_first)),
            (f"Only {other} right", str(reply.only_other)),
            ("Both wrong", str(reply.both_wrong)),
            ("McNemar's test", f"p = {reply.p_value:.3g}"),
        ),
        heads=(
            "Class",
            "Plots",
            f"Found by {reply.model_id}",
            f"by {reply.other_id}",
            f"Right of {reply.model_id}",
            f"of {reply.other_id}",
            first,
        ),
        rows=rows,
        note=_note(reply),
    )


def _note(reply: Comparison) -> str:
    words = []
    if reply.newest:
        words.append(f"Compared on the newest {reply.newest} plots that {reply.model_id} judged.")
    if not reply.unseen:
        words.append(
            "Both were trained on these plots: the figures flatter them, most of all the newer one."
        )
    return " ".join(words)


def _verdict(reply: Comparison, first: str, other: str) -> str:
    if not reply.total:
        return "There are no plots that both models judged."
    if reply.only_first == reply.only_other:
        return f"{first} and {other} are right equally often."
    better = first if reply.only_first > reply.only_other else other
    if reply.p_value < 0.05:
        return f"{better} is right more often, and hardly by chance."
    return f"{better} is right more often here, but that can be chance."


def _better(mine: float, other: float) -> str:
    if abs(mine - other) < 5e-4:
        return "the same"
    return "better" if mine > other else "worse"


def difference_words(each: Difference) -> str:
    """Below a picture on which two models differ."""
    return f"{each.picture.said} or {each.other_said}, labelled {each.picture.expert}"


# ---------------------------------------------------------------- training report


def report_heading(reply: Questions) -> tuple[str, str]:
    """What stands above the questions."""
    title = f"Who is right, the person or the AI? {plots(reply.total)}"
    return title, f"{reply.answered} answered, the surest first"


def questioned(each: ReportQuestion) -> JudgedPicture:
    """A question as a picture of the strip."""
    return JudgedPicture(
        picture_id=each.picture_id,
        picture_hash=each.picture_hash,
        run_period=each.run_period,
        run=each.run,
        chunk=each.chunk,
        expert=each.labelled,
        labelled_by=each.labelled_by or "A person",
        said=each.said,
        confidence=each.confidence,
    )


def answer_words(each: ReportQuestion) -> str:
    """The newest answer; empty while there is none."""
    if not each.answers:
        return ""
    newest = each.answers[-1]
    right = "the AI" if newest.class_name == each.said else "the person"
    if newest.class_name not in (each.said, each.labelled):
        return f"{newest.who}: {newest.class_name}, neither"
    return f"{newest.who}: {newest.class_name}, {right}"
