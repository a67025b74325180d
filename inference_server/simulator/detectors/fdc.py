"""Forward drift chambers: four packages of six planes with 96 wires each."""

from __future__ import annotations

import numpy as np

from inference_server.simulator import channels, plots
from inference_server.simulator.axes import WHOLE, Axis
from inference_server.simulator.canvas import Canvas
from inference_server.simulator.values import Fault, Kind, Shot, SimPlot

PLANES, WIRES = 24, 96
PACKAGE = 6
CARD = 48  # wires of a time digitizer
HITS = 0.035  # of an event, in the fullest wire of the first plane


def _occupancy(shot: Shot, canvas: Canvas) -> None:
    mean = _troubled(shot, channels.worn(shot, _hits(shot), spread=0.07, dead=0.0007))
    counts = np.pad(channels.counted(shot, mean), ((0, 0), (1, 1)))
    inner = plots.colz(
        canvas, WHOLE, counts, Axis(0.0, PLANES + 2, "wire plane (6 a package)"),
        Axis(0.0, WIRES, "wire"), "FDC wire occupancy",
    )  # fmt: skip
    for plane in range(PACKAGE, PLANES, PACKAGE):
        x = float(inner.px(plane + 1))
        canvas.line(x, inner.y0, x, inner.y1)


def _hits(shot: Shot) -> np.ndarray:
    """Expected counts (96 wires, 24 planes): a broad hill with the deadened middle of the beam."""
    plane = np.arange(PLANES)[None, :]
    tilt = np.cos(np.pi / 3 * (plane % PACKAGE))  # each plane is turned by 60 degrees
    centre = 47.5 + shot.beam.beam_x_cm * 4 * tilt
    away = np.abs(np.arange(WIRES)[:, None] - centre)
    hill = 0.35 + 0.65 * np.exp(-((away / (26.0 - 0.5 * plane)) ** 2))
    shade = 1 - 0.45 * np.exp(-((away / 3.0) ** 4))
    return np.asarray(HITS * shot.events * hill * shade * (1 - 0.012 * plane))


def _troubled(shot: Shot, mean: np.ndarray) -> np.ndarray:
    plane = channels.one_of(shot, range(PLANES))
    card = channels.block(shot, WIRES, CARD)
    match shot.fault:
        case "dead_board":
            return channels.scaled(mean, (card, slice(plane, plane + 1)), channels.silence(shot))
        case "hv_off":
            return channels.scaled(mean, _planes(plane, 1 + plane % 2), channels.silence(shot))
        case "package_off":
            first = plane - plane % PACKAGE
            return channels.scaled(mean, _planes(first, PACKAGE), channels.silence(shot))
        case "noisy_card":
            return channels.scaled(
                mean, (card, slice(plane, plane + 1)), channels.noise(shot, 2.5, 4.5)
            )
        case "hot_channel":
            return channels.hot(shot, mean)
    return mean


def _planes(first: int, count: int) -> tuple[slice, ...]:
    return slice(0, WIRES), slice(first, first + count)


KINDS = (
    Kind(
        SimPlot(
            "FDC_occupancy", "FDC", "Hits of each wire in the 24 planes of the forward drift chambers.",
            "A white column is a plane without high voltage, a short white bar a dead board, a bright one noise. Look at the"
            " FDC high and low voltage screens, then call the FDC expert.",
            (
                Fault("dead_board", "Bad", "a board of 48 wires counts nothing"),
                Fault("hv_off", "Bad", "a plane or two are without high voltage"),
                Fault("package_off", "Bad", "a whole package is off"),
                Fault("noisy_card", "Bad", "a board counts noise"),
                Fault("hot_channel", "HotChannel", "one wire fires all the time"),
            ),
        ),
        _occupancy,
    ),
)  # fmt: skip
