"""Which pictures look nearly the same, and which runs therefore stay on one side of a split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

NEAR = 0.06  # of the features' spread: two pictures that differ by a run number, or not at all
MOST = 0.5  # of all pictures, and of those of any class, that runs may hold which are joined
_AXES, _BLOCK = 64, 1024


@dataclass(frozen=True, slots=True)
class Kinship:
    """Which of N pictures look nearly the same, by the parts that no split divides.

    Not pair by pair: five thousand plots that are all white make 25 million pairs.
    """

    parts: np.ndarray  # (N,) the part of every picture, 0..P-1
    near: np.ndarray  # (N, P) bool: whether another picture of a part looks nearly the same

    def beside(self, others: np.ndarray) -> np.ndarray:
        """Whether each picture (N,) is nearly the same as one of ``others`` (N,) bool, whole parts."""
        there = np.zeros(self.near.shape[1], bool)
        there[self.parts[others]] = True
        return np.asarray((self.near & there).any(axis=1))


def kinship(rows: np.ndarray, parts: Sequence[str], distance: float = NEAR) -> Kinship:
    """Of pictures with the features ``rows`` (N, K), which are in ``parts`` (N,)."""
    names, member = np.unique(np.asarray(parts, dtype=str), return_inverse=True)
    order = np.argsort(member, kind="stable")
    begins = np.searchsorted(member[order], np.arange(len(names)))
    near = np.zeros((len(rows), len(names)), bool)
    for start in range(0, len(rows), _BLOCK):
        close = _close(rows, start, distance)
        near[start : start + _BLOCK] = np.logical_or.reduceat(close[:, order], begins, axis=1)
    return Kinship(member, near)


def _close(rows: np.ndarray, start: int, distance: float) -> np.ndarray:
    """Whether some rows (B,) and all others (N,) are closer than ``distance``.

    The first axes alone give a lower bound of the distance, so most pairs are ruled out cheaply.
    """
    some = rows[start : start + _BLOCK]
    close: np.ndarray = _distances(some[:, :_AXES], rows[:, :_AXES]) < distance
    close[np.arange(len(some)), np.arange(start, start + len(some))] = False
    one, other = np.flatnonzero(close.any(axis=1)), np.flatnonzero(close.any(axis=0))
    if len(one):
        close[np.ix_(one, other)] &= _distances(some[one], rows[other]) < distance
    return close


def _distances(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    squares: np.ndarray = (
        np.square(rows).sum(1)[:, None] + np.square(others).sum(1) - 2 * rows @ others.T
    )
    return np.asarray(np.sqrt(np.maximum(squares, 0)))


def joined(runs: Sequence[str], targets: np.ndarray, kin: Kinship) -> np.ndarray:
    """The run of every picture (N,), runs that share near copies under one name.

    Unless that would hold more than MOST of the pictures, or of those of a class: a blank plot in every
    run would leave nothing to test with. Those of such a class then stay apart.
    """
    names, member = np.unique(np.asarray(runs, dtype=str), return_inverse=True)
    shares = _shares(member, targets)
    root = np.arange(len(names))
    for alike in sorted(
        _alike(member, targets, kin), key=lambda each: float(shares[each, 0].sum())
    ):
        roots = np.unique(root[alike])
        together = shares[roots].sum(axis=0)
        if (together <= np.maximum(MOST, shares[roots].max(axis=0)) + 1e-9).all():
            shares[roots[0]] = together
            root[np.isin(root, roots)] = roots[0]
    found: np.ndarray = names[root[member]]
    return found


def _shares(member: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """What each run holds (R, 1 + C): of all pictures, and of those of each class."""
    counts = np.zeros((int(member.max()) + 1, 2 + int(targets.max())))
    counts[:, 0] = np.bincount(member)
    np.add.at(counts, (member, targets + 1), 1)
    shares: np.ndarray = counts / np.maximum(counts.sum(axis=0), 1)
    return shares


def _alike(member: np.ndarray, targets: np.ndarray, kin: Kinship) -> Iterator[np.ndarray]:
    """Runs that hang together by near copies of one class."""
    run_of = np.zeros(kin.near.shape[1], int)
    run_of[kin.parts] = member
    for target in np.unique(targets):
        links = np.zeros((int(member.max()) + 1,) * 2, bool)
        for row in np.flatnonzero((targets == target) & kin.near.any(axis=1)):
            links[member[row], run_of[kin.near[row]]] = True
        yield from _components(links | links.T)


def _components(links: np.ndarray) -> Iterator[np.ndarray]:
    """Those (R,) of more than one that are linked, directly or by others."""
    left = links.any(axis=1)
    while left.any():
        inside, size = np.zeros(len(links), bool), 0
        inside[np.flatnonzero(left)[0]] = True
        while inside.sum() > size:
            size = int(inside.sum())
            inside |= links[inside].any(axis=0)
        left &= ~inside
        if size > 1:
            yield np.flatnonzero(inside)
