"""What the server stands on, its database and its disk: asked every few seconds, off the gateway's thread."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Dialect, text
from sqlalchemy.orm import Session, sessionmaker

from db.session import DatabaseAway, transaction
from inference_server.protocol.messages import Component
from inference_server.retention_rules import size_words

EVERY_S = 5.0
PATIENCE_S = 10.0  # without an answer for so long it is away
LITTLE_BYTES, LITTLE_SHARE = 2_000_000_000, 0.02

Later = Callable[[Callable[[], object], Callable[..., None]], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """``trouble`` says why there is none; ``took_ms`` how long it took; ``words`` what it is."""

    trouble: str = ""
    took_ms: float = 0.0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of the disk that holds the data directory."""

    free: int = 0
    total: int = 0
    trouble: str = ""


class Watch:
    """Asks one thing, one question at a time, and knows how long it has been waiting for the answer."""

    def __init__(self, later: Later, ask: Callable[[], object]) -> None:
        self._later, self._ask = later, ask
        self.found: object | None = None
        self._asked_at: float | None = None
        self._next = 0.0

    def tick(self, now: float) -> None:
        """Once a second."""
        if self._asked_at is None and now >= self._next:
            self._asked_at, self._next = now, now + EVERY_S
            self._later(self._ask, self._take)

    def waited_s(self, now: float) -> float:
        """How long the question has been open."""
        return 0.0 if self._asked_at is None else now - self._asked_at

    def _take(self, found: object) -> None:
        self._asked_at, self.found = None, found


class Surroundings:
    """Both of them, watched."""

    def __init__(self, later: Later, sessions: sessionmaker[Session], folder: Path) -> None:
        self._folder = folder
        self._database = Watch(later, partial(ask_database, sessions))
        self._disk = Watch(later, partial(ask_disk, folder))

    def look(self, now: float) -> tuple[Component, Component]:
        """Once a second: how they are by the last answer."""
        base, room = self._database, self._disk
        base.tick(now)
        room.tick(now)
        return (
            database(base.found, base.waited_s(now)),
            disk(room.found, room.waited_s(now), self._folder),
        )


def ask_database(sessions: sessionmaker[Session]) -> Answer:
    """Whether it answers, and how fast."""
    began = time.perf_counter()
    try:
        with transaction(sessions) as session:
            session.execute(text("SELECT 1"))
            kind = _kind(session.get_bind().dialect)
    except DatabaseAway as error:
        return Answer(trouble=str(error))
    return Answer(took_ms=1e3 * (time.perf_counter() - began), words=kind)


def ask_disk(folder: Path) -> Room:
    """How much room there is."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError as error:
        return Room(trouble=f"{folder} cannot be looked at: {error.strerror}.")
    return Room(usage.free, usage.total)


def database(found: object | None, waited_s: float) -> Component:
    """The database as a part of the server."""
    if isinstance(found, Answer) and _answers(found, waited_s):
        return _part("database", "running", f"{found.words} answers.", ms=found.took_ms)
    step = "Start the database. Verdicts wait on disk meanwhile; nothing is lost."
    return _silent("database", found, waited_s, step)


def disk(found: object | None, waited_s: float, folder: Path) -> Component:
    """The disk of the data directory as a part of the server."""
    if not isinstance(found, Room) or not _answers(found, waited_s):
        return _silent("disk", found, waited_s, "Look at the disk: a network disk may be away.")
    words = f"{size_words(found.free)} of {size_words(found.total)} are free at {folder}."
    if found.free > max(LITTLE_BYTES, LITTLE_SHARE * found.total):
        return _part("disk", "running", words)
    return _part("disk", "degraded", f"Only {words}", "Make room, or set [store] max_gb.")


def _answers(found: Answer | Room, waited_s: float) -> bool:
    return not found.trouble and waited_s <= PATIENCE_S


def _silent(name: str, found: object | None, waited_s: float, step: str) -> Component:
    """No answer for long, one that tells of trouble, or none yet."""
    if waited_s > PATIENCE_S:
        return _part(name, "dead", f"It has not answered for {waited_s:.0f} s.", step)
    if isinstance(found, Answer | Room):
        return _part(name, "dead", found.trouble, step)
    return _part(name, "starting", "It is being asked.")


def _part(name: str, state: str, sentence: str, step: str = "", ms: float = 0.0) -> Component:
    return Component(
        role=name,
        name=name,
        state=state,
        sentence=sentence,
        next_step=step,
        ms_per_item=round(ms, 2),
    )


def _kind(dialect: Dialect) -> str:
    if dialect.name in {"mysql", "mariadb"}:
        return "MariaDB" if getattr(dialect, "is_mariadb", False) else "MySQL"
    return {"sqlite": "SQLite"}.get(dialect.name, dialect.name)
