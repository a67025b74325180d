"""The log."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from db import audit, log, streaks
from db.session import transaction
from inference_server.gateway.answers import Handlers, Means, Result, must
from inference_server.protocol.base import Severity
from inference_server.protocol.messages import Done
from inference_server.protocol.records import (
    CommentOnStreak,
    GetLogPage,
    GetRunPeriods,
    GetStreak,
    LogFilter,
    LogPage,
    RunPeriods,
    Streak,
    StreakComment,
    StreakDetails,
    StreakPicture,
)

LIMIT = 500


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        GetLogPage: lambda request, _who: _page(means, request),
        GetStreak: lambda request, _who: _streak(means, request),
        CommentOnStreak: lambda request, who: _comment(means, request, who),
        GetRunPeriods: lambda _request, _who: _run_periods(means),
    }


def _page(means: Means, request: GetLogPage) -> Result:
    limit = max(1, min(request.limit, LIMIT))
    after = None
    if request.after_at is not None and request.after_id is not None:
        after = (request.after_at, request.after_id)
    with transaction(means.sessions) as session:
        found = log.page(session, filter_of(request.wanted), after=after, limit=limit + 1)
    streaks = tuple(told(each) for each in found[:limit])
    return Result(LogPage(streaks=streaks, more=len(found) > limit))


def filter_of(wanted: LogFilter) -> log.Filter:
    """The same question to the database."""
    return log.Filter(**{name: getattr(wanted, name) for name in LogFilter.__struct_fields__})


def told(row: streaks.Streak) -> Streak:
    """A row of the log, for the protocol."""
    return Streak(**{**asdict(row), "severity": Severity(row.severity)})


def _streak(means: Means, request: GetStreak) -> Result:
    with transaction(means.sessions) as session:
        number = request.streak_id
        if request.from_the_beginning:
            number = streaks.beginning(session, number)
        row = streaks.one(session, number)
        pictures = streaks.pictures(session, number)
        comments = streaks.comments(session, number)
    return Result(
        StreakDetails(
            streak=told(row),
            pictures=tuple(StreakPicture(**asdict(each)) for each in pictures),
            comments=tuple(StreakComment(**asdict(each)) for each in comments),
        )
    )


def _comment(means: Means, request: CommentOnStreak, who: str) -> Result:
    person = request.person or who
    with transaction(means.sessions) as session:
        row = streaks.one(session, request.streak_id)
        must(session, who, "shifter", row.plot_type_id)
        now = datetime.now(UTC)
        number = streaks.comment(session, row.id, who=person, text=request.text, at=now)
        audit.write(
            session, who=person, what="comment", subject=row.plot_type,
            before={}, after={"streak": row.id, "text": request.text.strip()},
        )  # fmt: skip
    return Result(Done(sentence="The comment is kept.", id=number))


def _run_periods(means: Means) -> Result:
    with transaction(means.sessions) as session:
        return Result(RunPeriods(names=tuple(log.run_periods(session))))
