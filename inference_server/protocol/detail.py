"""What the detail view asks: chunks before and after, the reference, what is behind a verdict; a vote."""

from __future__ import annotations

from datetime import datetime

import msgspec

from inference_server.protocol.base import Message, Severity
from inference_server.protocol.verdicts import Verdict


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """A threshold that is in force now, and how it came to be."""

    class_name: str
    value: float
    method: str  # max_f1, person
    who: str
    at: datetime


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A run, as its pictures tell of it."""

    run: int
    run_period: str
    first_seen: datetime
    last_seen: datetime


class GetHistoryOf(Message, frozen=True, kw_only=True):
    """Verdicts of one plot type around a moment: ``before`` up to it, ``after`` later than it."""

    plot_type_id: int
    at: datetime | None = None  # None: now
    before: int = 8
    after: int = 0
    thumbnails: bool = False


class History(Message, frozen=True, kw_only=True):
    """Oldest first. With thumbnails there is one blob for each verdict, empty where there is none."""

    plot_type_id: int
    verdicts: tuple[Verdict, ...]


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """One verdict in the strip of a tile."""

    at: datetime
    severity: Severity
    confirmed: bool
    judged: bool  # False: there was no model


class GetStrips(Message, frozen=True, kw_only=True):
    """The last verdicts of every plot type, in short."""

    length: int = 20


class Strips(Message, frozen=True, kw_only=True):
    """By plot type id; oldest first."""

    strips: dict[int, tuple[Mark, ...]]


class GetReference(Message, frozen=True, kw_only=True):
    """The last Good, confirmed picture of a plot type before a moment (None: now)."""

    plot_type_id: int
    before: datetime | None = None


class Reference(Message, frozen=True, kw_only=True):
    """Its picture is asked for by its hash."""

    plot_type_id: int
    verdict: Verdict


class GetDetail(Message, frozen=True, kw_only=True):
    """What is known besides the verdict of one picture of a plot type."""

    plot_type_id: int
    picture_hash: str


class Detail(Message, frozen=True, kw_only=True):
    """Model and thresholds in force, the label so far, and how often this plot was Bad lately."""

    picture_hash: str
    model_name: str = ""
    model_made_at: datetime | None = None
    model_by: str = ""
    thresholds: tuple[Threshold, ...] = ()
    label: str = ""  # the current label by a person; empty: none yet
    label_by: str = ""
    classes: tuple[str, ...] = ()  # that a person may give
    may_label: bool = False
    in_a_row: int = 0  # chunks of the streak that this picture is in
    streak_since: datetime | None = None
    bad_this_week: int = 0  # streaks of confirmed Bad in the last seven days
    logbook: str = ""  # where an entry would go, in words; empty: no log book is set up


class CastVote(Message, frozen=True, kw_only=True):
    """A label by a person. Sent twice with the same ``client_id`` it counts once."""

    plot_type_id: int
    picture_hash: str
    class_name: str
    client_id: str
    person: str = ""  # at a shared station: who it was
    verdict_visible: bool = True
    seconds: float | None = None


class WriteLogEntry(Message, frozen=True, kw_only=True):
    """An entry for the log book: the picture, its verdict and run go with the text."""

    plot_type_id: int
    picture_hash: str
    text: str
    client_id: str  # so that an entry sent twice is one entry where the log book can tell
    person: str = ""


class GetRuns(Message, frozen=True, kw_only=True):
    """The newest runs, or those with numbers up to ``up_to``, the nearest first."""

    limit: int = 100
    up_to: int | None = None


class Runs(Message, frozen=True, kw_only=True):
    """Newest first."""

    runs: tuple[RunInfo, ...]


class GetRun(Message, frozen=True, kw_only=True):
    """The last verdict of each plot type in one run."""

    run: int
    run_period: str


class RunVerdicts(Message, frozen=True, kw_only=True):
    """In the order of the plot types' ids; the blobs are their thumbnails, empty where there is none."""

    run: int
    run_period: str
    verdicts: tuple[Verdict, ...]
