"""Frames with ticks, numbers and titles: where a value lies on the canvas."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inference_server.simulator.canvas import Canvas


@dataclass(frozen=True, slots=True)
class Pad:
    """A part of the canvas, in shares of its width and height from the top left."""

    x0: float = 0.0
    y0: float = 0.0
    x1: float = 1.0
    y1: float = 1.0

    @property
    def text_size(self) -> int:
        return 17 if self.y1 - self.y0 > 0.7 and self.x1 - self.x0 > 0.7 else 13


WHOLE = Pad()
LEFT, RIGHT = Pad(x1=0.5), Pad(x0=0.5)
TOP, BOTTOM = Pad(y1=0.5), Pad(y0=0.5)
QUARTERS = (
    Pad(x1=0.5, y1=0.5), Pad(x0=0.5, y1=0.5), Pad(x1=0.5, y0=0.5), Pad(x0=0.5, y0=0.5),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Axis:
    """A range and its title; with ``log`` both ends are positive."""

    low: float
    high: float
    title: str = ""
    log: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """The inner rectangle in pixels (y1 is the lower edge) with its axes."""

    x0: int
    y0: int
    x1: int
    y1: int
    x: Axis
    y: Axis
    size: int  # of the text, pixels

    def px(self, value: np.ndarray | float) -> np.ndarray:
        return np.asarray(self.x0 + _share(self.x, value) * (self.x1 - self.x0))

    def py(self, value: np.ndarray | float) -> np.ndarray:
        return np.asarray(self.y1 - _share(self.y, value) * (self.y1 - self.y0))


def _share(axis: Axis, value: np.ndarray | float) -> np.ndarray | float:
    if (
        isinstance(value, (int, float)) and not axis.log
    ):  # every tick: numpy takes ten times as long
        return min(1.0, max(0.0, (value - axis.low) / (axis.high - axis.low)))
    values = np.asarray(value, dtype=float)
    if axis.log:
        share = np.log(np.maximum(values, axis.low) / axis.low) / math.log(axis.high / axis.low)
    else:
        share = (values - axis.low) / (axis.high - axis.low)
    return np.asarray(np.clip(share, 0.0, 1.0))


def step_of(low: float, high: float, most: int) -> tuple[float, int]:
    """Distance of the numbered ticks, and into how many parts the small ones divide it."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    for factor, parts in ((1, 5), (2, 4), (5, 5)):
        if factor * power >= rough * 0.999:
            return factor * power, parts
    return 10 * power, 5


def frame(
    canvas: Canvas, pad: Pad, x: Axis, y: Axis, title: str, *, right: float = 0.1
) -> Frame:  # fmt: skip
    """Draw frame, ticks, numbers and titles, and say where values lie. ``right``: margin's share."""
    wide, high = (pad.x1 - pad.x0) * 800, (pad.y1 - pad.y0) * 600
    left = 0.115 if wide > 500 else 0.145
    size = pad.text_size
    inner = Frame(
        round(pad.x0 * 800 + left * wide), round(pad.y0 * 600 + 0.1 * high),
        round(pad.x1 * 800 - right * wide), round(pad.y1 * 600 - (0.115 if high > 400 else 0.16) * high),
        x, y, size,
    )  # fmt: skip
    if wide > 500:
        canvas.text((inner.x0 + inner.x1) / 2, pad.y0 * 600 + 0.053 * high, title, size + 4, 0.5)
    else:  # beside the statistics box
        canvas.text(inner.x0, pad.y0 * 600 + 0.053 * high, title, size + 2)
    outline(canvas, inner)
    return inner


def outline(canvas: Canvas, inner: Frame) -> None:
    """Frame, ticks, numbers and axis titles; again after a filling has covered them."""
    canvas.box(inner.x0, inner.y0, inner.x1, inner.y1, fill=None)
    _bottom_axis(canvas, inner)
    numbered(canvas, inner, inner.y, inner.x0, leftwards=True)
    size = inner.size
    canvas.text(inner.x1, inner.y1 + size * 2.35, inner.x.title, size, 1.0)
    canvas.text(inner.x0 - size * 3.8, inner.y0, inner.y.title, size, 1.0, upright=True)


def _bottom_axis(canvas: Canvas, inner: Frame) -> None:
    step, parts = step_of(inner.x.low, inner.x.high, 10 if inner.size > 15 else 7)
    small = step / parts
    long = max(5, (inner.y1 - inner.y0) // 34)
    for n in range(
        math.ceil(inner.x.low / small - 1e-6), math.floor(inner.x.high / small + 1e-6) + 1
    ):
        x = float(inner.px(n * small))
        numbered_tick = n % parts == 0
        canvas.line(x, inner.y1, x, inner.y1 - (long if numbered_tick else long // 2))
        if numbered_tick:
            canvas.text(x, inner.y1 + inner.size * 0.85, _number(n * small), inner.size, 0.5)


def numbered(canvas: Canvas, inner: Frame, axis: Axis, at: int, *, leftwards: bool) -> None:
    """A vertical axis at pixel column ``at`` over the frame's height; numbers left or right of it."""
    if axis.log:
        _decades(canvas, inner, axis, at, leftwards=leftwards)
        return
    step, parts = step_of(axis.low, axis.high, 10 if inner.y1 - inner.y0 > 300 else 6)
    small, power = step / parts, _power(axis.high)
    for n in range(math.ceil(axis.low / small - 1e-6), math.floor(axis.high / small + 1e-6) + 1):
        y = inner.y1 - float(_share(axis, n * small)) * (inner.y1 - inner.y0)
        _tick(canvas, inner, at, y, long=n % parts == 0, leftwards=leftwards)
        if n % parts == 0:
            text = _number(n * small / 10.0**power)
            canvas.text(
                at + (-6 if leftwards else 6), y, text, inner.size, 1.0 if leftwards else 0.0
            )
    if power:
        _times_ten(
            canvas, at + (-4 if leftwards else -14), inner.y0 - inner.size * 0.75, power, inner.size
        )


def _decades(canvas: Canvas, inner: Frame, axis: Axis, at: int, *, leftwards: bool) -> None:
    for power in range(math.floor(math.log10(axis.low)), math.ceil(math.log10(axis.high)) + 1):
        for digit in range(1, 10):
            value = digit * 10.0**power
            if not axis.low * 0.999 <= value <= axis.high * 1.001:
                continue
            y = inner.y1 - float(_share(axis, value)) * (inner.y1 - inner.y0)
            _tick(canvas, inner, at, y, long=digit == 1, leftwards=leftwards)
            if digit == 1 and power in (0, 1):
                text = "1" if power == 0 else "10"
                canvas.text(
                    at + (-6 if leftwards else 6), y, text, inner.size, 1.0 if leftwards else 0.0
                )
            elif digit == 1:
                _times_ten(
                    canvas,
                    at - inner.size * 1.9 if leftwards else at + 6,
                    y,
                    power,
                    inner.size,
                    "10",
                )


def _tick(
    canvas: Canvas, inner: Frame, at: int, y: float, *, long: bool, leftwards: bool
) -> None:  # fmt: skip
    length = max(5, (inner.x1 - inner.x0) // 45) if leftwards else 6
    length = length if long else length // 2
    canvas.line(at, y, at + (length if leftwards else -length), y)


def _times_ten(
    canvas: Canvas, x: float, y: float, power: int, size: int, base: str = "×10"
) -> None:  # fmt: skip
    wide = canvas.text(x, y, base, size)
    canvas.text(x + wide, y - size * 0.4, str(power), max(9, size - 4))


def _power(high: float) -> int:
    """Power of ten written once at the axis end, so that numbers stay short."""
    return 3 * int(math.log10(high) // 3) if high >= 1e5 else 0


def _number(value: float) -> str:
    return f"{round(value, 6):g}" if abs(value) > 1e-9 else "0"
