"""How alike the shared features of near copies are, and of a faulty plot and Good ones.

``python -m tests.bench.near_copies`` prints a line for each simulated plot type: where
``likeness.NEAR_COPY`` comes from. Neighbours are Good chunks of one run; a fault is shown in chunks of
the same run, so that nothing but the fault differs.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from inference_server.config import Backbone, Config
from inference_server.simulator import hall
from inference_server.training.features import Extractor

SEED = 7
RUN = 92317


def vectors(extractor: Extractor, name: str, faults: list[str], chunks: int) -> np.ndarray:
    """Unit vectors (faults * chunks, d) of what the hall draws."""
    drawn = (
        ((fault, chunk), hall.draw(name, RUN, chunk, fault, seed=SEED).png)
        for fault in faults
        for chunk in range(1, chunks + 1)
    )
    rows = [np.frombuffer(seen.features, "<f2") for batch in extractor.see(drawn) for seen in batch]
    table = np.stack(rows).astype(np.float32)
    return np.asarray(table / np.linalg.norm(table, axis=1, keepdims=True))


def measure(extractor: Extractor, good: int, faulty: int) -> Iterator[str]:
    """One line of a table for each plot type."""
    for plot in hall.catalogue():
        fine = vectors(extractor, plot.name, [""], good)
        wrong = vectors(extractor, plot.name, [fault.name for fault in plot.all_faults], faulty)
        neighbours = np.sort((fine @ fine.T)[np.triu_indices(good, 1)])
        nearest = np.max(wrong @ fine.T, axis=1).reshape(-1, faulty).max(axis=1)
        worst = plot.all_faults[int(nearest.argmax())].name
        low, middle = np.percentile(neighbours, (5, 50))
        second = np.sort(nearest)[-2]
        yield (
            f"| {plot.name} | {low:.4f} | {middle:.4f} | {nearest.max():.4f} ({worst}) | {second:.4f} |"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--good", type=int, default=20)
    parser.add_argument("--faulty", type=int, default=3)
    parser.add_argument("--keep", type=Path, default=Path("build/near_copies"))
    given = parser.parse_args()
    config = Config(data_dir=given.keep, backbone=Backbone(device="cpu"))
    print(
        "| plot type | neighbours 5 % | median | faulty to Good | second |\n" + "| --- " * 5 + "|"
    )
    for line in measure(Extractor(config, 1), given.good, given.faulty):
        print(line, flush=True)


if __name__ == "__main__":
    main()
