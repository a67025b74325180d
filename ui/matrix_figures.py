"""What a confusion matrix shows, and how its reader wants it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

Counts: TypeAlias = np.ndarray


@dataclass(frozen=True, slots=True)
class ClassMark:
    """A class: its name, its severity and the site's own colour ("" for the theme's)."""

    name: str
    severity: str = "neutral"
    colour: str = ""


@dataclass(frozen=True, slots=True)
class MatrixFigures:
    """``bars`` (rows: a person, columns: the AI, bins over 0..1); thresholds by column, None: none."""

    classes: tuple[ClassMark, ...] = ()
    bars: Counts = field(default_factory=lambda: np.zeros((0, 0, 40), int))
    thresholds: tuple[float | None, ...] = ()

    @property
    def counts(self) -> Counts:
        """(rows, columns) pictures in each cell."""
        found: Counts = self.bars.sum(axis=2)
        return found


@dataclass(frozen=True, slots=True)
class MatrixLook:
    """What the reader chose."""

    log: bool = True
    shares: bool = False  # row shares large, counts small
    tried: tuple[int, float] | None = None  # column and a threshold that is tried
    chosen: tuple[int, int] | None = None  # row, column
    bar: int | None = None  # of the chosen cell
