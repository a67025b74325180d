"""What channels of every detector have in common: gains, dead ones, hot ones, counting statistics."""

from __future__ import annotations

import numpy as np

from inference_server.simulator.values import Shot


def worn(shot: Shot, mean: np.ndarray, *, spread: float = 0.05, dead: float = 0.001) -> np.ndarray:
    """``mean`` with the run's habits: unequal gains and the share of dead channels everybody knows of."""
    gains = 1.0 + spread * np.clip(shot.habit.standard_normal(mean.shape), -3.0, 3.0)
    alive = shot.habit.random(mean.shape) >= dead
    return mean * gains * alive


def counted(shot: Shot, mean: np.ndarray) -> np.ndarray:
    """Counts around ``mean``, as floats."""
    return shot.rng.poisson(np.maximum(mean, 0.0)).astype(float)


def board(shot: Shot, channels: int, size: int) -> slice:
    """The channels of one readout board, aligned as boards are."""
    first = size * int(shot.trouble.integers(max(1, channels // size)))
    return slice(first, min(channels, first + size))


def silence(shot: Shot) -> float:
    """What is left of a dead part: nothing, or a little."""
    return float(shot.trouble.choice([0.0, 0.0, 0.02, 0.06]))


def hot(shot: Shot, mean: np.ndarray) -> np.ndarray:
    """One channel that fires without reason, several times the fullest one."""
    mean = mean.copy()
    likely = np.flatnonzero(mean > 0)
    if likely.size:
        at = int(likely[int(shot.trouble.integers(likely.size))])
        mean.flat[at] = mean.max() * shot.trouble.uniform(3.0, 12.0)
    return mean


def peak(x: np.ndarray, centre: float, width: float) -> np.ndarray:
    """A Gaussian whose sum over evenly spaced ``x`` is 1 where it lies inside."""
    step = float(x[1] - x[0])
    height = step / (width * np.sqrt(2 * np.pi))
    return np.asarray(height * np.exp(-0.5 * ((x - centre) / width) ** 2))
