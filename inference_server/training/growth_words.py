"""What a learning curve says of more labels, for people: in a training's report and beside the curve."""

from __future__ import annotations

import math
from collections.abc import Sequence

LITTLE = 0.01  # of accuracy, for a doubling of the labels


def remark(points: Sequence[tuple[int, float]]) -> str:
    """From labels learnt from and the accuracy with them, rising; empty where there are no two."""
    if len(points) < 2:
        return ""
    (few, before), (many, after) = points[-2:]
    # Never more than what is still wrong.
    gain = min((after - before) / math.log2(many / few), 1 - after)
    found = f"With {few} labels {before:.0%} were right, with {many} {after:.0%}"
    if gain < LITTLE:
        return (
            f"{found}: more of the same labels will hardly help, other runs and rare classes may."
        )
    return f"{found}: twice as many may bring up to {100 * gain:.0f} of 100 pictures more."
