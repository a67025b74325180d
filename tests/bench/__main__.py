"""``python -m tests.bench``: a table on stdout; ``--json FILE`` for programs. Nothing passes or fails."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.bench import drawing, figures, keeping, parts, whole
from tests.bench.figures import Figure


def main() -> int:
    """Measure everything, one thing after the other."""
    args = _arguments()
    before = os.getloadavg()[0]
    cores = len(os.sched_getaffinity(0))
    pictures, drawing_rate = drawing.drawn(
        whole.WARM + int(args.seconds * args.rate) + args.pictures
    )
    found = [Figure(name="simulator", value=drawing_rate, unit="pictures/s", note="one process")]
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.dir or Path(scratch) / "server"
        found += parts.measure([each.png for each in pictures], folder / "cache", cores)
        bare = next(each.value for each in found if each.name == "bare loop")
        found += keeping.measure([each.png for each in pictures], Path(scratch) / "keeper")
        found += whole.measure(
            pictures, folder, seconds=args.seconds, rate=args.rate, bare=bare, cores=cores
        )
    run = figures.finished(found, before)
    print(figures.table(run))
    if args.json:
        figures.write(run, args.json)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--pictures", type=int, default=1500, help="for the throughput")
    parser.add_argument("--seconds", type=float, default=60.0, help="of the paced feed")
    parser.add_argument("--rate", type=float, default=20.0, help="of the paced feed, pictures/s")
    parser.add_argument("--dir", type=Path, help="keep the server here, and use it again")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
