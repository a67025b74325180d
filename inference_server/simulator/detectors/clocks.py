"""What keeps the time: the accelerator's radio frequency as the detectors see it, and the trigger."""

from __future__ import annotations

import numpy as np

from inference_server.simulator import axes, channels, plots
from inference_server.simulator.axes import Axis
from inference_server.simulator.canvas import Canvas
from inference_server.simulator.palettes import MINT, NAVY, ROSE, SAND, SKY
from inference_server.simulator.values import Fault, Kind, Shot, SimPlot

PHASES_NS = channels.middles(-0.6, 0.6, 120)
LINKS = ("TOF - PSC", "TOF - TAGH", "TOF - FDC", "TAGH - FDC")  # fmt: skip
PERIOD_NS = 256.5  # of the prescaled clock: 128 bunches
STEPS_NS = channels.middles(0.0, 1100.0, 220)
BITS = 10
SECONDS = 60  # of a chunk, as its rates are drawn


def _phase(shot: Shot, canvas: Canvas) -> None:
    spoilt = channels.one_of(shot, range(4))
    for n, (pad, link) in enumerate(zip(axes.QUARTERS, LINKS, strict=True)):
        centre = 0.01 * np.clip(shot.habit.standard_normal(), -2, 2)
        width = 0.05 + 0.01 * shot.habit.random()
        shape = channels.peak(PHASES_NS, centre, width)
        if n == spoilt:
            shape = _phase_troubled(shot, shape, centre, width)
        counts = channels.counted(shot, 0.3 * shot.events * shape)
        inner = plots.histogram(
            canvas, pad, counts, Axis(-0.6, 0.6, "time difference (ns)"), f"RF phase, {link}",
            name=f"rf_{n}", fill=ROSE, line=(153, 0, 0), y_title="events", room=1.3,
        )  # fmt: skip
        plots.limits_x(canvas, inner, (-0.15, 0.15), NAVY)


def _phase_troubled(shot: Shot, shape: np.ndarray, centre: float, width: float) -> np.ndarray:
    moved = float(shot.trouble.choice([-1, 1])) * shot.trouble.uniform(0.25, 0.42)
    match shot.fault:
        case "time_shift":
            return channels.peak(PHASES_NS, centre + moved, width)
        case "jitter":
            return channels.peak(PHASES_NS, centre, width * shot.trouble.uniform(3.0, 5.0))
        case "double_peak":
            return 0.55 * shape + 0.45 * channels.peak(PHASES_NS, centre + moved, width)
        case "signal_lost":
            return 0.0 * shape
    return shape


def _self(shot: Shot, canvas: Canvas) -> None:
    spoilt = channels.one_of(shot, range(2))
    for n, (pad, name) in enumerate(((axes.TOP, "TOF"), (axes.BOTTOM, "FDC"))):
        width, missed, stray = 3.0, 0.002, 2e-6
        if n == spoilt:
            width, missed, stray = _self_troubled(shot, width, missed, stray)
        shape = np.full(len(STEPS_NS), stray)
        for k in range(4):
            shape += missed**k * channels.peak(STEPS_NS, (k + 1) * PERIOD_NS, width)
        lost = 0.0 if n == spoilt and shot.fault == "signal_lost" else 1.0
        counts = channels.counted(shot, 3 * lost * shot.events * shape)
        plots.histogram(
            canvas, pad, counts, Axis(0.0, 1100.0, "time to the next RF pulse (ns)"),
            f"RF self timing, {name}", name=f"rf_self_{name.lower()}", fill=MINT, log=True,
        )  # fmt: skip


def _self_troubled(
    shot: Shot, width: float, missed: float, stray: float
) -> tuple[float, float, float]:
    """Width of the peaks (ns), share of missed pulses, share of strays in each bin."""
    match shot.fault:
        case "missed_pulses":
            return width, float(shot.trouble.uniform(0.2, 0.5)), stray
        case "jitter":
            return width * float(shot.trouble.uniform(6.0, 12.0)), missed, stray
        case "stray_pulses":
            return width, missed, float(shot.trouble.uniform(3e-4, 3e-3))
    return width, missed, stray


def _trigger(shot: Shot, canvas: Canvas) -> None:
    second = np.arange(SECONDS)
    live = 97.5 - shot.beam.current_na / 80 + 0.25 * shot.rng.standard_normal(SECONDS)
    live = _live_troubled(shot, live, second) * float(shot.events > 100)
    inner = axes.frame(
        canvas, axes.TOP, Axis(0.0, SECONDS, "time in the chunk (s)"), Axis(0.0, 110.0, "live time (%)"),
        "L1 live time",
    )  # fmt: skip
    plots.steps(canvas, inner, np.clip(live, 0.0, 100.0), SKY, NAVY)
    axes.outline(canvas, inner)
    share = np.array([1.0, 0.45, 0.0, 0.12, 0.3, 0.0, 0.02, 0.2, 0.05, 0.01])
    rates = _bits_troubled(shot, share * (1 + 0.03 * shot.habit.standard_normal(BITS)))
    plots.histogram(
        canvas, axes.BOTTOM, channels.counted(shot, shot.events * rates), Axis(0.0, BITS, "trigger bit"),
        "L1 triggers by bit", name="l1_bits", fill=SAND, log=True, y_title="triggers",
    )  # fmt: skip


def _live_troubled(shot: Shot, live: np.ndarray, second: np.ndarray) -> np.ndarray:
    stuck = shot.trouble.uniform(8, 45)
    match shot.fault:
        case "low_live_time":
            return live * shot.trouble.uniform(0.25, 0.75)
        case "busy_crate":
            return np.where(second < stuck, live, 0.0)
        case "bit_hot":
            return live * shot.trouble.uniform(0.55, 0.8)
    return live


def _bits_troubled(shot: Shot, share: np.ndarray) -> np.ndarray:
    bit = channels.one_of(shot, (1, 3, 4, 7))
    match shot.fault:
        case "bit_missing":
            return channels.scaled(share, slice(bit, bit + 1), 0.0)
        case "bit_hot":
            return channels.scaled(share, slice(bit, bit + 1), 40.0)
    return share


KINDS = (
    Kind(
        SimPlot(
            "RF_phase", "RF", "Phase of the accelerator's clock between the systems that record it.",
            "Four narrow peaks at 0. If one has moved or doubled, the clock's phase has changed: call"
            " the RF expert before the run goes on.",
            (
                Fault("time_shift", "Bad", "one phase has moved"),
                Fault("jitter", "Bad", "one phase is smeared"),
                Fault("double_peak", "Bad", "one phase jumps between two values"),
                Fault("signal_lost", "Bad", "one system does not record the clock"),
            ),
        ),
        _phase,
    ),
    Kind(
        SimPlot(
            "RF_self", "RF", "Time from each pulse of the prescaled clock to the next one.",
            "One sharp peak at 256 ns, its echo far below. High echoes: pulses are missed, look at the"
            " RF discriminator. Then call the RF expert.",
            (
                Fault("missed_pulses", "Bad", "many pulses are missed"),
                Fault("jitter", "Bad", "the pulses are not even"),
                Fault("stray_pulses", "Bad", "pulses where there should be none"),
                Fault("signal_lost", "Bad", "one system does not record the clock"),
            ),
        ),
        _self,
    ),
    Kind(
        SimPlot(
            "L1_trigger", "Trigger", "Live time of the first trigger level, and triggers of each bit.",
            "Live time below 90 %: look for the busy crate on the DAQ screen. A bit is missing or far too"
            " high: check the trigger settings, then call the trigger expert.",
            (
                Fault("low_live_time", "Bad", "the system is busy for much of the time"),
                Fault("busy_crate", "Bad", "a crate stays busy, and no triggers pass"),
                Fault("bit_missing", "Bad", "a trigger bit is silent"),
                Fault("bit_hot", "Bad", "a trigger bit is far too frequent"),
            ),
        ),
        _trigger,
    ),
)  # fmt: skip
