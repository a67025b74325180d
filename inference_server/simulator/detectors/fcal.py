"""Forward calorimeter: 2,800 blocks of lead glass in a circle around the beam hole."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from inference_server.simulator import axes, channels, plots
from inference_server.simulator.axes import WHOLE, Axis
from inference_server.simulator.canvas import Canvas
from inference_server.simulator.palettes import GREEN, RED
from inference_server.simulator.values import Fault, Kind, Shot, SimPlot

SIDE = 59  # rows and columns
RADIUS = 29.85  # in blocks
HITS = 0.25  # of an event, in a block next to the beam hole
PI0_GEV = 0.1350


@lru_cache(maxsize=1)
def _places() -> tuple[np.ndarray, np.ndarray]:
    """Column and row of each place in the square, from its centre."""
    at = np.arange(SIDE) - SIDE // 2
    return np.meshgrid(at.astype(float), at.astype(float))


@lru_cache(maxsize=1)
def blocks() -> np.ndarray:
    """Where there is a block: in the circle, but not in the beam hole of three by three."""
    x, y = _places()
    return np.asarray((np.hypot(x, y) < RADIUS) & ~((np.abs(x) < 2) & (np.abs(y) < 2)))


def _occupancy(shot: Shot, canvas: Canvas) -> None:
    mean = _troubled(shot, channels.worn(shot, _hits(shot), spread=0.1, dead=0.0015))
    plots.colz(
        canvas, WHOLE, channels.counted(shot, mean), Axis(0.0, SIDE, "column"),
        Axis(0.0, SIDE, "row"), "FCAL occupancy", log=True,
    )  # fmt: skip


def _hits(shot: Shot) -> np.ndarray:
    """Expected counts (59 rows, 59 columns): steeply falling from the beam; the light pulser's are even."""
    x, y = _places()
    if shot.fault == "led_run":
        return np.asarray(0.5 * shot.events * blocks())
    away = np.hypot(x - shot.beam.beam_x_cm, y - shot.beam.beam_y_cm)
    return np.asarray(shot.events * blocks() * (HITS * np.exp(-away / 7.0) + 4e-4))


def _troubled(shot: Shot, mean: np.ndarray) -> np.ndarray:
    match shot.fault:
        case "dead_board":
            return channels.scaled(mean, _square(shot, 4), channels.silence(shot))
        case "hv_off":
            return channels.scaled(mean, _square(shot, 10), channels.silence(shot) / 2)
        case "noisy_card":
            return channels.scaled(mean, _square(shot, 4), 10 * channels.noise(shot))
        case "hot_channel":
            return channels.hot(shot, mean, 20.0, 80.0)
    return mean


def _square(shot: Shot, wide: int) -> tuple[slice, ...]:
    """A square of blocks that lies inside the circle."""
    turn, away = shot.trouble.uniform(0, 2 * np.pi), shot.trouble.uniform(0.2, 0.78) * RADIUS
    column = round(SIDE / 2 + away * np.cos(turn) - wide / 2)
    row = round(SIDE / 2 + away * np.sin(turn) - wide / 2)
    return slice(row, row + wide), slice(column, column + wide)


def _pi0(shot: Shot, canvas: Canvas) -> None:
    mass = channels.middles(0.05, 0.25, 80)
    centre, width, pairs = _peak(shot)
    signal = 0.55 * pairs * shot.events * channels.peak(mass, centre, width)
    below = (
        0.006
        * shot.events
        * (0.35 + 2.2 * np.exp(-(mass - 0.05) / 0.045))
        * (1 - np.exp(-((mass / 0.06) ** 4)))
    )
    counts = channels.counted(shot, signal + below)
    top = max(10.0, float(counts.max())) * 1.25
    inner = axes.frame(
        canvas, WHOLE, Axis(0.05, 0.25, "two-photon mass (GeV)"), Axis(0.0, top, "pairs"),
        "FCAL neutral pion",
    )  # fmt: skip
    plots.limits_x(canvas, inner, (PI0_GEV,), GREEN)
    canvas.curve(inner.px(mass), inner.py(signal + below), RED, 2)
    plots.points(canvas, inner, mass, counts)
    rows = [
        ("Entries", float(counts.sum())),
        ("Mass MeV", 1e3 * centre),
        ("Width MeV", 1e3 * width),
    ]
    plots.stat_box(canvas, inner, "pi0_mass", rows)


def _peak(shot: Shot) -> tuple[float, float, float]:
    """Mass and width (GeV) of the peak, and its share of what it should be."""
    centre = PI0_GEV + 0.0006 * shot.rng.standard_normal()
    width = 0.0075 + 0.0003 * shot.rng.standard_normal()
    match shot.fault:
        case "gain_shift":
            return centre * float(shot.trouble.choice([0.8, 0.86, 1.14, 1.22])), width, 0.9
        case "poor_resolution":
            return centre, width * float(shot.trouble.uniform(2.2, 3.2)), 0.9
        case "no_peak":
            return centre, width, 0.03
    return centre, width, 1.0


KINDS = (
    Kind(
        SimPlot(
            "FCAL_occupancy", "FCAL", "Hits of each block of the forward calorimeter, seen along the beam.",
            "A white or dark square is a board or a high voltage sector, a bright one is noise. Look at the"
            " FCAL high voltage screen, then call the FCAL expert.",
            (
                Fault("dead_board", "Bad", "a board of 16 blocks counts nothing"),
                Fault("hv_off", "Bad", "a high voltage sector is off"),
                Fault("noisy_card", "Bad", "a board counts noise"),
                Fault("hot_channel", "HotChannel", "one block fires all the time"),
                Fault("led_run", "LED", "the light pulser runs: every block in every event"),
            ),
        ),
        _occupancy,
    ),
    Kind(
        SimPlot(
            "FCAL_pi0", "FCAL", "Mass of photon pairs in the forward calorimeter, with the neutral pion's peak.",
            "The peak stands at 135 MeV. If it has moved, widened or gone, the gains have changed: check"
            " the FCAL high voltage and call the FCAL expert.",
            (
                Fault("gain_shift", "Bad", "the gains have moved, and the peak with them"),
                Fault("poor_resolution", "Bad", "the peak is much too wide"),
                Fault("no_peak", "Bad", "background only"),
            ),
        ),
        _pi0,
    ),
)  # fmt: skip
