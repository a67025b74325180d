"""Who gets which frame: the balancer's decisions, apart from its sockets."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

SILENT_S = 10.0  # a worker that holds frames and says nothing for so long is taken for dead
UNSETTLED_S = 30.0  # a frame that is given out and not settled for so long is given out again
WARY = 2  # workers that died over a frame before it is given out alone, to learn whose fault it is
DEADLY = 4  # and before it is given up: at least two of them held nothing else


@dataclass(slots=True)
class Held:
    """A frame between its feeder and its settlement. ``payload`` is not looked at."""

    frame_id: str
    feeder: bytes
    payload: list[bytes]
    number: int  # order of arrival
    worker: str | None = None
    given_at: float = 0.0
    deaths: int = 0
    given_up: bool = False


@dataclass(slots=True)
class _Worker:
    address: bytes
    slots: int
    heard_at: float
    silent: bool = False
    holds: set[str] = field(default_factory=set)


class Desk:
    """Frames wait here, in order, until a worker has a free slot; times are monotonic seconds.

    A frame is forgotten only when it is settled. A frame over which workers keep dying is first
    given out with no other beside it, and in the end given up (``given_up``), so that one poisonous
    picture cannot stop the rest.
    """

    def __init__(self) -> None:
        self._frames: dict[str, Held] = {}
        self._waiting: deque[str] = deque()
        self._workers: dict[str, _Worker] = {}
        self._given_up: list[Held] = []
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def waiting(self) -> int:
        """Frames that no worker has."""
        return len(self._waiting)

    @property
    def oldest(self) -> Held | None:
        """What came first of all that is here."""
        return next(iter(self._frames.values()), None)

    @property
    def workers(self) -> int:
        """Workers that are believed to be alive."""
        return sum(not worker.silent for worker in self._workers.values())

    def submit(self, frame_id: str, feeder: bytes, payload: list[bytes]) -> bool:
        """Take in a frame; False where it is here already (its feeder got impatient)."""
        if (held := self._frames.get(frame_id)) is not None:
            held.feeder = feeder  # the feeder may have come back under a new address
            return False
        self._frames[frame_id] = Held(frame_id, feeder, payload, next(self._numbers))
        self._waiting.append(frame_id)
        return True

    def free(
        self, name: str, address: bytes, slots: int, now: float, *, fresh: bool = False
    ) -> None:
        """A worker has ``slots`` more free slots; a fresh one has that many in all.

        Under a new address it is another process of that name: what the old one held is lost.
        """
        worker = self._workers.get(name)
        if worker is None or worker.address != address:
            self._bury(name)
            self._workers[name] = _Worker(address, slots, now)
            return
        worker.slots = slots if fresh else worker.slots + slots
        worker.heard_at = now
        worker.silent = False

    def gone(self, name: str) -> None:
        """The worker cannot be reached any more."""
        self._bury(name)

    def settled(self, frame_id: str) -> Held | None:
        """Forget a frame, wherever it is; None where it was unknown (settled twice)."""
        held = self._frames.pop(frame_id, None)
        if held is None:
            return None
        if held.worker is not None and held.worker in self._workers:
            self._workers[held.worker].holds.discard(frame_id)
        elif held.worker is None and not held.given_up:
            self._waiting.remove(frame_id)
        return held

    def look_after(self, now: float) -> None:
        """Take back what silent workers hold, and what is unsettled for too long."""
        for worker in self._workers.values():
            if worker.holds and now - max(worker.heard_at, self._last_given(worker)) > SILENT_S:
                worker.silent = True  # kept, since it may only have been stopped for a while
                self._lose(worker)
        late = [held for held in self._frames.values() if _is_late(held, now)]
        self._take_back(late)
        for held in late:
            held.given_at = now

    def again(self) -> None:
        """Give out again all that is not settled: with the keeper, what it had not stored is gone."""
        self._take_back([held for held in self._frames.values() if _is_out(held)])

    def assignments(self, now: float) -> Iterable[tuple[Held, bytes]]:
        """Give out what can be given: each frame with the address of its worker.

        The caller says ``undo`` for one that could not be sent.
        """
        while self._waiting:
            chosen = self._next_worker(self._frames[self._waiting[0]])
            if chosen is None:
                return
            held = self._frames[self._waiting.popleft()]
            worker = self._workers[chosen]
            worker.slots -= 1
            worker.holds.add(held.frame_id)
            held.worker, held.given_at = chosen, now
            yield held, worker.address

    def undo(self, held: Held) -> None:
        """The frame did not reach its worker: it is the next one again."""
        if held.worker in self._workers:
            worker = self._workers[held.worker]
            worker.holds.discard(held.frame_id)
            worker.slots += 1
        held.worker = None
        self._waiting.appendleft(held.frame_id)

    def given_up(self) -> list[Held]:
        """The frames that ended too many workers; they stay, and are told of again, until settled."""
        told, self._given_up = self._given_up, []
        return told

    def _next_worker(self, held: Held) -> str | None:
        """The one with the most free slots, so that frames spread evenly."""
        able = [
            (worker.slots, name)
            for name, worker in self._workers.items()
            if self._may_have(worker, held)
        ]
        return max(able)[1] if able else None

    def _may_have(self, worker: _Worker, held: Held) -> bool:
        if worker.slots <= 0 or worker.silent:
            return False
        if held.deaths >= WARY:
            return not worker.holds
        return not any(self._frames[other].deaths >= WARY for other in worker.holds)

    def _last_given(self, worker: _Worker) -> float:
        return max(self._frames[frame_id].given_at for frame_id in worker.holds)

    def _bury(self, name: str) -> None:
        worker = self._workers.pop(name, None)
        if worker is not None:
            self._lose(worker)

    def _lose(self, worker: _Worker) -> None:
        lost = [self._frames[frame_id] for frame_id in worker.holds]
        for held in lost:
            held.deaths += 1
        self._take_back(lost)

    def _take_back(self, lost: list[Held]) -> None:
        """Give frames out again, before any other, in their order of arrival."""
        for held in sorted(lost, key=lambda each: each.number, reverse=True):
            if held.worker is not None and held.worker in self._workers:
                self._workers[held.worker].holds.discard(held.frame_id)
            held.worker = None
            if held.deaths >= DEADLY:
                held.given_up = True
                self._given_up.append(held)
            else:
                self._waiting.appendleft(held.frame_id)


def _is_out(held: Held) -> bool:
    return held.worker is not None or held.given_up


def _is_late(held: Held, now: float) -> bool:
    return _is_out(held) and now - held.given_at > UNSETTLED_S
