"""A queue with the pictures of a run together: whole runs, the newest first, in each the queue's order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from db import label_queue
from db.label_filter import Narrowing
from db.queued import Key, Queued


@dataclass(frozen=True, slots=True)
class Grouped:
    """A page; ``sizes``: by run how many pictures the queue holds of it, on whatever page."""

    items: list[Queued]
    sizes: dict[int, int]
    after: Key  # where the next page begins; empty: this was the last one


def page(
    session: Session,
    queue: str,
    plot_type_ids: Sequence[int],
    narrowing: Narrowing,
    *,
    after: Key = (),
    limit: int = 100,
) -> Grouped:
    """As many whole runs as ``limit`` pictures hold; of a longer run the next ``limit`` newest.

    Raises KeyError: no such queue.
    """
    found = label_queue.newest(session, queue, plot_type_ids, narrowing, after, limit)
    more = len(found) == limit
    if more:
        found = _whole(found)
    items = label_queue.by_ids(session, [number for _, number in found])
    items.sort(key=lambda each: (-each.run, _turn(queue, each)))
    runs = {each.run for each in items}
    sizes = label_queue.sizes(session, queue, plot_type_ids, narrowing, runs)
    return Grouped(items, sizes, found[-1][0] if more else ())


def _whole(found: Sequence[tuple[Key, int]]) -> list[tuple[Key, int]]:
    """Without the last run, of which more may come, unless there is no other."""
    last = found[-1][0][0]
    return [each for each in found if each[0][0] != last] or list(found)


def _turn(queue: str, each: Queued) -> float:
    """Where a picture stands within its run: the queue's own order, else as they came."""
    if queue == "uncertain":
        return each.margin
    return -each.suspicion if queue == "suspect" else 0.0
