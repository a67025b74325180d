"""The photon beam: tagger hodoscope and microscope, pair spectrometer."""

from __future__ import annotations

import numpy as np

from inference_server.simulator import axes, channels, plots
from inference_server.simulator.axes import WHOLE, Axis
from inference_server.simulator.canvas import Canvas
from inference_server.simulator.palettes import BLACK, MINT, RAINBOW
from inference_server.simulator.values import Fault, Kind, Shot, SimPlot

COUNTERS = 274  # of the hodoscope
BEFORE, AFTER = slice(0, 128), slice(178, COUNTERS)  # between them is the microscope
BOARD = 16
COLUMNS = 102  # of the microscope
TIMES_NS = channels.middles(-10.0, 10.0, 80)
BUNCH_NS = 4.008
ARM = 72  # groups of two pair spectrometer counters in an arm
LOW_GEV, HIGH_GEV = 2.4, 6.4  # of an arm


def _energy(counter: np.ndarray) -> np.ndarray:
    """Photon energy (GeV) of hodoscope counters: the first sees the highest."""
    return np.asarray(11.8 - 8.8 * (counter / COUNTERS) ** 1.15)


def _coherent(energy: np.ndarray, edge: float) -> np.ndarray:
    """What the diamond adds: a peak that rises slowly and ends sharply at its edge."""
    below = np.exp(-np.maximum(0.0, edge - energy) / 0.45)
    return np.asarray(below / (1 + np.exp((energy - edge) / 0.05)))


def _tagh(shot: Shot, canvas: Canvas) -> None:
    energy = _energy(np.arange(COUNTERS, dtype=float))
    rate = 6.0 / energy * (1 + 0.9 * _coherent(energy, shot.beam.coherent_gev))
    rate = rate * np.where(energy > 11.4, 0.6, 1.0)
    rate[BEFORE.stop : AFTER.start] = 0.0
    mean = channels.worn(shot, 0.03 * shot.events * rate, spread=0.04, dead=0.002)
    counts = channels.counted(shot, _tagh_troubled(shot, mean))
    for pad, part in ((axes.TOP, BEFORE), (axes.BOTTOM, AFTER)):
        plots.histogram(
            canvas, pad, counts[part], Axis(part.start, part.stop, "counter"),
            f"TAGH occupancy, counters {part.start + 1} to {part.stop}", name="tagh_occ",
            fill=MINT, line=(0, 102, 51), y_title="hits", room=1.35,
        )  # fmt: skip


def _tagh_troubled(shot: Shot, mean: np.ndarray) -> np.ndarray:
    first = channels.one_of(shot, (16, 32, 48, 64, 80, 194, 210, 226))
    match shot.fault:
        case "dead_board":
            return channels.scaled(mean, slice(first, first + BOARD), channels.silence(shot))
        case "hv_off":
            return channels.scaled(mean, slice(first, first + 2 * BOARD), channels.silence(shot))
        case "noisy_card":
            return channels.scaled(
                mean, slice(first, first + BOARD), channels.noise(shot, 2.0, 4.0)
            )
        case "hot_channel":
            return channels.hot(shot, mean, 2.0, 6.0)
    return mean


def _tagm(shot: Shot, canvas: Canvas) -> None:
    column = np.arange(COLUMNS, dtype=float)
    energy = 9.3 - 1.25 * column / COLUMNS
    mean = 0.05 * shot.events * (0.5 + 1.2 * _coherent(energy, shot.beam.coherent_gev))
    mean = channels.worn(shot, mean, spread=0.04, dead=0.0015)
    board = channels.block(shot, COLUMNS, BOARD)
    centre, accidental, flat = np.zeros(COLUMNS), 0.35, 0.05
    match shot.fault:
        case "dead_board":
            mean = channels.scaled(mean, board, channels.silence(shot))
        case "bias_off":
            wide = slice(board.start, board.start + 2 * BOARD)
            mean = channels.scaled(mean, wide, channels.silence(shot))
        case "time_shift":
            centre[board] = float(shot.trouble.choice([-1, 1])) * shot.trouble.uniform(1.6, 3.0)
        case "no_alignment":
            centre = centre + shot.trouble.normal(0.0, 1.5, COLUMNS)
        case "noisy_card":
            flat, mean = 0.9, channels.scaled(mean, board, channels.noise(shot))
    shape = _bunches(centre, accidental, flat)
    inner = plots.colz(
        canvas, WHOLE, channels.counted(shot, shape * mean), Axis(0.0, COLUMNS, "column"),
        Axis(-10.0, 10.0, "microscope time - RF time (ns)"), "TAGM time by column",
        name="tagm_time", palette=RAINBOW,
    )  # fmt: skip
    plots.limits_y(canvas, inner, (-1.0, 1.0), BLACK)


def _bunches(centre: np.ndarray, accidental: float, flat: float) -> np.ndarray:
    """Share of the hits in each bin of time (80, columns): the bunch of the event and its neighbours."""
    times = TIMES_NS[:, None]
    shape = (1 - accidental) * channels.peak(times, centre, 0.3)
    for n in (-2, -1, 0, 1, 2):
        shape = shape + accidental / 5 * channels.peak(times, centre + n * BUNCH_NS, 0.3)
    return (1 - flat) * shape + flat / len(TIMES_NS)


def _pairs(shot: Shot, canvas: Canvas) -> None:
    arm = channels.middles(LOW_GEV, HIGH_GEV, ARM)
    left, right = arm[None, :], arm[:, None]
    total = left + right
    coherent = 0.0 if shot.fault == "amorphous" else 3.2
    rate = 6.0 / total * (1 + coherent * _coherent(total, shot.beam.coherent_gev))
    # Both arms must be hit, and very unequal pairs leave the spectrometer.
    rate = rate * np.exp(-(((left - right) / 1.9) ** 4)) * (total > 5.6) * (total < 12.0)
    gains = channels.worn(shot, np.ones(ARM), dead=0.0)[None, :]
    mean = 0.004 * shot.events * rate * gains * channels.worn(shot, np.ones(ARM), dead=0.0)[:, None]
    plots.colz(
        canvas, WHOLE, channels.counted(shot, _pairs_troubled(shot, mean)),
        Axis(LOW_GEV, HIGH_GEV, "energy in the left arm (GeV)"),
        Axis(LOW_GEV, HIGH_GEV, "energy in the right arm (GeV)"), "PS pairs", name="ps_pairs",
    )  # fmt: skip


def _pairs_troubled(shot: Shot, mean: np.ndarray) -> np.ndarray:
    counter = channels.one_of(shot, range(12, ARM - 20))
    across = bool(shot.trouble.integers(2))
    match shot.fault:
        case "dead_board":
            return channels.scaled(
                mean, _stripe(counter, BOARD // 2, across), channels.silence(shot)
            )
        case "dead_counter":
            return channels.scaled(mean, _stripe(counter, 2, across), channels.silence(shot))
        case "noisy_card":
            return channels.scaled(
                mean, _stripe(counter, BOARD // 2, across), channels.noise(shot, 2.0, 4.0)
            )
    return mean


def _stripe(first: int, wide: int, across: bool) -> tuple[slice, ...]:
    part, whole = slice(first, first + wide), slice(0, ARM)
    return (part, whole) if across else (whole, part)


KINDS = (
    Kind(
        SimPlot(
            "TAGH_occupancy", "Tagger", "Hits of the counters of the tagger hodoscope.",
            "A gap of 16 counters is a board, a wider one a high voltage crate. Check the tagger high"
            " voltage, then call the tagger expert.",
            (
                Fault("dead_board", "Bad", "a board of 16 counters counts nothing"),
                Fault("hv_off", "Bad", "32 counters are without high voltage"),
                Fault("noisy_card", "Bad", "a board counts noise"),
                Fault("hot_channel", "HotChannel", "one counter fires all the time"),
            ),
        ),
        _tagh,
    ),
    Kind(
        SimPlot(
            "TAGM_columns", "Tagger", "Time of the tagger microscope's columns against the accelerator's clock.",
            "One bright line at 0 ns, weaker ones every 4 ns. White columns: check the microscope's bias"
            " voltage. A broken line: the time alignment is lost, call the tagger expert.",
            (
                Fault("dead_board", "Bad", "a board of 16 columns counts nothing"),
                Fault("bias_off", "Bad", "32 columns are without bias voltage"),
                Fault("time_shift", "Bad", "the columns of one board are shifted in time"),
                Fault("no_alignment", "Bad", "the columns have lost their time alignment"),
                Fault("noisy_card", "Bad", "hits at all times"),
            ),
        ),
        _tagm,
    ),
    Kind(
        SimPlot(
            "PS_pairs", "PS", "Electron against positron energy in the pair spectrometer.",
            "The bright band is the coherent peak of the diamond. White stripes are dead counters, bright ones noise: check"
            " the PS high voltage and call the PS expert. No band at all: which radiator is in?",
            (
                Fault("dead_board", "Bad", "a board of one arm counts nothing"),
                Fault("dead_counter", "Bad", "a few counters of one arm count nothing"),
                Fault("noisy_card", "Bad", "a board of one arm counts noise"),
                Fault("amorphous", "Amorphous", "the amorphous radiator is in: no coherent peak"),
            ),
        ),
        _pairs,
    ),
)  # fmt: skip
