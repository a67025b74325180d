"""Alarm figures of a shift after EEMUA 191: rate, floods, worst offenders, chattering, stale ones.

Guide values there: about 1 alarm in 10 min is manageable, 10 in 10 min is a flood, and an alarm that
stands for more than 24 h is stale.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median

from inference_server.alarms.standing import Standing
from inference_server.protocol.alarms import (
    AlarmEvent,
    AlarmEventKind,
    Figures,
)

SPAN = timedelta(minutes=10)
FLOOD = 10
STALE = timedelta(hours=24)
WORST = 10
CALLS = frozenset({AlarmEventKind.RAISED, AlarmEventKind.WORSENED, AlarmEventKind.CHATTERING})


def figures(
    events: Sequence[AlarmEvent], standing: Iterable[Standing], start: datetime, end: datetime
) -> Figures:
    """Of the ``events`` between ``start`` and ``end`` (oldest first), and of what stands at ``end``."""
    calls = [event for event in events if event.kind in CALLS]
    per_span = _per_span(calls, start)
    spans = max((end - start) / SPAN, 1.0)
    offenders = Counter(event.plot_type for event in calls)
    return Figures(
        start=start,
        end=end,
        raised=len(calls),
        per_10_min=len(calls) / spans,
        worst_10_min=max(per_span.values(), default=0),
        floods=sum(number >= FLOOD for number in per_span.values()),
        by_severity=dict(Counter(event.severity.value for event in calls)),
        worst=tuple(offenders.most_common(WORST)),
        chattering=tuple(
            sorted({e.plot_type for e in calls if e.kind is AlarmEventKind.CHATTERING})
        ),
        stale=tuple(
            sorted(
                {
                    each.plot[0]
                    for each in standing
                    if each.line.active and each.line.since and end - each.line.since > STALE
                }
            )
        ),
        acknowledge_s=_acknowledge_s(events),
    )


def _per_span(calls: Iterable[AlarmEvent], start: datetime) -> Counter[int]:
    return Counter(int((event.at - start) / SPAN) for event in calls)


def _acknowledge_s(events: Iterable[AlarmEvent]) -> float | None:
    """The median time from a call to its acknowledgement, in seconds."""
    waiting: dict[tuple[str, bool, str], datetime] = {}
    times: list[float] = []
    for event in events:
        key = (event.plot_type, event.chunked, event.line.value)
        if event.kind in CALLS:
            waiting.setdefault(key, event.at)
        elif event.kind is AlarmEventKind.ACKNOWLEDGED and key in waiting:
            times.append((event.at - waiting.pop(key)).total_seconds())
    return median(times) if times else None
