"""What the detail page says of one picture, from its verdict and what the server knows besides."""

from __future__ import annotations

from datetime import datetime

from hydra_desktop.models.facts import score_bars
from hydra_desktop.models.masks import areas_words, judged_without, shown_on
from hydra_desktop.words import (
    NO_MODEL,
    clock,
    duration,
    judged_state,
    judged_words,
    moment,
    run_chunk,
)
from inference_server.protocol.detail import Detail
from inference_server.protocol.messages import PlotTypeInfo, Verdict
from ui.detail_page import Shown
from ui.neighbours import Neighbour, Point

Rows = tuple[tuple[str, str], ...]
_METHODS = {"max_f1": "max-F1", "person": "set by hand"}


def shown(
    kind: PlotTypeInfo,
    verdict: Verdict,
    detail: Detail | None,
    colours: dict[str, str],
    *,
    past: bool,
    now: datetime,
) -> Shown:
    """Everything in words."""
    kept = "" if past else f", {duration((now - verdict.judged_at).total_seconds())} old"
    return Shown(
        name=kind.name,
        subtitle=f"Run {_run(verdict)}, {moment(verdict.picture_time, now)}{kept}",
        state=judged_state(verdict),
        verdict=judged_words(verdict),
        standing=_standing(verdict),
        scores=score_bars(verdict, colours),
        why=_why(kind, verdict, detail),
        masks=shown_on(kind, verdict, now, past=past),
        lately=_lately(kind, verdict, detail, now),
        guidance=kind.guidance,
        past=past,
    )


def neighbour(verdict: Verdict) -> Neighbour:
    """One chunk of the strip; its picture comes later."""
    state = judged_state(verdict)
    doubt = "" if verdict.confirmed or verdict.label == NO_MODEL else "?"
    words = (
        "No model"
        if verdict.label == NO_MODEL
        else f"{verdict.label}{doubt} {verdict.confidence:.3f}"
    )
    place = f".{verdict.chunk}" if verdict.chunked else str(verdict.run)
    spoken = f"Chunk {run_chunk(verdict)}, {words}, {clock(verdict.judged_at)}"
    return Neighbour(verdict.picture_hash, state, words, place, spoken)


def point(verdict: Verdict) -> Point:
    """One verdict of the trend."""
    shares = tuple((each.name, each.severity.value, each.confidence) for each in verdict.scores)
    return Point(verdict.judged_at, shares)


def _run(verdict: Verdict) -> str:
    return f"{verdict.run}, chunk {verdict.chunk}" if verdict.chunked else str(verdict.run)


def _standing(verdict: Verdict) -> str:
    if verdict.label == NO_MODEL:
        return "Nobody has taught this plot yet."
    standing = "Confirmed" if verdict.confirmed else "Unconfirmed: a person should look"
    count = len(verdict.masked)
    return f"{standing}, judged without {areas_words(count)}" if count else standing


def _why(kind: PlotTypeInfo, verdict: Verdict, detail: Detail | None) -> Rows:
    rows = [("Model", _model(verdict, detail))]
    if left_out := judged_without(verdict, kind.masks):
        rows.append(("Judged without", left_out))
    if detail is not None and verdict.scores:
        rows += [_threshold(detail, verdict.scores[0].name, verdict.scores[0].threshold)]
    anomaly = (
        "Not measured" if verdict.anomaly is None else f"{verdict.anomaly:.1f} times the limit"
    )
    rows += [
        ("Unlike anything Good", anomaly),
        ("Seen after", f"{verdict.latency_ms / 1000:.2f} s"),
        ("Drawn at random", "Yes" if verdict.unbiased else "No"),
    ]
    return tuple(rows)


def _model(verdict: Verdict, detail: Detail | None) -> str:
    if verdict.model_id is None:
        return "None yet"
    if detail is None or detail.model_made_at is None:
        return str(verdict.model_id)
    made = detail.model_made_at.astimezone().strftime("%d %b")
    return f"{verdict.model_id}, {made}, by {detail.model_by}"


def _threshold(detail: Detail, name: str, then: float) -> tuple[str, str]:
    """What the class needs; where that was changed since, both."""
    held = next((each for each in detail.thresholds if each.class_name == name), None)
    if held is None:
        return f"{name} needs", f"{then:.2f}"
    if abs(held.value - then) > 1e-9:
        return f"{name} needs", f"{then:.2f} then, {held.value:.2f} now"
    how = _METHODS.get(held.method, held.method)
    return f"{name} needs", f"{then:.2f}, {how}"


def _lately(kind: PlotTypeInfo, verdict: Verdict, detail: Detail | None, now: datetime) -> Rows:
    rows = []
    if detail is not None and detail.in_a_row:
        since = detail.streak_since or verdict.judged_at
        rows += [
            (f"{verdict.label} since", moment(since, now)),
            ("Chunks in a row", str(detail.in_a_row)),
        ]
    if detail is not None:
        times = "Once" if detail.bad_this_week == 1 else f"{detail.bad_this_week} times"
        rows += [
            ("Bad this week", times if detail.bad_this_week else "Never"),
            ("Label", f"{detail.label}, by {detail.label_by}" if detail.label else "None yet"),
        ]
    rows += [
        ("Run period", verdict.run_period or "Not named"),
        ("Contact", kind.contact or "Nobody is named"),
    ]
    return tuple(rows)
