"""What Hydra saw, as a desktop asks it: the log, the timeline of a plot type, the daily report."""

from __future__ import annotations

from datetime import datetime

import msgspec

from inference_server.protocol.base import Message, Severity

# ---------------------------------------------------------------- the log


class LogFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which streaks; what is left empty is not asked. Times are those of a streak's end."""

    bad: bool = True
    unconfirmed: bool = True
    plot_type_ids: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    run_periods: tuple[str, ...] = ()
    first_run: int | None = None
    last_run: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""  # in the plot's, detector's, contact's or class's name, in a comment; or a run


class Streak(msgspec.Struct, frozen=True, kw_only=True):
    """Verdicts of one class in a row, of one plot type in one run: Bad, or Unconfirmed."""

    id: int
    plot_type_id: int
    plot_type: str
    chunked: bool
    group: str
    contact: str
    run_period: str
    run: int
    first_chunk: int
    last_chunk: int
    first_at: datetime
    last_at: datetime
    length: int
    open: bool  # whether the next verdict may prolong it
    label: str
    severity: Severity
    confirmed: bool
    confidence: float  # of its first verdict
    first_hash: str
    last_hash: str
    comments: int = 0
    seen_by: str = ""  # who acknowledged its alarm; empty: nobody, or it called nobody
    seen_at: datetime | None = None
    seen_why: str = ""


class StreakPicture(msgspec.Struct, frozen=True, kw_only=True):
    """One picture of a streak."""

    inference_id: int
    picture_hash: str
    chunk: int
    judged_at: datetime
    confidence: float
    label: str = ""  # what a person said; empty: nobody did
    masked: int = 0  # areas that were left out of judging


class StreakComment(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said of a streak."""

    who: str
    text: str
    at: datetime


class GetLogPage(Message, frozen=True, kw_only=True):
    """The newest streaks that come after the one that ended at ``after_at`` and has ``after_id``."""

    wanted: LogFilter = LogFilter()
    after_at: datetime | None = None
    after_id: int | None = None
    limit: int = 100  # at most 500


class LogPage(Message, frozen=True, kw_only=True):
    """``more``: whether older ones follow."""

    streaks: tuple[Streak, ...]
    more: bool


class GetStreak(Message, frozen=True, kw_only=True):
    """One streak with its pictures and comments, or the one with which its trouble began."""

    streak_id: int
    from_the_beginning: bool = False


class StreakDetails(Message, frozen=True, kw_only=True):
    """A streak; ``pictures`` in order, at most the first 400."""

    streak: Streak
    pictures: tuple[StreakPicture, ...]
    comments: tuple[StreakComment, ...] = ()


class CommentOnStreak(Message, frozen=True, kw_only=True):
    """Say something of a streak."""

    streak_id: int
    text: str
    person: str = ""  # at a shared station: who it was


class GetRunPeriods(Message, frozen=True, kw_only=True):
    """The names of all run periods."""


class RunPeriods(Message, frozen=True, kw_only=True):
    """Newest first."""

    names: tuple[str, ...]


class GetReport(Message, frozen=True, kw_only=True):
    """The report for the run coordinators' meeting, on a stretch of time."""

    since: datetime
    until: datetime
    format: str = "pdf"  # pdf, html
    send: bool = False  # to everybody who wants it by e-mail, besides


class Report(Message, frozen=True, kw_only=True):
    """The blob is the report. ``sent_to``: how many people got it by e-mail."""

    media_type: str
    streaks: int
    sent_to: int = 0


# ---------------------------------------------------------------- the timeline


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """One class over the steps of a timeline; None where the model did not know it."""

    name: str
    severity: Severity
    mean: tuple[float | None, ...]
    low: tuple[float | None, ...] = ()  # empty: each step is one verdict
    high: tuple[float | None, ...] = ()
    threshold: tuple[float | None, ...] = ()  # then in force


class ModelSwitch(msgspec.Struct, frozen=True, kw_only=True):
    """Another model became the live one."""

    at: datetime
    before: str  # its number, as the library counts; empty: no model
    after: str
    who: str = ""
    reason: str = ""
    place: float | None = None  # by run


class ChangePoint(msgspec.Struct, frozen=True, kw_only=True):
    """Here the mean confidence of a class changed, and stayed so."""

    at: datetime
    label: str
    before: float
    after: float
    sentence: str
    place: float | None = None  # by run


class RunMark(msgspec.Struct, frozen=True, kw_only=True):
    """A run on the axis: it begins at ``place`` and ends where the next one begins."""

    place: int
    run: int


class GetTimeline(Message, frozen=True, kw_only=True):
    """How sure Hydra was of a plot type, by time, or of runs. Without either: its newest 24 hours.

    ``by_run``: runs stand side by side, whatever time lay between; the same stretch as whole runs,
    or what stands from ``first_place`` to ``last_place`` (see ``Timeline``).
    """

    plot_type_id: int
    since: datetime | None = None
    until: datetime | None = None
    first_run: int | None = None
    last_run: int | None = None
    by_run: bool = False
    first_place: float | None = None
    last_place: float | None = None


class Timeline(Message, frozen=True, kw_only=True):
    """Columns of equal length, in order: a step is a verdict, an hour or a day (UTC), or a run.

    By run, ``places`` say where the steps stand: the first run of all fills 0 to 1, the one that
    began next 1 to 2; a chunk has its share of its run.
    """

    plot_type_id: int
    step: str  # point, hour, day, run
    since: datetime
    until: datetime
    times: tuple[float, ...]  # seconds since 1970
    runs: tuple[int, ...]  # of hours and days: the first run
    chunks: tuple[int, ...]  # of points
    hashes: tuple[str, ...]  # of points: the pictures
    labels: tuple[str, ...]  # of hours and days: the most frequent verdict
    confirmed: tuple[bool, ...]
    pictures: tuple[int, ...]
    noteworthy: tuple[int, ...]  # how many of them were Bad or Unconfirmed
    curves: tuple[Curve, ...]
    switches: tuple[ModelSwitch, ...] = ()
    changes: tuple[ChangePoint, ...] = ()
    beam_off: tuple[tuple[float, float], ...] = ()  # from and to, seconds since 1970
    by_run: bool = False
    places: tuple[float, ...] = ()  # by run; else empty
    first_place: float = 0.0  # what was asked for
    last_place: float = 0.0
    run_marks: tuple[RunMark, ...] = ()  # of very many runs not all
    off_places: tuple[tuple[float, float], ...] = ()  # without beam, by run
