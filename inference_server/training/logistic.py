"""Multinomial logistic regression with an L2 penalty, and the temperature that calibrates it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

_KEPT = 0.9995  # share of the variance that the turned features keep
_STEPS = 150
_WORST = 20.7  # surprise of a confidence of 1e-9: one blunder must not outweigh all else


@dataclass(frozen=True, slots=True)
class Turned:
    """Standardised features in as few dimensions as the pictures at hand can fill.

    An L2-penalised solution lies in the span of its pictures, so fitting in their principal axes gives
    the same head for a fraction of the work.
    """

    rows: Tensor  # (N, K)
    axes: Tensor  # (D, K): rows = standardised @ axes

    @classmethod
    def of(cls, standardised: np.ndarray) -> Turned:
        full = torch.from_numpy(standardised).to(torch.float64)
        _, sizes, axes = _decompose(full)
        share = torch.cumsum(sizes.square(), 0) / sizes.square().sum().clamp(min=1e-12)
        kept = int((share < _KEPT).sum()) + 1
        axes = axes[:, :kept]
        return cls((full @ axes).to(torch.float32), axes.to(torch.float32))


def _decompose(full: Tensor) -> tuple[None, Tensor, Tensor]:
    """Singular values and right vectors, largest first, by the smaller of the two Gram matrices."""
    tall = full.shape[0] >= full.shape[1]
    squares, vectors = torch.linalg.eigh(full.T @ full if tall else full @ full.T)
    sizes = squares.clamp(min=0).sqrt().flip(0)
    vectors = vectors.flip(1)
    axes = vectors if tall else full.T @ vectors / sizes.clamp(min=1e-9)
    return None, sizes, axes


def path(
    rows: Tensor,
    targets: Tensor,
    weights: Tensor,
    classes: int,
    strengths: Sequence[float],
    pause: Callable[[], None] = lambda: None,
) -> list[Tensor]:
    """Solutions (K + 1, classes), bias last, for falling ``strengths`` of the penalty.

    Each starts from the one before, which makes a whole path as cheap as its weakest penalty.
    ``pause`` is called at each step; what it raises ends the search.
    """
    solution = torch.zeros(rows.shape[1] + 1, classes)
    found = []
    for strength in strengths:
        solution = _solve(rows, targets, weights, strength, solution, pause)
        found.append(solution)
    return found


def _solve(
    rows: Tensor,
    targets: Tensor,
    weights: Tensor,
    strength: float,
    start: Tensor,
    pause: Callable[[], None],
) -> Tensor:
    solution = start.clone().requires_grad_(True)
    search = torch.optim.LBFGS(
        [solution],
        max_iter=_STEPS,
        history_size=10,
        tolerance_grad=1e-5,
        tolerance_change=1e-8,
        line_search_fn="strong_wolfe",
    )

    def loss() -> Tensor:
        pause()
        search.zero_grad()
        each = cross_entropy(apply(solution, rows), targets, reduction="none")
        value = (each * weights).sum() / weights.sum()
        value = value + 0.5 * strength * solution[:-1].square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    search.step(loss)  # type: ignore[no-untyped-call]
    return solution.detach()


def apply(solution: Tensor, rows: Tensor) -> Tensor:
    """Logits (N, classes)."""
    return rows @ solution[:-1] + solution[-1]


def temperature(logits: np.ndarray, targets: np.ndarray) -> float:
    """The divisor of ``logits`` under which the validation pictures are least surprising."""
    rows, right = torch.from_numpy(logits).double(), torch.from_numpy(targets)
    # One number in a known range: a fine grid cannot fail to converge.
    candidates = torch.logspace(-1.3, 1.3, 261, dtype=torch.float64)
    losses = [float(cross_entropy(rows / candidate, right)) for candidate in candidates]
    return float(candidates[int(np.argmin(losses))])


def surprise(logits: np.ndarray, targets: np.ndarray) -> float:
    """How wrong judgements are: log loss after calibration, each class of some weight."""
    divided = torch.from_numpy(logits).double() / temperature(logits, targets)
    each = cross_entropy(divided, torch.from_numpy(targets), reduction="none").numpy()
    return float(np.average(np.minimum(each, _WORST), weights=balance(targets)))


def balance(targets: np.ndarray) -> np.ndarray:
    """Weights (N,) between no balance and full balance of the classes.

    Full balance makes a class with six pictures shout down one with nine hundred; none forgets it.
    """
    counts = np.bincount(targets)
    found: np.ndarray = np.sqrt(len(targets) / counts[targets]).astype(np.float32)
    return found
