"""Which Good pictures a model remembers, and how far from them is far."""

from __future__ import annotations

import numpy as np

from inference_server.predict.heads import Memory
from inference_server.training.material import Labelled
from inference_server.training.report import FEW

REFERENCES = 256


def remembered(
    pictures: Labelled, good: frozenset[str], standardised: np.ndarray, seed: int
) -> tuple[np.ndarray, float]:
    """Good pictures to remember (R, D), and the distance that counts as 1.0 (0: not known).

    ``standardised`` (N, D): the features in units of their spread.
    """
    rows = np.flatnonzero(
        np.array([label in good for label in pictures.labels]) & pictures.may_train
    )
    runs = np.asarray(pictures.runs, dtype=str)
    kept = _spread_over_runs(rows, runs, seed)
    references = pictures.features[kept].astype(np.float16)
    if len(rows) < FEW:
        return references, 0.0
    squares = np.square(standardised).sum(axis=1)
    cross = (
        squares[rows, None] + squares[None, kept] - 2 * standardised[rows] @ standardised[kept].T
    )
    distances = np.sqrt(np.maximum(cross, 0) / standardised.shape[1])
    same = runs[rows, None] == runs[None, kept]
    if same.all():  # all Good pictures are of one run: at least not a picture with itself
        same = rows[:, None] == kept[None, :]
    nearest = np.where(same, np.inf, distances).min(axis=1)
    nearest = nearest[np.isfinite(nearest)]
    return references, float(np.percentile(nearest, 99)) if len(nearest) else 0.0


def memory_for(pictures: Labelled, good: frozenset[str], seed: int) -> Memory:
    """What a whole network remembers, as features of the shared network."""
    learnt = pictures.features[pictures.may_train]
    mean, spread = learnt.mean(axis=0), learnt.std(axis=0)
    spread = np.where(spread > 1e-6, spread, 1e30).astype(np.float32)
    references, scale = remembered(pictures, good, (pictures.features - mean) / spread, seed)
    return Memory(mean, spread, references, scale)


def _spread_over_runs(rows: np.ndarray, runs: np.ndarray, seed: int) -> np.ndarray:
    """Up to REFERENCES of ``rows``: one of every run, then a second of every run, and so on."""
    random = np.random.default_rng(seed)
    shuffled = random.permutation(rows)
    turn: dict[str, int] = {}
    rounds = []
    for row in shuffled:
        turn[runs[row]] = turn.get(runs[row], -1) + 1
        rounds.append(turn[runs[row]])
    order = np.argsort(np.array(rounds, int), kind="stable")[:REFERENCES]
    return np.sort(shuffled[order])
