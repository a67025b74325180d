"""How the log is said: filters from words, tables, sentences and facts of a streak. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from hydra_desktop.models.log import lasted, started, state_of, verdict_of, when
from hydra_desktop.models.masks import areas_words
from hydra_desktop.words import NO_MODEL, duration
from inference_server.protocol.base import Severity
from inference_server.protocol.messages import PlotTypeInfo
from inference_server.protocol.records import (
    GetLogPage,
    LogFilter,
    Streak,
    StreakDetails,
    StreakPicture,
)
from inference_server.protocol.verdicts import Verdict
from ui.class_bars import percent
from ui.log_filters import BETWEEN, LogWish
from ui.streak_view import StreakFacts

NO_PLOT = -1


def table(streaks: Sequence[Streak]) -> str:
    """CSV, one line for each streak; times in UTC."""
    names = [name for name in Streak.__struct_fields__ if not name.endswith("_hash")]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    for streak in streaks:
        plain = msgspec.to_builtins(streak)
        writer.writerow([plain[name] for name in names])
    return out.getvalue()


def runs_of(text: str) -> tuple[int | None, int | None]:
    """ "92317" or "92300-92317" (also "92300-" and "-92317"); what is no run asks for none."""
    first, dash, last = text.replace("–", "-").replace(" ", "").partition("-")
    begin = int(first) if first.isdecimal() else None
    if not dash:
        return begin, begin
    return begin, int(last) if last.isdecimal() else None


def filter_of(wish: LogWish, plot_types: Sequence[PlotTypeInfo]) -> LogFilter:
    """The question to the server."""
    first, last = runs_of(wish.runs)
    detectors = tuple(each.id for each in plot_types if each.group in wish.detectors)
    nothing_of = (NO_PLOT,) if wish.detectors else ()  # detectors that have no plots any more
    since, until = _times_of(wish, datetime.now(UTC))
    return LogFilter(
        bad=wish.bad,
        unconfirmed=wish.unconfirmed,
        plot_type_ids=detectors or nothing_of,
        labels=wish.kinds,
        run_periods=wish.periods,
        first_run=first,
        last_run=last,
        since=since,
        until=until,
        text=wish.text,
    )


def _times_of(wish: LogWish, now: datetime) -> tuple[datetime | None, datetime | None]:
    if wish.hours == BETWEEN:
        since, until = (
            datetime.fromisoformat(text).astimezone(UTC) for text in (wish.since, wish.until)
        )
        return since, until
    return (now - timedelta(hours=wish.hours) if wish.hours else None), None


def noteworthy(verdict: Verdict) -> bool:
    """Whether the log tells of it: Bad or Unconfirmed, by a model."""
    unsure = not verdict.confirmed or verdict.severity is Severity.BAD
    return unsure and verdict.label != NO_MODEL


def fresh_words(count: int) -> str:
    """How many verdicts came since the rows were asked for."""
    return "1 new verdict: show it" if count == 1 else f"{count} new verdicts: show them"


def page_after(wanted: LogFilter, last: Streak, limit: int) -> GetLogPage:
    """The page that follows ``last``."""
    return GetLogPage(wanted=wanted, after_at=last.last_at, after_id=last.id, limit=limit)


def nothing(wanted: LogFilter) -> str:
    """What to say when there are no rows."""
    if wanted == LogFilter():
        return "No bad or unconfirmed plots yet."
    runs = "these filters"
    if wanted.first_run is not None and wanted.last_run is not None:
        runs = f"runs {wanted.first_run} to {wanted.last_run} with these filters"
    return f"No bad plots in {runs}. Clear the filters to see more."


def facts(details: StreakDetails) -> StreakFacts:
    """One streak, ready to show."""
    streak = details.streak
    rows = [
        ("Acknowledged by", acknowledged(streak)),
        ("Started at", started(streak)),
        ("Until", f"{streak.run}.{streak.last_chunk}" if streak.chunked else str(streak.run)),
        ("Lasted", lasted(streak) + (", still going on" if streak.open else "")),
        ("First seen", when(streak.first_at)),
        ("Run period", streak.run_period),
    ]
    if streak.contact:
        rows.append(("Contact", streak.contact))
    return StreakFacts(
        title=streak.plot_type,
        state=state_of(streak),
        verdict=verdict_of(streak),
        sentence=_sentence(streak),
        facts=tuple(rows),
        chunks=tuple(_chunk(streak, each) for each in details.pictures),
        comments="\n".join(
            f"{each.who}, {when(each.at)}: {each.text}" for each in details.comments
        ),
    )


def acknowledged(streak: Streak) -> str:
    """Who has seen it, when and why; or that nobody has."""
    if not streak.seen_by or streak.seen_at is None:
        return "Nobody"
    why = f": {streak.seen_why}" if streak.seen_why else ""
    return f"{streak.seen_by}, {when(streak.seen_at)}{why}"


def label_words(label: str, by: str) -> str:
    """What a person said of a picture."""
    if not label:
        return "Your label teaches it."
    return f"Labelled {label} by {by}." if by else f"Labelled {label}."


def _chunk(streak: Streak, picture: StreakPicture) -> str:
    place = f"{streak.run}.{picture.chunk}" if streak.chunked else str(streak.run)
    said = f", labelled {picture.label}" if picture.label else ""
    left_out = f", judged without {areas_words(picture.masked)}" if picture.masked else ""
    return f"{place}, {percent(picture.confidence)} sure{said}{left_out}"


def _sentence(streak: Streak) -> str:
    if not streak.chunked:
        return f"{streak.label} in run {streak.run}."
    seconds = (streak.last_at - streak.first_at).total_seconds()
    for_how_long = f", {duration(seconds)}" if seconds >= 60 else ""
    many = "chunk" if streak.length == 1 else "chunks"
    return f"Started at {started(streak)}, lasted {streak.length} {many}{for_how_long}."
