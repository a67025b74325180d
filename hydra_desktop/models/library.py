"""Models and what they say of labelled pictures, as the library page shows them. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from hydra_desktop.words import moment
from inference_server.protocol.library import ModelInfo
from inference_server.protocol.matrix import (
    BINS,
    ConfusionMatrix,
    JudgedPicture,
    MatrixSkill,
    Share,
)
from inference_server.protocol.messages import ClassInfo, PlotTypeInfo
from inference_server.protocol.thresholds import Outcome, ThresholdEntry, WhatIf
from ui.matrix_figures import ClassMark, MatrixFigures
from ui.picture_strip import PictureCard
from ui.threshold_panel import ThresholdLine, WhatIfRow

_METHODS = {"max_f1": "max-F1"}


def kind_name(kind: PlotTypeInfo, kinds: Sequence[PlotTypeInfo]) -> str:
    """The plot type's name; where both kinds of it exist, which of them."""
    twins = sum(each.name == kind.name for each in kinds)
    if twins < 2:
        return kind.name
    return f"{kind.name} ({'chunks' if kind.chunked else 'whole runs'})"


def mark_of(name: str, classes: Mapping[str, ClassInfo]) -> ClassMark:
    """How a class is drawn."""
    known = classes.get(name)
    return ClassMark(name, known.severity.value, known.colour) if known else ClassMark(name)


def plots(count: int) -> str:
    """ "1 plot", "12 plots"."""
    return "1 plot" if count == 1 else f"{count} plots"


def share_words(share: Share | None) -> str:
    """ "0.985 (0.981 to 0.988 of 30707)"."""
    if share is None:
        return "Not known"
    return f"{share.value:.3f} ({share.low:.3f} to {share.high:.3f}, of {share.of})"


_UNBROKEN = "\u00a0"  # a space at which no line ends


def ranged(value: float | None, bounds: tuple[float, float] | None) -> str:
    """ "0.68 (0.63 to 0.72)"; a dash where the value is not known."""
    if value is None or bounds is None:
        return figure(value)
    return f"{value:.2f} ({bounds[0]:.2f} to {bounds[1]:.2f})"


def figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


# ---------------------------------------------------------------- matrix


def figures(
    matrix: ConfusionMatrix, model: ModelInfo, classes: Mapping[str, ClassInfo]
) -> MatrixFigures:
    """The matrix as it is drawn."""
    place = {name: number for number, name in enumerate(matrix.classes)}
    bars = np.zeros((len(place), len(place), BINS), int)
    for cell in matrix.cells:
        if cell.expert in place and cell.said in place:
            bars[place[cell.expert], place[cell.said]] = cell.bars
    thresholds = {entry.class_name: entry.threshold for entry in model.thresholds}
    return MatrixFigures(
        tuple(mark_of(name, classes) for name in matrix.classes),
        bars,
        tuple(thresholds.get(name) for name in matrix.classes),
    )


def skill_words(skill: MatrixSkill | None) -> str:
    """How good the model is on the pictures of the matrix, each figure with its 95 % interval."""
    if skill is None:
        return ""
    known = (
        ("Accuracy", skill.accuracy),
        ("Macro-F1", skill.macro_f1),
        ("Bad found", skill.bad_recall),
        ("Bad right", skill.bad_precision),
    )
    figures = (
        f"{name} {ranged(share.value, (share.low, share.high))}" for name, share in known if share
    )
    return "   ".join(each.replace(" ", _UNBROKEN) for each in figures)


def matrix_note(matrix: ConfusionMatrix) -> str:
    """What a reader has to know of these figures."""
    words = []
    if matrix.waiting:
        words.append(f"Judging: {matrix.waiting} pictures are left.")
    if matrix.taught:
        words.append(
            f"Up to {matrix.taught} of these {matrix.total} pictures taught this model, so it looks better"
            " here than it is."
        )
    if matrix.note:
        words.append(matrix.note)
    return " ".join(words)


def card(picture: JudgedPicture) -> PictureCard:
    """One picture of a cell."""
    where = f"{picture.run}.{picture.chunk}" if picture.chunk else str(picture.run)
    return PictureCard(
        picture.picture_id,
        f"{picture.said} {picture.confidence:.3f} · {where}",
        f"Run {where}, {picture.run_period}\n{picture.labelled_by} said {picture.expert}, the AI"
        f" said {picture.said} and was {picture.confidence:.3f} sure.",
    )


# ---------------------------------------------------------------- thresholds


def threshold_lines(
    model: ModelInfo, classes: Mapping[str, ClassInfo], order: Sequence[str]
) -> tuple[ThresholdLine, ...]:
    """The thresholds in force, in this order of classes."""
    known = {entry.class_name: entry for entry in model.thresholds}
    return tuple(
        ThresholdLine(mark_of(name, classes), known[name].threshold, origin(known[name]))
        for name in order
        if name in known
    )


def origin(entry: ThresholdEntry) -> str:
    """ "max-F1", or "set by ann"."""
    if entry.method == "person":
        return f"set by {entry.who}"
    return _METHODS.get(entry.method, entry.method)


def history_lines(entries: Sequence[ThresholdEntry], now: datetime) -> list[str]:
    """Who set what when, newest first."""
    return [
        f"{entry.class_name} {entry.threshold:.2f}, {origin(entry)}, {moment(entry.at, now)}"
        + (f": {entry.reason}" if entry.reason else "")
        for entry in entries[:20]
    ]


def what_if(reply: WhatIf) -> tuple[str, tuple[WhatIfRow, ...], str]:
    """Title, rows and what they were counted on."""
    name, now, then = reply.class_name, reply.now, reply.then
    rows = [
        WhatIfRow(f"{name}, confirmed", str(now.confirmed), str(then.confirmed)),
        WhatIfRow(f"{name}, unconfirmed", str(now.unconfirmed), str(then.unconfirmed)),
        WhatIfRow("Confirmed and wrong", str(now.wrong), str(then.wrong)),
        WhatIfRow(f"{name}, but not found", str(now.missed), str(then.missed)),
        WhatIfRow("Left for a person", str(now.left), str(then.left)),
        WhatIfRow("Precision", figure(now.precision), figure(then.precision)),
        WhatIfRow("Recall", figure(now.recall), figure(then.recall)),
        WhatIfRow("Accuracy, confirmed", figure(now.accuracy), figure(then.accuracy)),
    ]
    counted = f"Counted on {reply.total} labelled plots."
    if now.calls_per_shift is not None and then.calls_per_shift is not None:
        rows.append(WhatIfRow("Calls per shift", _calls(now), _calls(then)))
        counted += f" Calls over the last {reply.runs} runs, {reply.hours:.1f} h."
    return f"If {name} goes to {then.threshold:.2f}", tuple(rows), counted


def _calls(outcome: Outcome) -> str:
    return f"{outcome.calls_per_shift:.1f}"
