"""How the parts of a server are, and how far its start is."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import msgspec

from inference_server.protocol.activity import Times
from inference_server.protocol.base import Message


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the server, as it last described itself, or as the gateway found it."""

    role: str  # feeder, balancer, predict, keeper, gateway, trainer, explain; database, disk, gpu
    name: str  # "predict-0"
    host: str = ""
    pid: int = 0
    state: str = "starting"  # starting, running, degraded, stopping, dead; of a GPU: absent
    sentence: str = ""  # what it does or what is wrong, for people
    next_step: str = ""  # what to do, when something is wrong
    queue: int = 0
    done: int = 0  # pictures since its start
    ms_per_item: float = 0.0
    rss_mb: float = 0.0
    last_seen: datetime | None = None
    per_minute: int | None = None  # how much of ``done`` was done in the last minute
    oldest_s: float = 0.0  # how long the first of what waits has been waiting
    times: tuple[Times, ...] = ()
    device: str = ""  # what a predict worker computes on: "cpu", "NVIDIA H100"
    last_error: str = ""  # the last trouble, also when it is over
    last_step: str = ""  # what to do about it
    last_error_at: datetime | None = None


class ComponentsChanged(Message, frozen=True, kw_only=True):
    """How the server's roles are, once a second at most."""

    components: tuple[Component, ...]


class Preparation(msgspec.Struct, frozen=True, kw_only=True):
    """The server is getting ready (first start of the demo, warm-up): shown as a progress bar."""

    sentence: str
    fraction: float  # 0..1; 1 = ready


class Preparing(Message, frozen=True, kw_only=True):
    """The server's start-up moved on."""

    preparation: Preparation


PartsNews: TypeAlias = ComponentsChanged | Preparing
