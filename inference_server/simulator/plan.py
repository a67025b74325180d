"""What the live feed shows and when: plots in turn, runs, episodes of trouble. Pure, by number alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from inference_server.simulator.values import BEAM_TRIP, SimPlot, generator

RUN_CHUNKS = 30  # then the next run starts
EPISODE_EVERY = 4  # rounds from one start of trouble to the next
LONGEST = 9  # rounds that an episode lasts at most; one plot is spared until all others had theirs
STRIDE = 7  # prime to the number of plots: neighbours in the list do not fail one after another
TRIP_EVERY = 900  # pictures, and so many chances for a beam trip
TRIP_SHARE = 0.5
TRIP_PICTURES = 7  # for so many pictures in a row there is no beam


@dataclass(frozen=True, slots=True)
class Turn:
    """One picture of the feed. ``episode``: pictures with the same one have the same part broken."""

    plot: str
    run: int
    chunk: int
    fault: str = ""
    episode: int | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """Trouble of one plot, from round ``first`` until before ``end``."""

    number: int
    plot: int  # its place in the list
    fault: str
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The feed of a seed: picture ``n``, counted from 0, at ``turn(n)``; a round is one of each plot."""

    plots: tuple[SimPlot, ...]
    seed: int
    first_run: int

    def turn(self, n: int) -> Turn:
        """The picture number ``n``."""
        count = len(self.plots)
        here, at = divmod(n, count)
        runs, chunk = divmod(here, RUN_CHUNKS)
        found = Turn(self.plots[at].name, self.first_run + runs, chunk + 1)
        if _tripped(self.seed, n):
            return Turn(found.plot, found.run, found.chunk, BEAM_TRIP.name)
        for episode in _around(self.plots, self.seed, here):
            if episode.plot == at and episode.first <= here < episode.end:
                return Turn(found.plot, found.run, found.chunk, episode.fault, episode.number)
        return found

    def number(self, plot: str, run: int, chunk: int) -> int | None:
        """Which picture of the plan that is; None: none of it."""
        names = [each.name for each in self.plots]
        if plot not in names or run < self.first_run or not 1 <= chunk <= RUN_CHUNKS:
            return None
        here = (run - self.first_run) * RUN_CHUNKS + chunk - 1
        return here * len(names) + names.index(plot)


def _tripped(seed: int, n: int) -> bool:
    stretch, at = divmod(n, TRIP_EVERY)
    random = generator(seed, "trip", stretch)
    if random.random() > TRIP_SHARE:
        return False
    first = int(random.integers(TRIP_EVERY // 3, TRIP_EVERY - TRIP_PICTURES))
    return first <= at < first + TRIP_PICTURES


def _around(plots: Sequence[SimPlot], seed: int, here: int) -> list[Episode]:
    """The episodes that can reach round ``here``."""
    newest = here // EPISODE_EVERY
    oldest = max(0, newest - LONGEST // EPISODE_EVERY - 1)
    return [_episode(tuple(plots), seed, number) for number in range(oldest, newest + 1)]


@lru_cache(maxsize=64)
def _episode(plots: tuple[SimPlot, ...], seed: int, number: int) -> Episode:
    offset = int(generator(seed, "episodes").integers(len(plots)))
    random = generator(seed, "episode", number)
    at = (offset + number * STRIDE) % len(plots)
    own = [fault for fault in plots[at].all_faults if fault is not BEAM_TRIP]
    # A shift taker who has just opened the window should see at once what Hydra is for; and mostly
    # things break, while empty plots are rarer.
    bad = [fault for fault in own if fault.label == "Bad"]
    chosen = bad if number < 2 or random.random() < 0.5 else own
    first = number * EPISODE_EVERY + (1 if number == 0 else int(random.integers(EPISODE_EVERY)))
    return Episode(
        number=number,
        plot=at,
        fault=chosen[int(random.integers(len(chosen)))].name,
        first=first,
        end=first + int(random.integers(5, LONGEST)),
    )
