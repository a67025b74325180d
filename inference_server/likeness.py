"""Which pictures look alike, by the shared features: cosine of mean-free vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy.orm import Session

from db import pictures

SEARCHED = 4000  # the newest unlabelled pictures that a search looks at
NEAR_COPY = 0.995  # of mean-free features; neighbouring chunks of a quiet run reach it


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


def folded(session: Session, picture_ids: Sequence[int]) -> dict[int, list[int]]:
    """Near copies among these pictures, under the first of each group, in the given order."""
    found = pictures.features_of(session, picture_ids)
    ids = [picture for picture in picture_ids if picture in found]
    if len(ids) < 2:
        return {}
    table = _directions([found[picture] for picture in ids])
    groups: dict[int, list[int]] = {}
    hidden: set[int] = set()
    for number, picture in enumerate(ids):
        if number in hidden:
            continue
        close = np.flatnonzero(table[number + 1 :] @ table[number] >= NEAR_COPY) + number + 1
        fresh = [int(each) for each in close if int(each) not in hidden]
        if fresh:
            groups[picture] = [ids[each] for each in fresh]
            hidden.update(fresh)
    return groups


def _directions(vectors: Sequence[bytes]) -> np.ndarray:
    """Unit vectors (n, d) float32 of float16 features, free of what all of them share."""
    table = np.stack([np.frombuffer(vector, "<f2") for vector in vectors]).astype(np.float32)
    table -= table.mean(axis=0)
    length = np.linalg.norm(table, axis=1, keepdims=True)
    return np.asarray(table / np.maximum(length, 1e-6))
