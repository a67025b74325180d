"""One alarm line with what is to be told about it: what desktops see, and what a restart needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from inference_server.alarms.line import Line
from inference_server.protocol.alarms import ALL_PLOTS, AlarmLine, AlarmState

Plot = tuple[str, bool]  # name, chunked: outlives an outage of the database, which an id does not
EVERY: Plot = (ALL_PLOTS, False)


@dataclass(frozen=True, slots=True)
class Kind:
    """What the catalogue says of a plot type."""

    plot_type_id: int
    stale_after_s: float = 180.0
    ignored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One line with what is to be told about it; what a restart needs."""

    plot: Plot
    which: AlarmLine
    line: Line = field(default_factory=Line)
    plot_type_id: int = 0
    sentence: str = ""
    run: int = 0
    first_chunk: int = 0
    last_chunk: int = 0
    picture_hash: str = ""
    heard_at: datetime | None = None  # the newest picture that was taken into account


def state(standing: Standing) -> AlarmState:
    """A line as desktops see it."""
    line = standing.line
    return AlarmState(
        plot_type=standing.plot[0],
        chunked=standing.plot[1],
        line=standing.which,
        serial=line.serial,
        condition=line.condition,
        severity=line.shown,
        active=line.active,
        chattering=line.chattering,
        sentence=standing.sentence,
        since=line.since,
        plot_type_id=standing.plot_type_id,
        run=standing.run,
        first_chunk=standing.first_chunk,
        last_chunk=standing.last_chunk,
        picture_hash=standing.picture_hash,
        acknowledged=line.acknowledged,
        shelf=line.shelf,
        maintenance=line.maintenance,
        suppressed_by=line.suppressed_by,
    )


def encode(standings: tuple[Standing, ...]) -> bytes:
    """As JSON; ``decode`` is the inverse. Raises msgspec.MsgspecError there for what is none."""
    return msgspec.json.encode(standings)


def decode(text: bytes) -> tuple[Standing, ...]:
    """The lines in ``text``."""
    return msgspec.json.decode(text, type=tuple[Standing, ...])
