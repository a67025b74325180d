"""What a training tells while it runs, and how it hears that it shall end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from inference_server.training.plan import Point


@dataclass(frozen=True, slots=True)
class Told:
    """How far a training is, for people."""

    sentence: str
    fraction: float
    seconds_left: float | None = None
    points: tuple[Point, ...] = ()  # the curve so far
    can_keep: bool = False  # there is something that "stop and keep the best" would keep


LOOKED = 0.1  # of a thorough or full training that looking at the pictures is

# "pause": the server goes down, and the training goes on when it is back.
Wish: TypeAlias = Literal["", "stop", "keep", "pause"]
Tell: TypeAlias = Callable[[Told], None]
Asked: TypeAlias = Callable[[], Wish]


class Pace:
    """How long the rest will take, if it goes on as it has so far."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def left(self, done: int, total: int) -> float | None:
        """Seconds; None before anything is done."""
        return (time.monotonic() - self._begun) / done * (total - done) if done else None


class Stopped(RuntimeError):
    """A training ended because somebody wanted it; the message is for people."""

    def __init__(self, sentence: str, *, paused: bool = False) -> None:
        super().__init__(sentence)
        self.paused = paused


def check(asked: Asked) -> None:
    """Raise Stopped when the training shall end without a model."""
    wish = asked()
    if wish == "stop":
        raise Stopped("Stopped; the model in place stays as it was.")
    if wish == "pause":
        raise Stopped("Interrupted; it goes on when the server is back.", paused=True)
