"""How busy the server is, for the status page."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from db import activity, history
from db.session import transaction
from inference_server import retention_rules
from inference_server.forecast import Growing, forecast
from inference_server.gateway.answers import Handlers, Means, Result
from inference_server.protocol.activity import Activity, DayCount, GetActivity
from inference_server.spread import binned
from inference_server.store import PictureStore

A_YEAR = timedelta(days=371)  # whole weeks
STEPS = ("decode", "forward", "whole")


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
        base = activity.base(session)
        rules = retention_rules.in_force(session, means.config.store)
    small = _thumbnail_bytes(means.config.thumbnails_dir, grown.newest)
    growing = Growing(
        store=(grown.stored + grown.judged * small) / grown.days,
        base=grown.judged / grown.days * base.row,
        base_size=base.size,
        free=shutil.disk_usage(means.config.data_dir).free,
        here=means.config.database.startswith("sqlite"),
        days=grown.days,
    )
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
            forecast=forecast(growing, rules, now),
        )
    )


def _thumbnail_bytes(folder: Path, hashes: Sequence[str]) -> float:
    """What a thumbnail takes on average: each verdict has one, also where its picture is not kept."""
    store = PictureStore(folder, durable=False)
    sizes = [found for each in hashes if (found := store.size(each, "jpg"))]
    return sum(sizes) / len(sizes) if sizes else 0.0
