"""Whole networks in the shadow: asked when no verdict waits, and given up as soon as one does."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from inference_server.messages import Afterthought, Frame
from inference_server.predict import library, prepare
from inference_server.predict.fast import FastNetwork
from inference_server.predict.library import Active
from inference_server.predict.patches import Patch
from inference_server.predict.pixels import Limits, Pixels

log = logging.getLogger(__name__)


class _GivenUp(Exception):
    """A picture came before the network was asked."""


MOST = 64  # pictures that wait; where they come faster than both can judge, the oldest are left out


@dataclass(frozen=True, slots=True)
class Subject:
    """A picture whose verdict is out, and the candidate that shall judge it too."""

    frame: Frame
    data: bytes
    laid: Sequence[Patch]
    fitted: Pixels | None  # as the candidate takes it, where it was made for the verdict anyway
    candidate: Active


class Afterthoughts:
    """Used by the worker's thread; the network runs on one of its own, one picture at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waiting: deque[Subject] = deque(maxlen=MOST)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="shadow")
        self._now: tuple[Subject, Future[Afterthought | None]] | None = None
        self._given_up = False

    def add(self, subject: Subject) -> None:
        """Judge this one too, some time."""
        self._waiting.append(subject)

    def begin(self, when_done: Callable[[], None]) -> None:
        """No verdict waits: ask about one picture. ``when_done`` is called on another thread."""
        if self._now is None and self._waiting:
            subject, self._given_up = self._waiting.popleft(), False
            future = self._pool.submit(self._ask, subject)
            self._now = subject, future
            future.add_done_callback(lambda _: when_done())

    def give_up(self) -> None:
        """A picture came: its verdict gets the cores, and the candidate begins again afterwards."""
        if self._now is not None:
            self._given_up = True
            if isinstance(judge := self._now[0].candidate.judge, FastNetwork):
                judge.interrupt()

    def take(self) -> Afterthought | None:
        """What was said, once."""
        if self._now is None or not self._now[1].done():
            return None
        (subject, future), self._now = self._now, None
        try:
            return future.result()
        except Exception:  # a candidate's own trouble, whatever it is, must not cost a verdict
            if self._given_up:
                self._waiting.appendleft(subject)
            else:
                log.exception("a model in the shadow could not judge")
            return None

    def close(self) -> None:
        """End the thread."""
        self.give_up()
        self._pool.shutdown(cancel_futures=True)

    def _ask(self, subject: Subject) -> Afterthought | None:
        active = subject.candidate
        size = active.judge.card.size
        fitted = subject.fitted
        if fitted is None:
            found = prepare.prepare(subject.data, (size,), self._limits, subject.laid)
            fitted = found.fitted[size]
        if self._given_up:
            raise _GivenUp
        scores = library.ask_network(active, np.stack([fitted]))
        said = dict(zip(active.judge.card.labels, map(float, scores[0]), strict=True))
        return Afterthought(frame=subject.frame, model_id=active.model_id, scores=said)
