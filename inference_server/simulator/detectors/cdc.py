"""Central drift chamber: straws in 28 rings around the beam, read out by 125 MHz flash ADCs.

Geometry after N. S. Jarvis et al., Nucl. Instrum. Methods A 962 (2020) 163727: pairs of rings with
equally many straws of 1.6 cm, in seven groups; 72 channels a board.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from inference_server.simulator import axes, channels, plots
from inference_server.simulator.axes import WHOLE, Axis, Frame, Pad
from inference_server.simulator.canvas import Canvas
from inference_server.simulator.palettes import RAINBOW
from inference_server.simulator.values import Fault, Kind, Shot, SimPlot

STRAW_CM = 1.6
PAIRS = (42, 54, 66, 80, 93, 106, 123, 135, 146, 158, 170, 182, 197, 209)  # straws of a ring
RINGS = tuple(straws for straws in PAIRS for _ in range(2))
FIRST = np.concatenate([[0], np.cumsum(RINGS)])  # number of each ring's first straw
BANDS = (0, 8, 16, 22, 28)  # rings that share boards
BOARD = 72
GROUP = 24  # straws of a preamplifier card
HITS = 0.05  # of an event, in a straw of the innermost ring
HALF_X_CM, HALF_Y_CM = 72.9, 58.0  # half the frame, so that a ring is round
CRATES, SLOTS = 4, 13


def radii() -> np.ndarray:
    """Of each ring, cm: straws side by side, and the second ring of a pair resting on the first."""
    first = np.array(PAIRS) * STRAW_CM / (2 * np.pi) * 1.003
    return np.stack([first, first + 0.866 * STRAW_CM], axis=1).ravel()


@lru_cache(maxsize=1)
def straws() -> tuple[np.ndarray, np.ndarray]:
    """Ring number and azimuth (radians, 0 to 2 pi) of all 3,522 straws."""
    ring = np.repeat(np.arange(len(RINGS)), RINGS)
    within = np.arange(len(ring)) - FIRST[ring]
    turn = (within + 0.5 * (ring % 2)) / np.array(RINGS)[ring]
    return ring, 2 * np.pi * turn


@lru_cache(maxsize=1)
def boards() -> tuple[np.ndarray, ...]:
    """The straws of each readout board, neighbours: at most 72 of a band of rings in a quadrant."""
    ring, phi = straws()
    quadrant = (phi / (np.pi / 2)).astype(int)
    band = np.searchsorted(BANDS, ring, side="right") - 1
    found: list[np.ndarray] = []
    for at in range(4 * (len(BANDS) - 1)):
        here = np.flatnonzero(quadrant * (len(BANDS) - 1) + band == at)
        here = here[np.lexsort((ring[here], np.round(phi[here], 2)))]
        found += np.array_split(here, -(-len(here) // BOARD))
    return tuple(found)


@lru_cache(maxsize=2)
def _straw_at(x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    """Which straw lies under each pixel of a frame; the number after the last: none."""
    x = np.linspace(-HALF_X_CM, HALF_X_CM, x1 - x0)[None, :]
    y = np.linspace(HALF_Y_CM, -HALF_Y_CM, y1 - y0)[:, None]
    away, phi = np.hypot(x, y), np.arctan2(y, x) % (2 * np.pi)
    found = np.full(away.shape, FIRST[-1])
    for ring, radius in enumerate(radii()):
        inside = np.abs(away - radius) < 0.433 * STRAW_CM
        at = np.round(phi[inside] / (2 * np.pi) * RINGS[ring] - 0.5 * (ring % 2))
        found[inside] = FIRST[ring] + at.astype(int) % RINGS[ring]
    return found


def _occupancy(shot: Shot, canvas: Canvas) -> None:
    counts = channels.counted(shot, _troubled(shot, channels.worn(shot, _hits(shot), dead=0.001)))
    scale = plots.scale_of(counts)
    half_x, half_y = Axis(-HALF_X_CM, HALF_X_CM, "x (cm)"), Axis(-HALF_Y_CM, HALF_Y_CM, "y (cm)")
    inner = axes.frame(canvas, WHOLE, half_x, half_y, "CDC occupancy", right=plots.COLZ_RIGHT)
    _rings(canvas, inner, plots.colours(counts, scale))
    axes.outline(canvas, inner)
    plots.colour_bar(canvas, inner, scale)


def _rings(canvas: Canvas, inner: Frame, colours: np.ndarray) -> None:
    palette = np.concatenate([colours, np.full((1, 3), 255, np.uint8)])
    under = _straw_at(inner.x0, inner.y0, inner.x1, inner.y1)
    canvas.pixels[inner.y0 : inner.y1, inner.x0 : inner.x1] = palette[under]


def _hits(shot: Shot) -> np.ndarray:
    """Expected counts of each straw: fewer outside, more where the beam comes near; cosmic rays
    fall from above instead, on all rings alike."""
    ring, phi = straws()
    if shot.fault == "cosmic_run":
        return np.asarray(0.0015 * shot.events * (0.15 + np.abs(np.sin(phi)) ** 3))
    beam = shot.beam.beam_x_cm * np.cos(phi) + shot.beam.beam_y_cm * np.sin(phi)
    away = radii()[ring]
    return np.asarray(HITS * shot.events * (away[0] / away) ** 0.9 * (1 + beam * 4 / away))


def _troubled(shot: Shot, mean: np.ndarray) -> np.ndarray:
    board = boards()[channels.one_of(shot, range(len(boards())))]
    match shot.fault:
        case "dead_board":
            return channels.scaled(mean, board, channels.silence(shot))
        case "dead_wire_group":
            group = channels.block(shot, len(board), GROUP)
            return channels.scaled(mean, board[group], channels.silence(shot))
        case "hv_off":
            return channels.scaled(mean, _sector(shot), channels.silence(shot))
        case "noisy_card":
            return channels.scaled(mean, board, channels.noise(shot, 2.0, 5.0))
        case "hot_channel":
            return channels.hot(shot, mean)
    return mean


def _sector(shot: Shot) -> np.ndarray:
    """The straws on one high voltage: a band of rings over an eighth of the circle or more."""
    ring, phi = straws()
    band = channels.one_of(shot, range(len(BANDS) - 1))
    first, wide = shot.trouble.uniform(0, 2 * np.pi), shot.trouble.uniform(0.8, 1.6)
    return np.flatnonzero(
        (ring >= BANDS[band]) & (ring < BANDS[band + 1]) & ((phi - first) % (2 * np.pi) < wide)
    )


def _itrig(shot: Shot, canvas: Canvas) -> None:
    checked = channels.counted(shot, np.full(CRATES * SLOTS, shot.events))
    plots.histogram(
        canvas, Pad(y1=0.36), checked, Axis(0.0, CRATES * SLOTS, "board"),
        "fa125 trigger numbers checked", name="itrig_checked", y_title="events", room=1.4,
    )  # fmt: skip
    plots.colz(
        canvas, Pad(y0=0.36), _errors(shot), Axis(0.0, SLOTS, "board of its crate"),
        Axis(0.0, CRATES, "crate"), "fa125 trigger number mismatches", log=True,
        top=max(10.0, shot.events), palette=RAINBOW,
    )  # fmt: skip


def _errors(shot: Shot) -> np.ndarray:
    """Mismatches (4 crates, 13 slots)."""
    rate = np.zeros((CRATES, SLOTS))
    crate, slot = channels.one_of(shot, range(CRATES)), channels.one_of(shot, range(SLOTS))
    match shot.fault:
        case "board_out_of_step":
            rate[crate, slot] = 10 ** shot.trouble.uniform(-1.3, -0.1)
        case "crate_out_of_step":
            rate[crate] = 10 ** shot.trouble.uniform(-2.5, -0.1)
        case "many_slips":
            rate += (shot.trouble.random(rate.shape) < 0.4) * 10 ** shot.trouble.uniform(-3.5, -2.0)
    return channels.counted(shot, rate * shot.events)


KINDS = (
    Kind(
        SimPlot(
            "CDC_occupancy", "CDC", "Hits of each straw of the central drift chamber, seen along the beam.",
            "Compare with the reference. A missing block is a board or a high voltage sector: look at the"
            " CDC high voltage screen, then call the CDC expert.",
            (
                Fault("dead_board", "Bad", "a board of 72 straws counts nothing"),
                Fault("dead_wire_group", "Bad", "a preamplifier card of 24 straws counts nothing"),
                Fault("hv_off", "Bad", "a high voltage sector is off"),
                Fault("noisy_card", "Bad", "a board counts noise"),
                Fault("hot_channel", "HotChannel", "one straw fires all the time"),
                Fault("cosmic_run", "Cosmic", "a run with cosmic rays, without beam"),
            ),
        ),
        _occupancy,
    ),
    Kind(
        SimPlot(
            "CDC_itrig", "CDC", "Flash ADC boards whose trigger number differs from their crate's.",
            "Thousands of mismatches in a slot: its data belong to other events. End the run and start"
            " a new one; if they come again, call the CDC expert.",
            (
                Fault("board_out_of_step", "Bad", "a board is out of step with its crate"),
                Fault("crate_out_of_step", "Bad", "a whole crate is out of step"),
                Fault("many_slips", "Bad", "many boards lose the step now and then"),
            ),
        ),
        _itrig,
    ),
)  # fmt: skip
