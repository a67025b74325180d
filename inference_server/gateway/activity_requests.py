"""How busy the server is, for the status page."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

from db import activity, history
from db.activity import Growth
from db.session import transaction
from inference_server.gateway.answers import Handlers, Means, Result
from inference_server.protocol.activity import Activity, DayCount, GetActivity
from inference_server.spread import binned

A_YEAR = timedelta(days=371)  # whole weeks
STEPS = ("decode", "forward", "whole")
FAR = 10 * 365.0  # days; what is farther away interests nobody


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {GetActivity: lambda _request, _who: _activity(means)}


def _activity(means: Means) -> Result:
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction(means.sessions) as session:
        last_minute = activity.since(session, now - timedelta(minutes=1))
        today = activity.today(session, midnight)
        taken = activity.times(session)
        days = history.calendar(session, midnight - A_YEAR)
        grown = activity.growth(session, now)
    free = shutil.disk_usage(means.config.data_dir).free
    return Result(
        Activity(
            last_minute=last_minute,
            today=today,
            times=tuple(
                binned(name, [each[place] for each in taken]) for place, name in enumerate(STEPS)
            ),
            days=tuple(
                DayCount(day=each.start, pictures=each.pictures, noteworthy=each.noteworthy)
                for each in days
            ),
            forecast=forecast(grown, free, means.config.store.max_gb, now),
        )
    )


def forecast(grown: Growth, free: int, max_gb: float, now: datetime) -> str:
    """When the disk will be full at the rate of the last days."""
    rate = grown.stored / grown.days
    if rate < 1.0:
        return f"No pictures were stored in the last {grown.days:.0f} days. {free / 1e9:.0f} GB are free."
    left = free / rate
    speed = f"{rate / 1e9:.2f} GB a day"
    if max_gb > 0:
        return f"The store grows by {speed} and is kept below {max_gb:g} GB. {free / 1e9:.0f} GB are free."
    if left > FAR:
        return f"The store grows by {speed}. {free / 1e9:.0f} GB are free: enough for ten years."
    full = now + timedelta(days=left)
    return f"The store grows by {speed}. At this rate the disk is full on {full:%d %b %Y}."
