"""How good a head gets with so many labels made, in random order and uncertain-first.

    python -m tests.bench.learning_curve FOLDER --a-class 5 10 20 50

FOLDER holds a folder for each class (or for each plot type, with its classes in it), or is a table
as ``import-labels`` reads it. The labels are hidden: an expert knows them and tells one when a picture
is put before him. Whole runs, or whole run periods, are held out and never labelled; the figures are
the share of their pictures that the head gets right.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from inference_server import labelled_files
from inference_server.config import Backbone, Config
from inference_server.labelled_files import LabelledFile
from inference_server.predict.backbone import identity
from inference_server.predict.heads import Head
from inference_server.training.features import Extractor
from inference_server.training.fit import fit_head
from inference_server.training.material import FitError, Labelled

ORDERS = ("random", "uncertain")


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures of one plot type without their labels."""

    plot_type: str
    backbone: str
    features: np.ndarray  # (N, D) float32
    runs: np.ndarray  # (N,) str, "period/run"
    periods: np.ndarray  # (N,) str


class Expert:
    """Knows what every picture shows, and tells it when asked."""

    def __init__(self, truth: Sequence[str]) -> None:
        self._truth = np.asarray(truth, dtype=str)
        self.asked: list[int] = []

    @property
    def classes(self) -> int:
        return len(np.unique(self._truth))

    def label(self, row: int) -> str:
        self.asked.append(row)
        return str(self._truth[row])

    def right(self, rows: np.ndarray, said: np.ndarray) -> float:
        """The share of ``rows`` of which ``said`` is true."""
        return float((self._truth[rows] == said).mean())


@dataclass(frozen=True, slots=True)
class Plan:
    """How the labelling goes."""

    order: str  # one of ORDERS
    budgets: Sequence[int]  # labels made when a head is judged, rising
    every: int  # uncertain-first: labels from one training to the next; 0: only after the first
    first: int  # uncertain-first: labels in random order before the first training
    seed: int


def learn(
    pictures: Pictures, expert: Expert, pool: np.ndarray, plan: Plan
) -> Iterator[tuple[int, Head | str]]:
    """Label the ``pool`` in the order of ``plan``: at each budget the labels made and the head.

    While all labels are of one class there is no head, and the class stands in for it.
    """
    queue = np.random.default_rng(plan.seed).permutation(pool)
    said: dict[int, str] = {}
    stops = [min(budget, len(pool)) for budget in plan.budgets]
    trainings = _trainings(plan, len(pool)) if plan.order == "uncertain" else set()
    for made in sorted({*stops, *trainings}):
        here, queue = queue[: made - len(said)], queue[made - len(said) :]
        said |= {int(row): expert.label(int(row)) for row in here}
        head = _fit(pictures, said, plan.seed)
        if made in stops:
            yield made, head
        if made in trainings and isinstance(head, Head):
            queue = queue[np.argsort(margins(head, pictures.features[queue]), kind="stable")]


def margins(head: Head, features: np.ndarray) -> np.ndarray:
    """How far the best class is ahead of the second (N,): small where the head is unsure."""
    scores = np.sort(head.scores(features), axis=1)
    found: np.ndarray = scores[:, -1] - scores[:, -2]
    return found


def _trainings(plan: Plan, available: int) -> set[int]:
    last = min(plan.budgets[-1], available)
    return set(range(plan.first, last, plan.every)) if plan.every else {plan.first}


def _fit(pictures: Pictures, said: dict[int, str], seed: int) -> Head | str:
    rows = np.array(sorted(said))
    labelled = Labelled(pictures.features[rows], [said[row] for row in rows], pictures.runs[rows])
    try:
        head, _ = fit_head(
            labelled, plot_type=pictures.plot_type, backbone=pictures.backbone,
            good=frozenset(), seed=seed,
        )  # fmt: skip
    except FitError:
        return said[int(rows[0])]
    return head


def judge(pictures: Pictures, expert: Expert, rows: np.ndarray, head: Head | str) -> float:
    """The share of the held-out ``rows`` that ``head`` gets right."""
    if isinstance(head, str):
        return expert.right(rows, np.full(len(rows), head))
    best = head.scores(pictures.features[rows]).argmax(axis=1)
    return expert.right(rows, np.asarray(head.card.labels)[best])


def held_out(pictures: Pictures, periods: Sequence[str], share: float, seed: int) -> np.ndarray:
    """Which pictures (N,) are never labelled: those of ``periods``, else of a ``share`` of the runs."""
    if periods:
        return np.isin(pictures.periods, periods)
    runs = np.random.default_rng(seed).permutation(np.unique(pictures.runs))
    return np.isin(pictures.runs, runs[: max(1, round(share * len(runs)))])


def gather(files: Sequence[LabelledFile], config: Config) -> tuple[Pictures, Expert]:
    """The pictures of one plot type, and who knows their labels. Raises ValueError: unreadable."""
    rows: list[np.ndarray] = []
    stream = ((file.path, file.path.read_bytes()) for file in files)
    for batch in Extractor(config, torch.get_num_threads()).see(stream):
        for seen in batch:
            if seen.error:
                raise ValueError(f"{seen.key}: {seen.error}")
            rows.append(np.frombuffer(seen.features, "<f2"))
        _tell(f"{files[0].plot_type}: {len(rows)} of {len(files)} pictures seen")
    return _without_labels(files, config, np.stack(rows)), Expert([file.label for file in files])


def _without_labels(
    files: Sequence[LabelledFile], config: Config, features: np.ndarray
) -> Pictures:
    return Pictures(
        files[0].plot_type,
        identity(config.backbone),
        features.astype(np.float32),
        np.array([f"{file.run_period}/{file.run}" for file in files]),
        np.array([file.run_period for file in files]),
    )


def remembered(
    files: Sequence[LabelledFile], config: Config, folder: Path
) -> tuple[Pictures, Expert]:
    """Like ``gather``, with the features kept in ``folder`` for the next time."""
    names = "\n".join(f"{file.path} {file.path.stat().st_mtime_ns}" for file in files)
    key = hashlib.sha256(f"{identity(config.backbone)}\n{names}".encode()).hexdigest()[:16]
    kept = folder / f"{key}.npy"
    if kept.exists():
        features = np.load(kept)
        return _without_labels(files, config, features), Expert([file.label for file in files])
    pictures, expert = gather(files, config)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(kept, pictures.features.astype(np.float16))
    return pictures, expert


@dataclass(frozen=True, slots=True)
class Point:
    """Held-out accuracies at one number of labels, one for each repetition."""

    labels: int
    accuracies: tuple[float, ...]

    def __str__(self) -> str:
        return f"{np.mean(self.accuracies):.3f} ± {np.std(self.accuracies):.3f}"


def curve(pictures: Pictures, expert: Expert, order: str, args: argparse.Namespace) -> list[Point]:
    """One point for each of ``args.a_class``, the mean number of labels a class."""
    found: dict[int, list[float]] = {}
    for seed in range(args.repeat):
        held = held_out(pictures, args.held_out_periods, args.held_out, seed)
        pool, rows = np.flatnonzero(~held), np.flatnonzero(held)
        budgets = [each * expert.classes for each in args.a_class]
        plan = Plan(order, budgets, args.every, args.first * expert.classes, seed)
        for number, (_, head) in enumerate(learn(pictures, expert, pool, plan)):
            found.setdefault(number, []).append(judge(pictures, expert, rows, head))
        _tell(f"{pictures.plot_type}, {order}: repetition {seed + 1} of {args.repeat}")
    return [
        Point(args.a_class[number] * expert.classes, tuple(each)) for number, each in found.items()
    ]


def by_plot_type(path: Path) -> dict[str, list[LabelledFile]]:
    """The readable pictures of ``path``. Raises BadTable."""
    found: dict[str, list[LabelledFile]] = {}
    for each in labelled_files.read(path):
        if isinstance(each, LabelledFile):
            found.setdefault(each.plot_type, []).append(each)
    if not found:
        raise labelled_files.BadTable(f"{path} has no pictures in folders named after classes.")
    return found


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="learning_curve", description=__doc__.split("\n")[0])
    parser.add_argument("path", type=Path, metavar="FOLDER")
    parser.add_argument("--plot-type", action="append", default=[], help="default: all")
    parser.add_argument("--a-class", type=int, nargs="+", default=[5, 10, 20, 50])
    parser.add_argument("--held-out-periods", nargs="+", default=[], metavar="PERIOD")
    parser.add_argument("--held-out", type=float, default=0.3, help="share of the runs")
    parser.add_argument("--order", nargs="+", choices=ORDERS, default=list(ORDERS))
    parser.add_argument("--every", type=int, default=10, help="labels between trainings; 0: one")
    parser.add_argument("--first", type=int, default=2, help="a class before the first training")
    parser.add_argument(
        "--repeat", type=int, default=5, help="how often, with other runs and order"
    )
    parser.add_argument("--size", type=int, default=224, help="of the backbone, in pixels")
    # Fits are small: on shared cores a second thread waits longer than it works.
    parser.add_argument("--threads", type=int, default=1, help="of the network and of a fit")
    parser.add_argument("--keep", type=Path, default=Path("build/learning_curve"))
    return parser.parse_args(words)


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def main(words: Sequence[str] | None = None) -> int:
    args = _arguments(words)
    torch.set_num_threads(args.threads)
    config = Config(data_dir=args.keep, backbone=Backbone(size=args.size, device="cpu"))
    print("| plot type | order | labels made | held-out accuracy |\n| --- | --- | --- | --- |")
    for name, files in sorted(by_plot_type(args.path).items()):
        if args.plot_type and name not in args.plot_type:
            continue
        pictures, expert = remembered(files, config, args.keep)
        for order in args.order:
            for point in curve(pictures, expert, order, args):
                print(f"| {name} | {order} | {point.labels} | {point} |", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
