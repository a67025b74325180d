"""What a plot of confidences over time is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrendCurve:
    """One class; ``low`` and ``high`` are empty where each step is one verdict. NaN: not known."""

    name: str
    mean: Numbers
    low: Numbers
    high: Numbers
    threshold: Numbers
    severity: str = "neutral"
    colour: str = ""


@dataclass(frozen=True, slots=True)
class TrendData:
    """One plot type over time, or run by run; all columns of equal length."""

    title: str
    at: Numbers  # seconds since 1970; by run: the first run fills 0 to 1, the next 1 to 2; in order
    tips: Sequence[str]  # said when the mouse is near
    bad: Sequence[bool]
    unconfirmed: Sequence[bool]
    curves: Sequence[TrendCurve] = ()
    flags: Sequence[tuple[float, str]] = ()  # model changes: when, "35 → 41"
    changes: Sequence[tuple[float, str]] = ()  # "Good fell here from 95 % to 70 %."
    beam_off: Sequence[tuple[float, float]] = ()  # from and to
    by_run: bool = False
    run_marks: Sequence[tuple[int, int]] = ()  # by run: where a run begins, and its number
    chunk_names: Sequence[str] = ()  # by run, of single verdicts: "92317.3"
    nothing: str = ""  # said in place of an empty plot
