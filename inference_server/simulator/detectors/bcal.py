"""Barrel calorimeter: 48 modules of lead and fibres, 16 channels at each end."""

from __future__ import annotations

import numpy as np

from inference_server.simulator import axes, channels, plots
from inference_server.simulator.axes import Axis, Pad
from inference_server.simulator.canvas import Canvas
from inference_server.simulator.palettes import LILAC
from inference_server.simulator.values import Fault, Kind, Shot, SimPlot

MODULES, SUMS = 48, 16  # a module has 4 layers of 4 sectors
SUPPLY = 4  # modules whose silicon photomultipliers share a bias supply
HITS = 0.12  # of an event, in a channel of the inner layer
LAYERS = np.array([1.0, 0.82, 0.55, 0.3])


def _occupancy(shot: Shot, canvas: Canvas) -> None:
    end = channels.one_of(shot, range(2))
    for n, (pad, side) in enumerate(((axes.TOP, "upstream"), (axes.BOTTOM, "downstream"))):
        mean = channels.worn(shot, _hits(shot, n), spread=0.04, dead=0.0005)
        _end(shot, canvas, pad, side, _troubled(shot, mean) if n == end else mean)


def _end(shot: Shot, canvas: Canvas, pad: Pad, side: str, mean: np.ndarray) -> None:
    plots.colz(
        canvas, pad, channels.counted(shot, mean), Axis(0.0, MODULES, "module"),
        Axis(0.0, SUMS, "layer and sector"), f"BCAL ADC occupancy, {side}",
    )  # fmt: skip


def _hits(shot: Shot, end: int) -> np.ndarray:
    """Expected counts (16 channels, 48 modules) at one end; the inner layers see more."""
    phi = 2 * np.pi * (np.arange(MODULES)[None, :] + 0.5) / MODULES
    layer = np.repeat(LAYERS, 4)[:, None]
    if shot.fault == "led_run":
        return np.asarray(shot.events * (0.9 - 0.1 * end) * np.ones((SUMS, MODULES)))
    if shot.fault == "cosmic_run":
        return np.asarray(
            0.004 * shot.events * (0.1 + np.abs(np.sin(phi)) ** 3) * (1.3 - layer / 2)
        )
    beam = shot.beam.beam_x_cm * np.cos(phi) + shot.beam.beam_y_cm * np.sin(phi)
    return np.asarray(HITS * shot.events * layer * (1.0 + 0.15 * end) * (1 + 0.1 * beam))


def _troubled(shot: Shot, mean: np.ndarray) -> np.ndarray:
    module = channels.one_of(shot, range(MODULES))
    match shot.fault:
        case "dead_board":
            return channels.scaled(mean, _modules(module - module % 2, 2), channels.silence(shot))
        case "bias_off":
            group = module - module % SUPPLY
            return channels.scaled(mean, _modules(group, SUPPLY), channels.silence(shot))
        case "noisy_card":
            return channels.scaled(
                mean, _modules(module - module % 2, 2), channels.noise(shot, 1.8, 4.0)
            )
        case "hot_channel":
            return channels.hot(shot, mean)
    return mean


def _modules(first: int, count: int) -> tuple[slice, ...]:
    return slice(0, SUMS), slice(first, first + count)


def _energy(shot: Shot, canvas: Canvas) -> None:
    energy = channels.middles(0.0, 2.0, 100)
    gain = float(shot.trouble.choice([0.45, 0.6, 1.7])) if shot.fault == "gain_shift" else 1.0
    true = energy / gain
    shape = np.exp(-true / 0.19) * (1 - np.exp(-((true / 0.06) ** 2))) / gain
    shape = shape + 0.5 * channels.peak(
        energy, 0.24 * gain, 0.045 * gain
    )  # particles passing through
    shape = (shape + _extra(shot, energy)) * float(shot.fault != "led_run")
    if shot.fault == "led_run":
        shape = 9 * channels.peak(energy, shot.trouble.uniform(0.7, 1.2), 0.05)
    counts = channels.counted(shot, 0.12 * shot.events * shape)
    plots.histogram(
        canvas, axes.WHOLE, counts, Axis(0.0, 2.0, "shower energy (GeV)"), "BCAL shower energy",
        name="bcal_energy", fill=LILAC, line=(76, 0, 153), y_title="showers", log=True,
    )  # fmt: skip


def _extra(shot: Shot, energy: np.ndarray) -> np.ndarray:
    """Entries that no shower has made: a noisy pedestal, or channels at the end of their range."""
    match shot.fault:
        case "pedestal_noise":
            return shot.trouble.uniform(20, 80) * channels.peak(energy, 0.03, 0.02)
        case "saturation":
            at = float(shot.trouble.uniform(1.2, 1.7))
            return shot.trouble.uniform(1.0, 4.0) * channels.peak(energy, at, 0.02)
    return np.zeros_like(energy)


KINDS = (
    Kind(
        SimPlot(
            "BCAL_occupancy", "BCAL", "Hits of each flash ADC channel at both ends of the barrel calorimeter.",
            "White columns are a board, four of them a bias supply, bright ones noise. Look at the BCAL bias"
            " screen, then call the BCAL expert.",
            (
                Fault("dead_board", "Bad", "the board of two module ends counts nothing"),
                Fault("bias_off", "Bad", "four module ends are without bias voltage"),
                Fault("noisy_card", "Bad", "the board of two module ends counts noise"),
                Fault("hot_channel", "HotChannel", "one channel fires all the time"),
                Fault("led_run", "LED", "the light pulser runs: every channel in every event"),
                Fault("cosmic_run", "Cosmic", "a run with cosmic rays, without beam"),
            ),
        ),
        _occupancy,
    ),
    Kind(
        SimPlot(
            "BCAL_energy", "BCAL", "Energy of the showers in the barrel calorimeter, on a logarithmic scale.",
            "A smooth fall with a shoulder at 0.25 GeV. If it is steeper, flatter or has spikes, the gains"
            " have changed: check the BCAL temperature and bias, then call the BCAL expert.",
            (
                Fault("gain_shift", "Bad", "the gains have moved, and the spectrum with them"),
                Fault("pedestal_noise", "Bad", "noise near zero counts as showers"),
                Fault("saturation", "Bad", "many showers at the end of the range"),
                Fault("led_run", "LED", "the light pulser runs: one energy only"),
            ),
        ),
        _energy,
    ),
)  # fmt: skip
