"""Frames in, opinions out: decoding in a pool, one forward pass for each mixed batch."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from inference_server.messages import BATCHES, Frame, Opinion
from inference_server.predict import library, prepare
from inference_server.predict.afterthoughts import Afterthoughts, Subject
from inference_server.predict.backbone import Backbone
from inference_server.predict.library import Judgement, Library
from inference_server.predict.patches import Patch, Patches, areas_of
from inference_server.predict.pixels import Limits, Pixels
from inference_server.predict.prepare import Prepared
from inference_server.spread import Spread


@dataclass(frozen=True, slots=True)
class Reasoned:
    """An opinion with what travels beside it."""

    opinion: Opinion
    blobs: tuple[bytes, bytes, bytes]  # file, thumbnail, features
    era: int  # as it was given with the frame


@dataclass(slots=True)
class _Pending:
    frame: Frame
    data: bytes
    era: int
    prepared: Future[Prepared]
    laid: tuple[Patch, ...]
    ready_at: float | None = None


class Worker:
    """Holds the frames of a predict process between their arrival and their opinion."""

    def __init__(
        self,
        name: str,
        backbone: Backbone,
        models: Library,
        pool: ThreadPoolExecutor,
        patches: Patches,
        *,
        limits: Limits,
        batch: int,
        deadline_s: float,
    ) -> None:
        self._name = name
        self._backbone = backbone
        self._models = models
        self._pool = pool
        self._patches = patches
        self._limits = limits
        self._batch = batch
        self._deadline_s = deadline_s
        self._pending: deque[_Pending] = deque()
        self.after = Afterthoughts(limits)
        self.ms_per_picture = 0.0
        self.decoding, self.judging = Spread("decode"), Spread("forward")
        self.batches = Spread("batch", BATCHES)

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def oldest(self) -> Frame | None:
        """What has been waiting longest."""
        return self._pending[0].frame if self._pending else None

    def take(self, frame: Frame, data: bytes, when_ready: Callable[[], None], era: int = 0) -> None:
        """Start decoding; ``when_ready`` is called on another thread when it is done."""
        self.after.give_up()
        kind = frame.plot_type, frame.chunked
        active = self._models.shelf.get(kind)
        sizes = {self._backbone.size, *((active.size,) if active and active.size else ())}
        laid = self._patches.of(frame.plot_type, frame.chunked, frame.run_period, datetime.now(UTC))
        future = self._pool.submit(prepare.prepare, data, sizes, self._limits, laid)
        self._pending.append(_Pending(frame, data, era, future, laid))
        future.add_done_callback(lambda _: when_ready())

    def due_in(self, now: float) -> float | None:
        """Seconds until a batch should be judged; 0 = now, None = when more is decoded.

        A decoded picture waits for company at most the deadline, and not at all when everything that
        is here is decoded or makes a full batch.
        """
        ready = [each for each in self._pending if each.prepared.done()]
        if not ready:
            return None
        for each in ready:
            each.ready_at = each.ready_at or now
        if len(ready) >= min(self._batch, len(self._pending)):
            return 0.0
        return max(0.0, min(each.ready_at or now for each in ready) + self._deadline_s - now)

    def judge(self) -> list[Reasoned]:
        """Judge the oldest decoded pictures, up to a batch."""
        chosen = [each for each in self._pending if each.prepared.done()][: self._batch]
        taken = {id(each) for each in chosen}
        self._pending = deque(each for each in self._pending if id(each) not in taken)
        prepared = [each.prepared.result() for each in chosen]
        readable = [each for each, found in zip(chosen, prepared, strict=True) if not found.error]
        pictures = [found for found in prepared if not found.error]
        broken = [
            self._unreadable(each, found.error)
            for each, found in zip(chosen, prepared, strict=True)
            if found.error
        ]
        return broken + self._forward(readable, pictures)

    def _unreadable(self, pending: _Pending, error: str) -> Reasoned:
        opinion = Opinion(frame=pending.frame, worker=self._name, error=error)
        return Reasoned(opinion, (pending.data, b"", b""), pending.era)

    def _forward(self, pending: Sequence[_Pending], prepared: Sequence[Prepared]) -> list[Reasoned]:
        if not pending:
            return []
        begin = time.perf_counter()
        # One reading of each: a swap happens between two batches.
        shelf, (shadows, networks) = self._models.shelf, library.apart(self._models.shadows)
        features = self._backbone.features(self._batch_of(prepared))
        kinds = [(each.frame.plot_type, each.frame.chunked) for each in pending]
        judgements = library.judge(
            shelf, kinds, features, self._own_inputs(shelf, pending, prepared)
        )
        beside = library.in_shadow(shadows, kinds, features, {})
        self._think_later(networks, pending, prepared)
        self.ms_per_picture = (time.perf_counter() - begin) * 1e3 / len(pending)
        self.judging.add(self.ms_per_picture, len(pending))
        self.batches.add(len(pending))
        for found in prepared:
            self.decoding.add(found.took_ms)
        small = features.astype("<f2")
        return [
            self._reasoned(each, found, judgement, shadow, b"" if each.laid else row.tobytes())
            for each, found, judgement, shadow, row in zip(
                pending, prepared, judgements, beside, small, strict=True
            )
        ]

    def _think_later(
        self, networks: library.Shelf, pending: Sequence[_Pending], prepared: Sequence[Prepared]
    ) -> None:
        for each, found in zip(pending, prepared, strict=True):
            candidate = networks.get((each.frame.plot_type, each.frame.chunked))
            if candidate is not None:
                fitted = found.fitted.get(candidate.size or 0)
                self.after.add(Subject(each.frame, each.data, each.laid, fitted, candidate))

    def _batch_of(self, prepared: Sequence[Prepared]) -> Pixels:
        return np.stack([found.fitted[self._backbone.size] for found in prepared])

    def _own_inputs(
        self, shelf: library.Shelf, pending: Sequence[_Pending], prepared: Sequence[Prepared]
    ) -> dict[tuple[int, int], Pixels]:
        """Inputs of whole networks; decoded again where the network came after the picture."""
        inputs = {}
        for row, (each, found) in enumerate(zip(pending, prepared, strict=True)):
            active = shelf.get((each.frame.plot_type, each.frame.chunked))
            if active is None or active.size is None:
                continue
            size = active.size
            if size not in found.fitted:
                found = prepare.prepare(each.data, (size,), self._limits, each.laid)  # noqa: PLW2901
            inputs[row, size] = found.fitted[size]
        return inputs

    def _reasoned(
        self,
        pending: _Pending,
        found: Prepared,
        judgement: Judgement,
        shadow: Judgement,
        features: bytes,
    ) -> Reasoned:
        opinion = Opinion(
            frame=pending.frame,
            worker=self._name,
            model_id=judgement.model_id,
            scores=dict(judgement.scores or {}),
            anomaly=judgement.anomaly,
            shadow_id=shadow.model_id,
            shadow_scores=dict(shadow.scores or {}),
            width=found.width,
            height=found.height,
            backbone=self._backbone.id,
            decode_ms=found.took_ms,
            forward_ms=self.ms_per_picture,
            masked=areas_of(pending.laid),
        )
        return Reasoned(opinion, (pending.data, found.thumbnail, features), pending.era)
