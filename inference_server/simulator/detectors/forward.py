"""Behind the target: start counter, time-of-flight wall and the Cherenkov detector's photomultipliers."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from inference_server.simulator import axes, channels, plots
from inference_server.simulator.axes import WHOLE, Axis
from inference_server.simulator.canvas import Canvas
from inference_server.simulator.palettes import RED, SAND
from inference_server.simulator.values import Fault, Kind, Shot, SimPlot

PADDLES = 44
TOF_BOARD = 16
SECTORS = 30  # of the start counter
TIMES_NS = channels.middles(-20.0, 20.0, 80)
TUBE = 8  # photomultiplier: 8 by 8 pixels
ROWS, COLUMNS = 6 * TUBE, 18 * TUBE  # of a box of the Cherenkov detector
BESIDE = 3  # empty columns on either side, so that a dead edge stands out
HITS = 0.11  # of an event, in the fullest paddle


def _tof(shot: Shot, canvas: Canvas) -> None:
    spoilt = channels.one_of(shot, range(4))
    names = ("plane 1 up", "plane 1 down", "plane 2 north", "plane 2 south")
    for n, (pad, name) in enumerate(zip(axes.QUARTERS, names, strict=True)):
        mean = channels.worn(shot, _paddles(shot), spread=0.04, dead=0.0)
        mean = _tof_troubled(shot, mean) if n == spoilt else mean
        plots.histogram(
            canvas, pad, channels.counted(shot, mean), Axis(0.0, PADDLES, "paddle"), f"TOF {name}",
            name=f"tof_{n}", fill=SAND, y_title="hits", room=1.45,
        )  # fmt: skip


def _paddles(shot: Shot) -> np.ndarray:
    """Expected counts of the 44 paddles: more near the beam; the short ones beside it see less."""
    away = np.abs(np.arange(PADDLES) - 21.5)
    short = np.where(away < 2, 0.62, 1.0)
    return np.asarray(HITS * shot.events * (0.12 + np.exp(-away / 8.0)) * short)


def _tof_troubled(shot: Shot, mean: np.ndarray) -> np.ndarray:
    match shot.fault:
        case "dead_board":
            # The last board is shared with another end.
            return channels.scaled(
                mean, channels.block(shot, 32, TOF_BOARD), channels.silence(shot)
            )
        case "hv_off":
            first = channels.one_of(shot, range(4, 34))
            return channels.scaled(mean, slice(first, first + 7), channels.silence(shot))
        case "noisy_card":
            block = channels.block(shot, 40, TOF_BOARD // 2)
            return channels.scaled(mean, block, channels.noise(shot, 2.5, 5.0))
        case "hot_channel":
            return channels.hot(shot, mean, 2.0, 6.0)
    return mean


def _st_time(shot: Shot, canvas: Canvas) -> None:
    sector = np.arange(SECTORS)
    centre = 0.15 * np.clip(shot.habit.standard_normal(SECTORS), -2, 2)
    width, accidental = 1.0, 0.02
    match shot.fault:
        case "time_shift":
            centre = centre + _moved(shot) * np.ones(SECTORS)
        case "board_shift":
            first = int(shot.trouble.choice([0, 14]))
            centre = centre + _moved(shot) * ((sector >= first) & (sector < first + 16))
        case "wide_time":
            width = float(shot.trouble.uniform(2.6, 4.0))
        case "accidentals":
            accidental = float(shot.trouble.uniform(0.5, 0.9))
    shape = channels.peak(TIMES_NS[:, None], centre[None, :], width) * (1 - accidental)
    shape = shape + accidental / len(TIMES_NS)
    mean = channels.worn(shot, np.full(SECTORS, 0.05 * shot.events), dead=0.0)
    if shot.fault == "dead_sectors":
        first = channels.one_of(shot, range(SECTORS - 4))
        mean = channels.scaled(mean, slice(first, first + 4), channels.silence(shot))
    inner = plots.colz(
        canvas, WHOLE, channels.counted(shot, shape * mean), Axis(0.0, SECTORS, "sector"),
        Axis(-20.0, 20.0, "start counter time - RF time (ns)"), "ST time", name="st_time",
    )  # fmt: skip
    plots.limits_y(canvas, inner, (-2.5, 2.5), RED)


def _moved(shot: Shot) -> float:
    """Clocks slip by whole ticks of 4 ns."""
    return float(shot.trouble.choice([-8.0, -4.0, 4.0, 8.0]))


@lru_cache(maxsize=2)
def _light(box: int) -> np.ndarray:
    """Share of the light on each pixel (48, 144): overlapping arcs of rings seen through the mirrors."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS].astype(float)
    light = np.full((ROWS, COLUMNS), 0.5)
    for centre, radius, bright in ((30, 52, 0.8), (72, 40, 1.0), (112, 56, 0.7), (60, 74, 0.5)):
        away = np.hypot(x - (COLUMNS - centre if box else centre), y + 14)
        light += bright * np.exp(-(((away - radius) / 9.0) ** 2))
    edge = (np.minimum(x % TUBE, TUBE - 1 - x % TUBE) > 0) & (
        np.minimum(y % TUBE, TUBE - 1 - y % TUBE) > 0
    )
    return np.asarray(light * np.where(edge, 1.0, 0.8))


def _dirc(shot: Shot, canvas: Canvas) -> None:
    box = channels.one_of(shot, range(2))
    for n, (pad, side) in enumerate(((axes.TOP, "north"), (axes.BOTTOM, "south"))):
        light = np.full((ROWS, COLUMNS), 6.0) if shot.fault == "led_run" else _light(n)
        mean = channels.worn(shot, 0.004 * shot.events * light, spread=0.08, dead=0.001)
        mean = mean * np.repeat(np.repeat(shot.habit.uniform(0.92, 1.08, (6, 18)), 8, 0), 8, 1)
        mean = _dirc_troubled(shot, mean) if n == box else mean
        counts = np.pad(channels.counted(shot, mean), ((0, 0), (BESIDE, BESIDE)))
        plots.colz(
            canvas, pad, counts, Axis(-BESIDE, COLUMNS + BESIDE, "pixel column"),
            Axis(0.0, ROWS, "pixel row"), f"DIRC occupancy, {side} box",
        )  # fmt: skip


def _dirc_troubled(shot: Shot, mean: np.ndarray) -> np.ndarray:
    first = 2 * TUBE * channels.one_of(shot, range(1, 8))
    rows, tubes = slice(0, ROWS), slice(first, first + 2 * TUBE)
    match shot.fault:
        case "dead_board":
            return channels.scaled(mean, (rows, tubes), channels.silence(shot))
        case "hv_off":
            wide = slice(tubes.start, tubes.start + 4 * TUBE)
            return channels.scaled(mean, (rows, wide), channels.silence(shot))
        case "noisy_card":
            return channels.scaled(mean, (rows, tubes), channels.noise(shot, 3.0, 7.0))
    return mean


KINDS = (
    Kind(
        SimPlot(
            "TOF_occupancy", "TOF", "Hits of the paddles of both planes of the time-of-flight wall, at each end.",
            "Gaps are paddles without high voltage or a dead board. Look at the TOF high voltage screen,"
            " then call the TOF expert.",
            (
                Fault("dead_board", "Bad", "a board of 16 paddle ends counts nothing"),
                Fault("hv_off", "Bad", "seven paddle ends are without high voltage"),
                Fault("noisy_card", "Bad", "eight paddle ends count noise"),
                Fault("hot_channel", "HotChannel", "one paddle end fires all the time"),
            ),
        ),
        _tof,
    ),
    Kind(
        SimPlot(
            "ST_time", "ST", "Time of the start counter's sectors against the accelerator's clock.",
            "All sectors stand at 0 ns. A step of 4 ns or more is a clock that slipped: end the run and"
            " start a new one. White columns: check the ST bias voltage and call the ST expert.",
            (
                Fault("time_shift", "Bad", "all sectors are shifted in time"),
                Fault("board_shift", "Bad", "the sectors of one board are shifted in time"),
                Fault("dead_sectors", "Bad", "four sectors count nothing"),
                Fault("wide_time", "Bad", "the times are smeared"),
                Fault("accidentals", "Bad", "most hits have nothing to do with the event"),
            ),
        ),
        _st_time,
    ),
    Kind(
        SimPlot(
            "DIRC_occupancy", "DIRC", "Hits of each pixel of the photomultipliers in both optical boxes.",
            "White tubes are a dead board or high voltage that is off. Look at the DIRC high voltage"
            " screen, then call the DIRC expert.",
            (
                Fault("dead_board", "Bad", "the two columns of tubes of a board count nothing"),
                Fault("hv_off", "Bad", "four columns of tubes are without high voltage"),
                Fault("noisy_card", "Bad", "the two columns of tubes of a board count noise"),
                Fault("led_run", "LED", "the light pulser runs: light everywhere"),
            ),
        ),
        _dirc,
    ),
)  # fmt: skip
