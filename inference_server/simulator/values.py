"""What the simulator speaks of: plots, classes, faults, beam conditions, pictures."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from inference_server.simulator.canvas import Canvas

SEVERITIES = {
    "Good": "good", "Bad": "bad", "NoData": "warning", "HotChannel": "warning",
    "LED": "neutral", "Cosmic": "neutral", "Amorphous": "neutral",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SimClass:
    """A class of a plot type; severity is good, warning, bad or neutral."""

    name: str
    severity: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A way for a detector to fail, and the class under which an expert files the picture."""

    name: str
    label: str
    text: str


NO_DATA = Fault("no_data", "NoData", "the histogram got no entries")
EMPTY = Fault("empty_plot", "NoData", "the canvas was saved before anything was drawn")
BEAM_TRIP = Fault("beam_trip", "NoData", "the beam was away; a handful of entries")
COMMON_FAULTS = (NO_DATA, EMPTY, BEAM_TRIP)


@dataclass(frozen=True, slots=True)
class SimPlot:
    """A plot type of the simulated hall; ``faults`` are its own, ``all_faults`` adds the common."""

    name: str
    group: str
    description: str
    guidance: str
    faults: tuple[Fault, ...]

    @property
    def contact(self) -> str:
        return f"{self.group} expert on call"

    @property
    def all_faults(self) -> tuple[Fault, ...]:
        return (*self.faults, *COMMON_FAULTS)

    @property
    def classes(self) -> tuple[SimClass, ...]:
        """Good, Bad, NoData first, then the others in the order of their faults."""
        names = dict.fromkeys(
            ("Good", "Bad", "NoData", *(fault.label for fault in self.all_faults))
        )
        return tuple(SimClass(name, SEVERITIES[name]) for name in names)

    def label(self, fault: str) -> str:
        """The class of a picture with this fault; none: Good. Raises KeyError: no such fault."""
        if not fault:
            return "Good"
        return {known.name: known.label for known in self.all_faults}[fault]


@dataclass(frozen=True, slots=True)
class Conditions:
    """The beam during one chunk."""

    events: float  # triggers in the chunk
    current_na: float
    beam_x_cm: float
    beam_y_cm: float
    coherent_gev: float  # upper edge of the coherent peak of the diamond


@dataclass(frozen=True, slots=True)
class SimPicture:
    """A drawn plot, 800 by 600 pixels, and the truth about it."""

    plot: str
    run: int
    chunk: int
    png: bytes
    label: str
    fault: str  # empty: none

    @property
    def file_name(self) -> str:
        return f"Run{self.run:06d}/{self.plot}_{self.chunk:04d}.png"


@dataclass(frozen=True, slots=True)
class Shot:
    """Everything that a painter may look at. The four generators never share draws."""

    run: int
    chunk: int
    fault: str  # empty: none
    beam: Conditions
    rng: np.random.Generator = field(repr=False)  # of this picture
    habit: np.random.Generator = field(repr=False)  # of this run: gains
    build: np.random.Generator = field(
        repr=False
    )  # of the detector: channels long known to be dead
    trouble: np.random.Generator = field(repr=False)  # of this episode: which board it is

    @property
    def events(self) -> float:
        return self.beam.events


@dataclass(frozen=True, slots=True)
class Kind:
    """A plot type and the function that paints it."""

    plot: SimPlot
    paint: Callable[[Shot, Canvas], None]


def generator(seed: int, *words: str | int) -> np.random.Generator:
    """A random stream of its own for each (seed, words)."""
    keys = [zlib.crc32(word.encode()) if isinstance(word, str) else word for word in words]
    return np.random.default_rng([seed, *keys])
