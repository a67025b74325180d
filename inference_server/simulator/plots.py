"""Histograms in one and two dimensions with statistics box and colour bar."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from inference_server.simulator import axes
from inference_server.simulator.axes import Axis, Frame, Pad
from inference_server.simulator.canvas import Canvas, Colour
from inference_server.simulator.palettes import BIRD, BLACK, LEVELS, NAVY, SKY, WHITE

ROOM_ABOVE = 1.06  # a histogram's maximum stays below the frame by this factor
COLZ_RIGHT = 0.145  # margin that the colour bar needs


def histogram(
    canvas: Canvas, pad: Pad, counts: np.ndarray, x: Axis, title: str,
    *, name: str, fill: Colour | None = SKY, line: Colour = NAVY, y_title: str = "", log: bool = False,
    room: float = ROOM_ABOVE,
) -> Frame:  # fmt: skip
    """A filled step histogram of ``counts`` over ``x`` with its statistics."""
    top = float(counts.max(initial=0.0))
    y = (
        Axis(0.5, max(10.0, top * 3), y_title, log=True)
        if log
        else Axis(0.0, max(1.0, top) * room, y_title)
    )
    inner = axes.frame(canvas, pad, x, y, title)
    steps(canvas, inner, counts, fill, line)
    axes.outline(canvas, inner)
    stat_box(canvas, inner, name, _moments(counts, x))
    return inner


def steps(
    canvas: Canvas, inner: Frame, counts: np.ndarray, fill: Colour | None, line: Colour
) -> None:  # fmt: skip
    """The outline of a histogram, and its filling."""
    edges = inner.px(np.linspace(inner.x.low, inner.x.high, len(counts) + 1))
    across = np.repeat(edges, 2)
    floor = np.array([inner.y1], dtype=float)
    height = np.concatenate([floor, np.repeat(inner.py(counts), 2), floor])
    if fill is not None:
        canvas.area(across, height, fill)
    canvas.curve(across, height, line)


def limits_x(canvas: Canvas, inner: Frame, values: Sequence[float], colour: Colour) -> None:
    """Upright lines where a peak belongs."""
    for value in values:
        x = float(inner.px(value))
        canvas.line(x, inner.y0, x, inner.y1, colour)


def limits_y(canvas: Canvas, inner: Frame, values: Sequence[float], colour: Colour) -> None:
    """Level lines where a band belongs."""
    for value in values:
        y = float(inner.py(value))
        canvas.line(inner.x0, y, inner.x1, y, colour)


def points(
    canvas: Canvas, inner: Frame, x: np.ndarray, counts: np.ndarray, colour: Colour = BLACK
) -> None:  # fmt: skip
    """Markers with the error bars of counting."""
    across, middle = inner.px(x), inner.py(counts)
    spread = np.sqrt(counts)
    high, low = inner.py(counts + spread), inner.py(np.maximum(0.0, counts - spread))
    for n in range(len(x)):
        canvas.line(across[n], low[n], across[n], high[n], colour)
        canvas.dot(across[n], middle[n], 3, colour)


def colz(
    canvas: Canvas, pad: Pad, counts: np.ndarray, x: Axis, y: Axis, title: str,
    *, name: str = "", palette: np.ndarray = BIRD, log: bool = False, top: float = 0.0,
) -> Frame:  # fmt: skip
    """Counts (rows from the bottom, columns) as coloured cells; empty cells stay white.

    ``name``: with a statistics box of this title. ``top``: the colour scale's end, if it is fixed.
    """
    inner = axes.frame(canvas, pad, x, y, title, right=COLZ_RIGHT)
    scale = scale_of(counts, log=log, top=top)
    cells = np.ascontiguousarray(colours(counts, scale, palette)[::-1])
    wide, high = inner.x1 - inner.x0, inner.y1 - inner.y0
    canvas.pixels[inner.y0 : inner.y1, inner.x0 : inner.x1] = cv2.resize(
        cells, (wide, high), interpolation=cv2.INTER_NEAREST
    )
    axes.outline(canvas, inner)
    colour_bar(canvas, inner, scale, palette)
    if name:
        stat_box(canvas, inner, name, _moments_2d(counts, x, y))
    return inner


def scale_of(counts: np.ndarray, *, log: bool = False, top: float = 0.0) -> Axis:
    """The colour axis: from nothing to ``top``, or else to the fullest cell."""
    top = top or float(counts.max(initial=0.0))
    return Axis(0.7, max(10.0, top), log=True) if log else Axis(0.0, max(1.0, top))


def colours(counts: np.ndarray, scale: Axis, palette: np.ndarray = BIRD) -> np.ndarray:
    """RGB (..., 3) uint8 for counts of any shape; white where there is nothing."""
    if scale.log:
        share = np.log(np.maximum(counts, scale.low) / scale.low) / math.log(scale.high / scale.low)
    else:
        share = counts / scale.high
    painted = palette[np.clip((share * LEVELS).astype(np.int32), 0, LEVELS - 1)]
    painted[counts <= 0] = WHITE
    return np.asarray(painted)


def colour_bar(canvas: Canvas, inner: Frame, scale: Axis, palette: np.ndarray = BIRD) -> None:
    """The palette beside the frame with its numbers."""
    x0 = inner.x1 + 4
    x1 = x0 + max(12, (inner.x1 - inner.x0) // 24)
    rows = (np.linspace(LEVELS - 1, 0, inner.y1 - inner.y0)).round().astype(int)
    canvas.pixels[inner.y0 : inner.y1, x0:x1] = palette[rows][:, None]
    canvas.box(x0, inner.y0, x1, inner.y1, fill=None)
    axes.numbered(canvas, inner, scale, x1, leftwards=False)


def stat_box(
    canvas: Canvas, inner: Frame, name: str, rows: Sequence[tuple[str, float]]
) -> None:  # fmt: skip
    """Name and figures at the upper right corner, over the frame's edge as usual."""
    size = inner.size - 3 if inner.size > 15 else inner.size - 2
    wide, pitch = size * 11.5, round(size * 1.38)
    x1 = inner.x1 + round(0.01 * (inner.x1 - inner.x0))
    x0, y0 = x1 - wide, inner.y0 - round(size * 0.9)
    canvas.box(x0, y0, x1, y0 + pitch * (len(rows) + 1))
    canvas.text((x0 + x1) / 2, y0 + pitch / 2, name, size, 0.5)
    canvas.line(x0, y0 + pitch, x1, y0 + pitch)
    for n, (what, value) in enumerate(rows, start=1):
        middle = y0 + pitch * (n + 0.5)
        canvas.text(x0 + 4, middle, what, size)
        canvas.text(
            x1 - 4, middle, f"{value:.0f}" if what == "Entries" else f"{value:.4g}", size, 1.0
        )


def _moments(counts: np.ndarray, x: Axis) -> list[tuple[str, float]]:
    mean, spread = _mean_and_spread(counts, x)
    return [("Entries", float(counts.sum())), ("Mean", mean), ("Std Dev", spread)]


def _moments_2d(counts: np.ndarray, x: Axis, y: Axis) -> list[tuple[str, float]]:
    mean_x, spread_x = _mean_and_spread(counts.sum(axis=0), x)
    mean_y, spread_y = _mean_and_spread(counts.sum(axis=1), y)
    return [
        ("Entries", float(counts.sum())), ("Mean x", mean_x), ("Mean y", mean_y),
        ("Std Dev x", spread_x), ("Std Dev y", spread_y),
    ]  # fmt: skip


def _mean_and_spread(counts: np.ndarray, axis: Axis) -> tuple[float, float]:
    total = float(counts.sum())
    if total <= 0:
        return 0.0, 0.0
    width = (axis.high - axis.low) / len(counts)
    centres = axis.low + width * (np.arange(len(counts)) + 0.5)
    mean = float((counts * centres).sum()) / total
    return mean, math.sqrt(max(0.0, float((counts * (centres - mean) ** 2).sum()) / total))
