"""Colour scales in the manner of ROOT, as tables of RGB rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LEVELS = 100


def _between(stops: Sequence[tuple[float, float, float]]) -> np.ndarray:
    """Table (LEVELS, 3) uint8 through evenly spaced stops (red, green, blue in 0..1)."""
    table = np.asarray(stops)
    at = np.linspace(0, len(table) - 1, LEVELS)
    channels = [np.interp(at, np.arange(len(table)), table[:, n]) for n in range(3)]
    return (np.stack(channels, axis=1) * 255 + 0.5).astype(np.uint8)


BIRD = _between([
    (0.21, 0.17, 0.53), (0.06, 0.36, 0.87), (0.08, 0.50, 0.84), (0.02, 0.64, 0.79),
    (0.18, 0.72, 0.64), (0.53, 0.75, 0.47), (0.82, 0.73, 0.35), (1.00, 0.79, 0.20), (0.98, 0.98, 0.05),
])  # fmt: skip
RAINBOW = _between([
    (0.35, 0.00, 0.85), (0.00, 0.10, 1.00), (0.00, 0.65, 1.00), (0.00, 0.95, 0.75),
    (0.10, 0.90, 0.10), (0.75, 0.95, 0.00), (1.00, 0.80, 0.00), (1.00, 0.45, 0.00), (1.00, 0.00, 0.00),
])  # fmt: skip

WHITE = (255, 255, 255)
BLACK = (0, 0, 0)
NAVY = (0, 0, 153)
RED = (255, 0, 0)
GREEN = (0, 153, 0)
SKY = (153, 204, 255)
MINT = (153, 235, 190)
SAND = (255, 222, 150)
LILAC = (204, 187, 255)
ROSE = (255, 178, 178)
