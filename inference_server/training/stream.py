"""Batches of labelled pictures for a fine-tuning: decoded and changed while the last one is learnt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from inference_server.predict import pixels
from inference_server.predict.pixels import Limits, Pixels
from inference_server.training.augment import PLAIN, Strength, augment
from inference_server.training.plan import Plan

_AHEAD = 3  # batches in the making
UNCHANGED = 0.5  # share of a pass that is seen as it came: what is judged is never changed


class Batch(NamedTuple):
    """N pictures (N, size, size, 3) uint8 with their classes (N,) and weights in the loss (N,)."""

    pictures: Tensor
    targets: Tensor
    weights: Tensor


class Stream:
    """The pictures of a plan; how each is changed depends on seed, pass and row only, not on threads."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._limits = Limits(plan.max_bytes, plan.max_pixels)
        self._pool = ThreadPoolExecutor(max(1, plan.threads), thread_name_prefix="decode")

    def close(self) -> None:
        """End the decoding threads."""
        self._pool.shutdown(cancel_futures=True)

    def training(self, epoch: int, rows: Sequence[int], batch: int) -> Iterator[Batch]:
        """``rows`` in this order, about half of them changed a little, others in each pass."""
        return self._batches(rows, batch, epoch, Strength())

    def plain(self, rows: Sequence[int], batch: int) -> Iterator[Batch]:
        """``rows`` in this order, as they are judged."""
        return self._batches(rows, batch, 0, PLAIN)

    def _batches(
        self, rows: Sequence[int], batch: int, epoch: int, strength: Strength
    ) -> Iterator[Batch]:
        parts = [rows[start : start + batch] for start in range(0, len(rows), batch)]
        making: list[tuple[Sequence[int], list[Future[Pixels]]]] = []
        for part in parts:
            jobs = [self._pool.submit(self._picture, row, epoch, strength) for row in part]
            making.append((part, jobs))
            if len(making) >= _AHEAD:
                yield self._batch(*making.pop(0))
        for waiting in making:
            yield self._batch(*waiting)

    def _picture(self, row: int, epoch: int, strength: Strength) -> Pixels:
        data = Path(self._plan.examples[row].path).read_bytes()
        picture = pixels.decode(data, self._limits)
        if strength is not PLAIN:
            random = np.random.default_rng((self._plan.seed, epoch, row))
            if random.random() >= UNCHANGED:
                picture = augment(picture, random, strength)
        return pixels.fit(picture, self._plan.size)

    def _batch(self, rows: Sequence[int], jobs: list[Future[Pixels]]) -> Batch:
        examples = [self._plan.examples[row] for row in rows]
        return Batch(
            torch.from_numpy(np.stack([job.result() for job in jobs])),
            torch.tensor([each.target for each in examples]),
            torch.tensor([each.weight for each in examples]),
        )
