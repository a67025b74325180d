"""Which pictures look alike, by the shared features: the cosine of their vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from db import pictures

SEARCHED = 4000  # the newest unlabelled pictures that a search looks at
# Cosines from which on two pictures count as one, from ``python -m tests.bench.near_copies``: of Good
# chunks of one run the middle ones lie at 0.941 to 0.998, by plot type, but a faulty chunk comes as near
# to a Good one as 0.997. So likeness alone folds only above all of those; where the model is sure of both
# and says the same, it may be what most chunks of a quiet run reach.
NEAR_COPY = 0.998
NEAR_COPY_SAID = 0.98


@dataclass(frozen=True, slots=True)
class Judged:
    """A picture and what the model said of it; ``said`` empty: nothing."""

    picture_id: int
    said: str
    sure: bool


def nearest(session: Session, picture_id: int, *, limit: int) -> list[tuple[int, float]]:
    """Unlabelled pictures of the same plot type with their likeness (-1..1), the nearest first.

    Looks at the newest ``SEARCHED``. Raises KeyError: no such picture; ValueError: it has no features.
    """
    own = pictures.features_of(session, [picture_id])
    if not own:
        pictures.kind_of(session, picture_id)
        raise ValueError(
            f"picture {picture_id} has no features yet; the server makes them by itself"
        )
    others = pictures.unlabelled_features(session, picture_id, limit=SEARCHED)
    ids = [picture for picture in others if picture != picture_id]
    if not ids:
        return []
    table = _directions([own[picture_id], *(others[picture] for picture in ids)])
    alike = table[1:] @ table[0]
    order = np.argsort(-alike, kind="stable")[:limit]
    return [(ids[n], float(alike[n])) for n in order]


def folded(session: Session, judged: Sequence[Judged]) -> dict[int, list[int]]:
    """Near copies among these pictures, under the first of each group, in the given order.

    What the model says different things of is never folded together.
    """
    found = pictures.features_of(session, [each.picture_id for each in judged])
    known = [each for each in judged if each.picture_id in found]
    if len(known) < 2:
        return {}
    table = _directions([found[each.picture_id] for each in known])
    groups: dict[int, list[int]] = {}
    hidden: set[int] = set()
    for number, first in enumerate(known):
        if number in hidden:
            continue
        alike = table[number + 1 :] @ table[number]
        close = [
            at
            for at, likeness in enumerate(alike.tolist(), number + 1)
            if at not in hidden and likeness >= _least(first, known[at])
        ]
        if close:
            groups[first.picture_id] = [known[at].picture_id for at in close]
            hidden.update(close)
    return groups


def _least(one: Judged, other: Judged) -> float:
    if one.said != other.said:
        return float("inf")
    return NEAR_COPY_SAID if one.said and one.sure and other.sure else NEAR_COPY


def _directions(vectors: Sequence[bytes]) -> np.ndarray:
    """Unit vectors (n, d) float32 of float16 features."""
    table = np.stack([np.frombuffer(vector, "<f2") for vector in vectors]).astype(np.float32)
    length = np.linalg.norm(table, axis=1, keepdims=True)
    return np.asarray(table / np.maximum(length, 1e-6))
