"""The verdicts of one plot type in the order of time, and which of them is shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from inference_server.protocol.messages import Verdict

LONGEST = 2000  # verdicts kept; more than a day of a plot each minute


@dataclass(frozen=True, slots=True)
class Chain:
    """``verdicts`` oldest first; ``current``: the picture hash of the shown one."""

    verdicts: tuple[Verdict, ...] = ()
    current: str = ""
    following: bool = True  # the newest is shown, whichever that is
    first_known: bool = False  # nothing older is on the server

    def grown(self, more: Iterable[Verdict]) -> Chain:
        """With ``more`` in their places; who follows moves on to the newest."""
        known = {_key(each): each for each in (*self.verdicts, *more)}
        ordered = tuple(sorted(known.values(), key=lambda each: each.judged_at))[-LONGEST:]
        current = self.current
        if self.following and ordered:
            current = ordered[-1].picture_hash
        return replace(self, verdicts=ordered, current=current)

    @property
    def shown(self) -> Verdict | None:
        """The one that is shown."""
        place = self.place
        return self.verdicts[place] if place >= 0 else None

    @property
    def place(self) -> int:
        """Its place; -1: none is."""
        hashes = [each.picture_hash for each in self.verdicts]
        return len(hashes) - 1 - hashes[::-1].index(self.current) if self.current in hashes else -1

    @property
    def at_newest(self) -> bool:
        """Whether nothing later is known."""
        return self.place == len(self.verdicts) - 1

    def stepped(self, by: int) -> Chain:
        """``by`` chunks later (negative: earlier), as far as there are any."""
        if not self.verdicts:
            return self
        wanted = min(max(self.place + by, 0), len(self.verdicts) - 1)
        newest = wanted == len(self.verdicts) - 1
        return replace(self, current=self.verdicts[wanted].picture_hash, following=newest)

    def at(self, picture_hash: str) -> Chain:
        """With this one shown."""
        moved = replace(self, current=picture_hash, following=False)
        return replace(moved, following=bool(moved.verdicts) and moved.at_newest)

    def window(self, size: int) -> tuple[Verdict, ...]:
        """At most ``size`` verdicts with the shown one among them, two later ones where there are."""
        place = max(0, self.place)
        end = min(len(self.verdicts), max(place + 3, size))
        return self.verdicts[max(0, end - size) : end]

    def wants_older(self, margin: int = 5) -> bool:
        """Whether older ones should be fetched soon."""
        return not self.first_known and 0 <= self.place < margin

    @property
    def oldest(self) -> datetime | None:
        """When the oldest known one was judged."""
        return self.verdicts[0].judged_at if self.verdicts else None


def _key(verdict: Verdict) -> tuple[str, datetime]:
    return verdict.picture_hash, verdict.judged_at
