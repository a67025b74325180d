"""How long each step of a picture's way takes, from what the parts of the server say of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from inference_server.protocol.activity import BOUNDS_MS, Times
from inference_server.protocol.messages import Component
from ui.activity_panel import Bins

STEPS = {
    "decode": "Reading the picture",
    "forward": "Judging",
    "database": "Writing to the database",
    "whole": "From file to verdict",
    "gradcam": "Heat map (GradCAM)",
}
_TICKS = tuple(f"≤{bound:g} ms" if bound < 1000 else f"≤{bound / 1000:g} s" for bound in BOUNDS_MS)


def steps(components: Sequence[Component], kept: Sequence[Times]) -> list[Times]:
    """One for each step: measured by the parts now; where they know nothing yet, ``kept`` by the database."""
    live = [times for each in components for times in each.times]
    told = []
    for name in STEPS:
        counted = [each for each in live if each.name == name and any(each.counts)]
        told.append(joined(name, counted or [each for each in kept if each.name == name]))
    return told


def joined(name: str, several: Sequence[Times]) -> Times:
    """Of several workers as one; the median is then known to the width of a bar only."""
    if len(several) == 1:
        return several[0]
    counts = [0] * (len(BOUNDS_MS) + 1)
    for each in several:
        counts = [a + b for a, b in zip(counts, each.counts, strict=True)]
    below = list(accumulate(counts))
    middle = next((at for at, total in enumerate(below) if 2 * total >= below[-1]), 0)
    bound = BOUNDS_MS[min(middle, len(BOUNDS_MS) - 1)] if below[-1] else 0.0
    return Times(name=name, counts=tuple(counts), median_ms=bound)


def bins(times: Times) -> Bins:
    """Ready to draw."""
    sentence = f"Half of them within {times.median_ms:g} ms." if any(times.counts) else "None yet."
    last = f">{BOUNDS_MS[-1] / 1000:g} s"
    return Bins(STEPS.get(times.name, times.name), times.counts, (*_TICKS, last), sentence)
