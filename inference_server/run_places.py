"""Where times stand between verdicts that are drawn run by run. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from db.history import Step
from db.run_axis import View


def places(shown: View, steps: Sequence[Step], times: Sequence[datetime]) -> list[float]:
    """The place of each time: between the chunks that were judged before and after it."""
    if shown.every > 1 or not shown.marks:
        return [shown.place(at) for at in times]
    knots = [(mark.since.timestamp(), float(mark.place)) for mark in shown.marks]
    knots += [(mark.until.timestamp(), mark.place + 1.0) for mark in shown.marks]
    knots += [
        (step.at.timestamp(), step.place) for step in steps if step.chunk and step.place is not None
    ]
    at, place = np.array(sorted(knots)).T
    # Chunks may be judged out of their order; time never runs backwards here.
    forward = np.maximum.accumulate(place)
    return [float(each) for each in np.interp([time.timestamp() for time in times], at, forward)]


def stretches(
    shown: View, steps: Sequence[Step], off: Sequence[tuple[datetime, datetime]]
) -> list[tuple[float, float]]:
    """Stretches of time as stretches of places; what lies between two runs has no length, and is left out."""
    begins = places(shown, steps, [begin for begin, _ in off])
    ends = places(shown, steps, [end for _, end in off])
    return [(begin, end) for begin, end in zip(begins, ends, strict=True) if end > begin]
