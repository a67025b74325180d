"""What channels of every detector have in common: gains, dead ones, hot ones, counting statistics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inference_server.simulator.values import Shot

Region = slice | np.ndarray | tuple[slice, ...]


def worn(shot: Shot, mean: np.ndarray, *, spread: float = 0.05, dead: float = 0.001) -> np.ndarray:
    """``mean`` with unequal gains, and the share of dead channels that everybody knows of."""
    gains = 1.0 + spread * np.clip(shot.habit.standard_normal(mean.shape), -3.0, 3.0)
    alive = shot.build.random(mean.shape) >= dead
    return np.asarray(mean * gains * alive)


def counted(shot: Shot, mean: np.ndarray) -> np.ndarray:
    """Counts around ``mean``, as floats."""
    return np.asarray(shot.rng.poisson(np.maximum(mean, 0.0)), dtype=float)


def block(shot: Shot, channels: int, size: int) -> slice:
    """The channels of one readout board, aligned as boards are."""
    first = size * int(shot.trouble.integers(max(1, channels // size)))
    return slice(first, min(channels, first + size))


def one_of(shot: Shot, choices: Sequence[int]) -> int:
    """Which of several like parts is in trouble."""
    return int(choices[int(shot.trouble.integers(len(choices)))])


def silence(shot: Shot) -> float:
    """What is left of a dead part: nothing, or a little."""
    return float(shot.trouble.choice([0.0, 0.0, 0.0, 0.03]))


def noise(shot: Shot, low: float = 1.7, high: float = 4.0) -> float:
    """By how much a noisy card counts more than it should."""
    return float(shot.trouble.uniform(low, high))


def scaled(mean: np.ndarray, region: Region, factor: float) -> np.ndarray:
    """``mean`` with a part of it scaled."""
    mean = mean.copy()
    mean[region] *= factor
    return mean


def hot(shot: Shot, mean: np.ndarray, low: float = 3.0, high: float = 9.0) -> np.ndarray:
    """One channel that fires without reason, several times the fullest one."""
    mean = mean.copy()
    likely = np.flatnonzero(mean > 0.2 * mean.max(initial=0.0))
    at = int(shot.trouble.random() * likely.size)
    if likely.size:
        mean.flat[int(likely[at])] = mean.max() * shot.trouble.uniform(low, high)
    return mean


def peak(x: np.ndarray, centre: float | np.ndarray, width: float | np.ndarray) -> np.ndarray:
    """A Gaussian whose sum over evenly spaced ``x`` is 1 where it lies inside."""
    step = float(x.flat[1] - x.flat[0])
    height = step / (width * np.sqrt(2 * np.pi))
    return np.asarray(height * np.exp(-0.5 * ((x - centre) / width) ** 2))


def middles(low: float, high: float, bins: int) -> np.ndarray:
    """The centres of even bins."""
    width = (high - low) / bins
    return np.asarray(low + width * (np.arange(bins) + 0.5))
