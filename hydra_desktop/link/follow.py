"""Puts snapshot and feed together: what is shown is always one server state, with nothing missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hydra_desktop.link.arrival import Arrival

_HELD = 20_000  # messages kept while a snapshot is on its way; more than the feed's own queue


@dataclass(frozen=True, slots=True)
class Numbered:
    """One message of the feed with its place in it."""

    session: str
    sequence: int
    arrival: Arrival


class Follower:
    """Holds news back until there is a snapshot to apply them to; notices what is missing."""

    def __init__(self) -> None:
        self.session = ""
        self.sequence = 0
        self.gaps = 0
        self.in_step = False  # False: a snapshot is needed
        self._held: list[Numbered] = []

    def restart(self) -> None:
        """A snapshot is coming: hold everything until it is here."""
        self.in_step = False

    def take(self, items: Sequence[Numbered]) -> list[Arrival]:
        """The news that may be shown now, in order. After a gap: none, and not ``in_step``."""
        ready: list[Arrival] = []
        for item in items:
            if not self.in_step:
                self._hold(item)
            elif item.session != self.session or item.sequence > self.sequence + 1:
                self.gaps += item.session == self.session
                self.in_step = False
                self._hold(item)
            elif item.sequence == self.sequence + 1:
                self.sequence = item.sequence
                ready.append(item.arrival)
        return ready

    def restore(self, session: str, sequence: int) -> list[Arrival]:
        """A snapshot of ``session`` as of ``sequence`` is shown: the held news that go on top."""
        self.session, self.sequence, self.in_step = session, sequence, True
        held, self._held = self._held, []
        return self.take([item for item in held if item.session == session])

    def _hold(self, item: Numbered) -> None:
        self._held.append(item)
        if len(self._held) > _HELD:
            del self._held[0]
