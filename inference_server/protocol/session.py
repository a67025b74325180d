"""How a client and a server begin, go on and answer each other."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from inference_server.protocol.alarms import AlarmState, Conditions
from inference_server.protocol.base import PROTOCOL_VERSION, Message
from inference_server.protocol.catalogue import ClassInfo, PlotTypeInfo
from inference_server.protocol.notices import Notice
from inference_server.protocol.parts import Component, Preparation
from inference_server.protocol.trainings import TrainingState
from inference_server.protocol.verdicts import Verdict


class Hello(Message, frozen=True, kw_only=True):
    """First word of a client: who it is and what it speaks."""

    client: str  # station name
    version: str  # program version
    protocol: int = PROTOCOL_VERSION


class Welcome(Message, frozen=True, kw_only=True):
    """The answer to Hello from a server that can talk to this client."""

    server: str  # site name
    version: str
    protocol: int = PROTOCOL_VERSION
    experiment: str = ""
    feed_port: int = 0


class GetSnapshot(Message, frozen=True, kw_only=True):
    """Everything the run grid shows, as of one sequence number of the feed."""


class Snapshot(Message, frozen=True, kw_only=True):
    """State as of ``sequence`` of the feed session ``session``: apply later news on top."""

    session: str
    sequence: int
    plot_types: tuple[PlotTypeInfo, ...] = ()
    classes: tuple[ClassInfo, ...] = ()
    verdicts: tuple[Verdict, ...] = ()  # the newest of each plot type
    components: tuple[Component, ...] = ()
    quarantined: int = 0
    preparation: Preparation | None = None
    trainings: tuple[TrainingState, ...] = ()
    notice: Notice | None = None
    logo: bytes = b""  # of the experiment, a small PNG or JPEG; empty: none is set
    experiment: str = ""
    alarms: tuple[AlarmState, ...] = ()  # all lines that are not normal
    conditions: Conditions = Conditions()
    silent_stations: tuple[str, ...] = ()  # those that reported that they cannot be heard


class Heartbeat(Message, frozen=True, kw_only=True):
    """Each second: silence means trouble and never just a quiet beam."""

    at: datetime


class Done(Message, frozen=True, kw_only=True):
    """It is done and durable."""

    sentence: str = ""
    id: int | None = None


class Refused(Message, frozen=True, kw_only=True):
    """Understood and turned down: a code for programs, a sentence and a next step for people."""

    code: str  # "not-found", "version", "invalid", "database-away", "not-ready", "forbidden", "internal"
    sentence: str
    next_step: str = ""


SessionRequest: TypeAlias = Hello | GetSnapshot


SessionReply: TypeAlias = Welcome | Snapshot | Done | Refused
