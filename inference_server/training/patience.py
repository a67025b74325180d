"""Waiting for a step that cannot be interrupted, only so long as anybody wants what it makes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import TypeVar

LOOK_S = 0.2  # between two looks at whether the training shall end

Made = TypeVar("Made")


def unless_ended(work: Callable[[], Made], pause: Callable[[], None]) -> Made:
    """What ``work`` returns or raises. ``pause`` is called meanwhile; what it raises ends the waiting.

    ``work`` then goes on by itself, and what it makes is dropped. It should be a computation of
    seconds that changes nothing, such as a decomposition.
    """
    pool = ThreadPoolExecutor(1, "step")
    step = pool.submit(work)
    pool.shutdown(wait=False)
    while True:
        try:
            return step.result(LOOK_S)
        except NotYet:
            if step.done():
                raise
            pause()
