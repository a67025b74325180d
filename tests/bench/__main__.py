"""``python -m tests.bench``: a table on stdout; ``--json FILE`` for programs. Nothing passes or fails."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench import (
    acknowledging,
    drawing,
    explaining,
    figures,
    keeping,
    memory,
    parts,
    shadowing,
    stopping,
    training,
    whole,
)
from tests.bench.figures import Figure

PARTS = ("parts", "keeper", "whole", "alarms")
LONG = ("memory", "training", "stop", "shadow", "quick", "heat")  # run where they are asked for
ALONE = {
    "alarms",
    "training",
    "stop",
    "shadow",
    "quick",
    "heat",
}  # draw their own pictures, or none


def main() -> int:
    """Measure everything, one thing after the other."""
    args = _arguments()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as scratch:
        found = list(_measured(args, Path(scratch)))
    run = figures.finished(found, before)
    print(figures.table(run))
    if args.json:
        figures.write(run, args.json)
    return 0


def _measured(args: argparse.Namespace, scratch: Path) -> Iterator[Figure]:
    if "alarms" in args.only:
        yield from acknowledging.measure(scratch / "alarms")
    folder, cores = args.dir or scratch / "server", len(os.sched_getaffinity(0))
    if "training" in args.only:
        yield from training.beside(folder, seconds=args.seconds, cores=cores)
    if "shadow" in args.only:
        yield from shadowing.measure(folder, seconds=args.seconds, cores=cores)
    if "stop" in args.only:
        yield from stopping.measure(folder, cores=cores)
    if "heat" in args.only:
        yield from explaining.measure(folder, seconds=args.seconds, cores=cores)
    if "quick" in args.only:
        yield from training.quick(folder, cores=cores)
    if set(args.only) - ALONE:
        yield from _pictures(args, scratch)


def _pictures(args: argparse.Namespace, scratch: Path) -> Iterator[Figure]:
    cores = len(os.sched_getaffinity(0))
    folder = args.dir or scratch / "server"
    pictures, rate = drawing.drawn(whole.WARM + int(args.seconds * args.rate) + args.pictures)
    yield Figure(name="simulator", value=rate, unit="pictures/s", note="one process")
    files = [each.png for each in pictures]
    bare: float | None = None
    if "parts" in args.only:
        found = parts.measure(files, folder / "cache", cores)
        bare = found[0].value
        yield from found
    if "keeper" in args.only:
        yield from keeping.measure(files, scratch / "keeper")
    if "whole" in args.only:
        yield from whole.measure(
            pictures, folder, seconds=args.seconds, rate=args.rate, bare=bare, cores=cores
        )
    if "memory" in args.only:
        yield from memory.measure(folder, minutes=args.minutes, rate=args.rate, cores=cores)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--pictures", type=int, default=1500, help="for the throughput")
    parser.add_argument("--seconds", type=float, default=60.0, help="of the paced feed")
    parser.add_argument("--minutes", type=int, default=10, help="of the memory's watch")
    parser.add_argument("--rate", type=float, default=20.0, help="of the paced feed, pictures/s")
    parser.add_argument("--only", nargs="+", choices=(*PARTS, *LONG), default=PARTS)
    parser.add_argument("--dir", type=Path, help="keep the server here, and use it again")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
