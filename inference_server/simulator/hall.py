"""The simulated hall: which plots there are, and how one picture of one of them is drawn."""

from __future__ import annotations

from collections.abc import Iterator

from inference_server.simulator import beam
from inference_server.simulator.canvas import Canvas, encode
from inference_server.simulator.detectors import bcal, cdc, clocks, fcal, fdc, forward, photons
from inference_server.simulator.values import (
    EMPTY,
    Kind,
    Shot,
    SimPicture,
    SimPlot,
    generator,
)

KINDS: tuple[Kind, ...] = (
    *cdc.KINDS, *fdc.KINDS, *bcal.KINDS, *fcal.KINDS, *forward.KINDS, *photons.KINDS, *clocks.KINDS,
)  # fmt: skip
_BY_NAME = {kind.plot.name: kind for kind in KINDS}
LABELLED_RUNS = 20  # labelled pictures come from so many runs, so that they can be split by run
LABELLED_FIRST_RUN = 90001
GOOD_SHARE = 4  # a feed is nearly all Good: what Good can look like must be known best
FEW_EVENTS = (4, 60)  # left in a chunk without beam


def catalogue() -> tuple[SimPlot, ...]:
    """All plot types, always in the same order."""
    return tuple(kind.plot for kind in KINDS)


def draw(
    plot: str, run: int, chunk: int, fault: str = "", *, seed: int = 1, episode: int | None = None
) -> SimPicture:
    """One picture; the same arguments give the same bytes.

    ``fault``: a name of ``SimPlot.all_faults``, empty for none. Pictures of one ``episode`` have
    the same part broken; without one, each picture has its own. Raises KeyError: no such plot or fault.
    """
    kind = _BY_NAME[plot]
    label = kind.plot.label(fault)
    canvas = Canvas()
    if fault != EMPTY.name:
        _paint(kind, canvas, _shot(seed, kind, run, chunk, fault, episode))
    return SimPicture(plot, run, chunk, encode(canvas.pixels), label, fault)


def _shot(seed: int, kind: Kind, run: int, chunk: int, fault: str, episode: int | None) -> Shot:
    name = kind.plot.name
    rng = generator(seed, name, run, chunk)
    trouble = (run, chunk) if episode is None else (episode,)
    return Shot(
        run=run,
        chunk=chunk,
        fault=fault,
        beam=beam.spoilt(
            beam.conditions_of(seed, run, chunk), fault, float(rng.integers(*FEW_EVENTS))
        ),
        rng=rng,
        habit=generator(seed, name, "habit", run),
        build=generator(0, name, "build"),
        trouble=generator(seed, name, "trouble", *trouble),
    )


def _paint(kind: Kind, canvas: Canvas, shot: Shot) -> None:
    kind.paint(shot, canvas)
    canvas.text(8, 590, f"Run {shot.run}   chunk {shot.chunk}   {shot.events:.0f} events", 12)


def labelled(plot_name: str, per_class: int, seed: int) -> Iterator[SimPicture]:
    """Pictures to learn from, spread over runs so that they can be split by run.

    ``per_class`` of each class, of Bad so many of each fault, and of Good four times as many.
    Raises KeyError: no such plot.
    """
    plot = _BY_NAME[plot_name].plot
    chunk = 0
    for known in plot.classes:
        causes, count = _causes(plot, known.name, per_class)
        random = generator(seed, plot_name, known.name)
        runs = LABELLED_FIRST_RUN + random.permutation(count) % LABELLED_RUNS
        for n, run in enumerate(runs):
            chunk += 1
            yield draw(plot_name, int(run), chunk, causes[n % len(causes)], seed=seed)


def _causes(plot: SimPlot, label: str, per_class: int) -> tuple[tuple[str, ...], int]:
    """The faults behind a class, and how many pictures are to teach it."""
    if label == "Good":
        return ("",), GOOD_SHARE * per_class
    causes = tuple(fault.name for fault in plot.all_faults if fault.label == label)
    return causes, per_class * (len(causes) if label == "Bad" else 1)
