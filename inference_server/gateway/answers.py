"""What every handler of requests shares: its result, its means, and the question whether it is allowed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy.orm import Session, sessionmaker

from db import rights
from inference_server.config import Config
from inference_server.gateway.remembered import Remembered
from inference_server.messages import Control
from inference_server.protocol.messages import News, Reply, Request
from inference_server.store import PictureStore


@dataclass(frozen=True, slots=True)
class Result:
    """An answer, and what it makes the gateway do besides."""

    reply: Reply
    blobs: tuple[bytes, ...] = ()
    catalogue_changed: bool = False
    news: tuple[News, ...] = ()  # told to every desktop, after the answer
    control: tuple[Control, ...] = ()  # told to the roles


@dataclass(frozen=True, slots=True)
class Means:
    """What handlers work with; shared by several threads."""

    config: Config
    sessions: sessionmaker[Session]
    pictures: PictureStore
    thumbnails: PictureStore
    remembered: Remembered = field(default_factory=Remembered)


class NotAllowed(RuntimeError):
    """The person lacks a role; the message says which."""


# One handler for one type of request: (request, name of the key that asked) -> result. Handlers run on
# a pool and never touch a socket. What they raise becomes a Refused: DatabaseAway, NotAllowed,
# KeyError and ValueError (a sentence without its full stop).
Handler: TypeAlias = Callable[[Any, str], Result]
Handlers: TypeAlias = dict[type[Request], Handler]


def must(session: Session, who: str, role: str, plot_type_id: int | None = None) -> None:
    """Raises NotAllowed unless ``who`` has ``role`` everywhere or for the plot type."""
    if not rights.of(session, who).may(role, plot_type_id):
        raise NotAllowed(f"{who} may not do this: it needs the role {role}")
