"""How the connection stands, as a value that only pure functions change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from hydra_desktop.words import clock, duration


class Stage(StrEnum):
    """What a person can tell apart."""

    CONNECTING = "connecting"  # never answered yet
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"  # answered once, silent now
    REFUSED = "refused"  # it answers, and does not want us


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState:
    """``heard_at``: the last sign of life of the server. ``changed_at``: when this stage began."""

    stage: Stage = Stage.CONNECTING
    address: str = ""
    changed_at: datetime
    heard_at: datetime | None = None
    reason: str = ""  # why it refuses, in the server's words
    server: str = ""
    delay_ms: float | None = None

    @property
    def lost(self) -> bool:
        """Whether what stands on the screen may be older than it says."""
        return self.stage is not Stage.CONNECTED


def welcomed(state: LinkState, now: datetime, server: str) -> LinkState:
    """The server answered and takes us."""
    since = state.changed_at if state.stage is Stage.CONNECTED else now
    return replace(
        state, stage=Stage.CONNECTED, changed_at=since, heard_at=now, server=server, reason=""
    )


def heard(state: LinkState, now: datetime, delay_ms: float | None = None) -> LinkState:
    """A sign of life. It does not end a silence: only a welcome does, with a snapshot after it."""
    delay = state.delay_ms if delay_ms is None else delay_ms
    return replace(state, heard_at=now, delay_ms=delay)


def silent(state: LinkState, now: datetime) -> LinkState:
    """Nothing has come for too long."""
    if state.stage is not Stage.CONNECTED:
        return state
    return replace(state, stage=Stage.RECONNECTING, changed_at=now)


def refused(state: LinkState, now: datetime, reason: str) -> LinkState:
    """The server answered that it does not want us."""
    if state.stage is Stage.REFUSED and state.reason == reason:
        return state
    return replace(state, stage=Stage.REFUSED, changed_at=now, reason=reason)


def sentence(state: LinkState, now: datetime) -> str:
    """What the bar over the page says; empty while all is well."""
    match state.stage:
        case Stage.CONNECTED:
            return ""
        case Stage.REFUSED:
            return state.reason
        case Stage.RECONNECTING:
            return _silence(state, now)
        case Stage.CONNECTING:
            if (now - state.changed_at).total_seconds() < 3:
                return f"Connecting to {state.address}."
            return (
                f"{state.address} does not answer. Trying again all the time. "
                "Check that the server runs and that the address is right."
            )


def _silence(state: LinkState, now: datetime) -> str:
    heard_at = state.heard_at or state.changed_at
    old = duration((now - heard_at).total_seconds())
    return (
        f"The server does not answer since {clock(heard_at)}. What you see is {old} old. "
        "Trying again all the time."
    )
