"""Who is judged by whom: pictures are split by run, since neighbouring chunks are near copies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FOLDS = 5


def folds(
    targets: np.ndarray, groups: Sequence[str] | np.ndarray, count: int, seed: int
) -> np.ndarray:
    """The fold 0..count-1 of every picture: whole groups, classes spread as evenly as they allow.

    ``targets``: class indices (N,); ``groups``: the run of every picture, or of several runs that stay together. Large groups are placed
    first, each where it brings the classes closest to an even share. With fewer groups than folds
    (all pictures of one run, say) each group is cut into blocks of neighbours instead.
    """
    names, member = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    if len(names) < 2:
        return _blocks(targets, count)
    count = min(count, len(names))
    table = np.zeros((len(names), int(targets.max()) + 1))
    np.add.at(table, (member, targets), 1)
    return _place(table, count, np.random.default_rng(seed))[member]


def sides(
    targets: np.ndarray,
    groups: Sequence[str] | np.ndarray,
    pins: np.ndarray,
    seed: int,
    share: int = FOLDS,
) -> np.ndarray:
    """ "training" or "validation" for every picture (N,): about one run in ``share`` validates.

    A pinned picture is where it is pinned, and takes the others of its run with it; where a run has
    pins to both sides, the others go to training.
    """
    runs = np.asarray(groups, dtype=str)
    validates = folds(targets, groups, share, seed) == 0
    if len(set(groups)) > 1:
        for pin in ("validation", "training"):
            validates[np.isin(runs, runs[pins == pin])] = pin == "validation"
    validates[pins == "validation"], validates[pins == "training"] = True, False
    found: np.ndarray = np.where(validates, "validation", "training")
    return found


def _place(table: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Fold of each group; ``table``: how many pictures of each class a group has."""
    shares = table / np.maximum(table.sum(axis=0), 1)  # a rare class weighs as much as a common one
    order = np.lexsort((random.random(len(table)), -shares.sum(axis=1)))
    load, chosen = np.zeros((count, table.shape[1])), np.zeros(len(table), int)
    for group in order:
        costs = [_unevenness(load, fold, shares[group]) for fold in range(count)]
        chosen[group] = int(np.argmin(costs))
        load[chosen[group]] += shares[group]
    return chosen


def _unevenness(load: np.ndarray, fold: int, share: np.ndarray) -> float:
    after = load.copy()
    after[fold] += share
    return float(np.square(after).sum())


def _blocks(targets: np.ndarray, count: int) -> np.ndarray:
    """Within one run: each class in ``count`` stretches of neighbours."""
    found = np.zeros(len(targets), int)
    for target in np.unique(targets):
        rows = np.flatnonzero(targets == target)
        found[rows] = np.arange(len(rows)) * count // len(rows)
    return found


def parts(targets: np.ndarray, runs: Sequence[str], pins: np.ndarray) -> list[str]:
    """What of every picture (N,) is never divided: its run, where it is pinned, its stretch of an only run."""
    only = len(set(runs)) == 1
    blocks = _blocks(targets, FOLDS) if only else np.zeros(len(targets), int)
    return [f"{run} {pin} {block}" for run, pin, block in zip(runs, pins, blocks, strict=True)]
