"""From a timeline of the server to what is drawn, told and exported of it. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from hydra_desktop.models.log import when
from inference_server.protocol.records import ChangePoint, Curve, ModelSwitch, Timeline
from ui.class_bars import percent
from ui.trend_data import Numbers, TrendCurve, TrendData

NOTHING = "No verdicts on {name} from {since} to {until}."


def trend(timeline: Timeline, name: str, colours: Mapping[str, str]) -> TrendData:
    """What is drawn."""
    several, by_run = timeline.step != "point", timeline.by_run
    noteworthy = [count > 0 for count in timeline.noteworthy]
    doubtful = [several or not sure for sure in timeline.confirmed]
    return TrendData(
        title=name,
        at=np.array(timeline.places if by_run else timeline.times, dtype=np.float64),
        tips=[tip(timeline, step) for step in range(len(timeline.times))],
        bad=[bad and not doubt for bad, doubt in zip(noteworthy, doubtful, strict=True)],
        unconfirmed=[bad and doubt for bad, doubt in zip(noteworthy, doubtful, strict=True)],
        curves=[_curve(each, colours) for each in timeline.curves],
        flags=[
            (_at(each), f"{each.before or 'no model'} → {each.after or 'no model'}")
            for each in timeline.switches
        ],
        changes=[(_at(each), each.sentence) for each in timeline.changes],
        beam_off=timeline.off_places if by_run else timeline.beam_off,
        by_run=by_run,
        run_marks=[(each.place, each.run) for each in timeline.run_marks],
        chunk_names=() if several else _chunk_names(timeline),
        nothing=NOTHING.format(name=name, since=when(timeline.since), until=when(timeline.until)),
    )


def _at(mark: ModelSwitch | ChangePoint) -> float:
    return mark.at.timestamp() if mark.place is None else mark.place


def _chunk_names(timeline: Timeline) -> list[str]:
    return [_chunk_name(timeline, step) for step in range(len(timeline.runs))]


def _chunk_name(timeline: Timeline, step: int) -> str:
    run, chunk = timeline.runs[step], timeline.chunks[step]
    return f"{run}.{chunk}" if chunk else str(run)


def tip(timeline: Timeline, step: int) -> str:
    """When, which run, and how sure of each class."""
    lines = [f"{key}: {value}" for key, value in facts(timeline, step)]
    if timeline.step == "point" and _without_beam(timeline, timeline.times[step]):
        lines.append("No beam")
    return "\n".join(lines)


def _without_beam(timeline: Timeline, at: float) -> bool:
    return any(begin <= at < end for begin, end in timeline.beam_off)


def facts(timeline: Timeline, step: int) -> tuple[tuple[str, str], ...]:
    """What is known of one step."""
    at = datetime.fromtimestamp(timeline.times[step], UTC)
    told = [("Time", when(at)), *_place(timeline, step)]
    for curve in timeline.curves:
        if (sure := curve.mean[step]) is not None:
            threshold = curve.threshold[step]
            needed = "" if threshold is None else f" (threshold {threshold:.2f})"
            told.append((curve.name, f"{sure:.3f}{needed}"))
    return tuple(told)


def _place(timeline: Timeline, step: int) -> list[tuple[str, str]]:
    run, label = timeline.runs[step], timeline.labels[step]
    if timeline.step == "point":
        doubt = "" if timeline.confirmed[step] else "?"
        return [("Run and chunk", _chunk_name(timeline, step)), ("Verdict", f"{label}{doubt}")]
    share = timeline.noteworthy[step] / max(1, timeline.pictures[step])
    return [
        ("Run" if timeline.step == "run" else "First run", str(run)),
        ("Pictures", f"{timeline.pictures[step]}, {percent(share)} bad or unconfirmed"),
        ("Mostly", label),
    ]


COLUMNS = (
    "plot_type", "time", "run", "chunk", "label", "pictures", "noteworthy", "class", "confidence",
    "lowest", "highest", "threshold",
)  # fmt: skip


def table(timelines: Sequence[tuple[str, Timeline]]) -> str:
    """CSV: one line for each plot type, step and class; times in UTC."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(rows(timelines))
    return out.getvalue()


def parquet(timelines: Sequence[tuple[str, Timeline]]) -> bytes:
    """The same as Parquet. Raises ImportError: pyarrow is not installed."""
    import pyarrow as pa
    from pyarrow import parquet as files

    columns = list(zip(*rows(timelines), strict=True)) or [()] * len(COLUMNS)
    held = io.BytesIO()
    made = pa.table({name: list(cells) for name, cells in zip(COLUMNS, columns, strict=True)})
    files.write_table(made, held)
    return held.getvalue()


def rows(timelines: Sequence[tuple[str, Timeline]]) -> Iterator[tuple[object, ...]]:
    """One for each plot type, step and class, as ``COLUMNS`` name them."""
    for name, timeline in timelines:
        for step, at in enumerate(timeline.times):
            moment = datetime.fromtimestamp(at, UTC).isoformat()
            start = (
                name, moment, timeline.runs[step], timeline.chunks[step], timeline.labels[step],
                timeline.pictures[step], timeline.noteworthy[step],
            )  # fmt: skip
            for curve in timeline.curves:
                yield (*start, *_cells(curve, step))


def _cells(curve: Curve, step: int) -> tuple[object, ...]:
    low, high = (side[step] if side else curve.mean[step] for side in (curve.low, curve.high))
    return (curve.name, curve.mean[step], low, high, curve.threshold[step])


def _curve(curve: Curve, colours: Mapping[str, str]) -> TrendCurve:
    return TrendCurve(
        name=curve.name,
        mean=_numbers(curve.mean),
        low=_numbers(curve.low),
        high=_numbers(curve.high),
        threshold=_numbers(curve.threshold),
        severity=curve.severity.value,
        colour=colours.get(curve.name, ""),
    )


def _numbers(values: Sequence[float | None]) -> Numbers:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
