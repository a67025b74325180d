"""Keeps the alarms over a restart: at once in a file, and in the database as soon as it is there."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import msgspec
from sqlalchemy.orm import Session, sessionmaker

from db import alarms
from db.session import DatabaseAway, transaction
from inference_server.alarms.engine import Change
from inference_server.alarms.rules import Rule
from inference_server.alarms.standing import Standing, state
from inference_server.protocol.alarms import AlarmEvent, AlarmEventKind

log = logging.getLogger(__name__)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The state file. ``events``: those that the database has not confirmed."""

    standings: tuple[Standing, ...] = ()
    rules: dict[int, Rule] = {}
    events: tuple[AlarmEvent, ...] = ()


class AlarmStore:
    """One thread writes the file, another the database: a database that hangs delays nobody.

    Used by the gateway's thread; ``kept`` futures end on the file's thread.
    """

    def __init__(self, path: Path, sessions: sessionmaker[Session]) -> None:
        self._path, self._sessions = path, sessions
        self._file = ThreadPoolExecutor(1, thread_name_prefix="alarm-file")
        self._base = ThreadPoolExecutor(1, thread_name_prefix="alarm-base")
        self._lock = threading.Lock()
        self._events: list[AlarmEvent] = []
        self._moved: dict[tuple[str, bool, str], Standing] = {}
        self._shelves: dict[str, alarms.StoredShelf] = {}
        self._under_way = False

    def recall(self) -> Kept | None:
        """What the file holds; None where there is none that this version can read."""
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=Kept)
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError as error:
            log.warning(
                "%s cannot be used (%s): the database's alarms are taken", self._path, error
            )
            return None
        with self._lock:
            self._events[:0] = kept.events
        return kept

    def keep(
        self,
        standings: tuple[Standing, ...],
        rules: Mapping[int, Rule],
        changes: Sequence[Change],
    ) -> Future[None]:
        """Done when a restart would find all of this; the database follows when it can."""
        with self._lock:
            for change in changes:
                key = (*change.standing.plot, change.standing.which.value)
                self._moved[key] = change.standing
                self._events += change.events
                self._note_shelf(change)
            kept = Kept(standings=standings, rules=dict(rules), events=tuple(self._events))
        written = self._file.submit(_replace, self._path, msgspec.json.encode(kept))
        written.add_done_callback(_complain)
        self.catch_up()
        return written

    def catch_up(self) -> None:
        """Try to bring the database up to date, where it is not."""
        with self._lock:
            wanted = bool(self._events or self._moved) and not self._under_way
            self._under_way = self._under_way or wanted
        if wanted:
            self._base.submit(self._to_the_base).add_done_callback(_complain)

    def close(self) -> None:
        """Write what waits, then end both threads."""
        self._file.shutdown()
        self._base.submit(self._to_the_base).add_done_callback(_complain)
        self._base.shutdown()

    def _note_shelf(self, change: Change) -> None:
        shelf = change.standing.line.shelf
        for event in change.events:
            if event.kind is AlarmEventKind.SHELVED and shelf is not None and shelf.until:
                self._shelves[event.uid] = alarms.StoredShelf(
                    uid=event.uid,
                    plot_type=event.plot_type,
                    chunked=event.chunked,
                    line=event.line.value,
                    who=shelf.who,
                    why=shelf.why,
                    since=shelf.since,
                    until=shelf.until,
                )

    def _to_the_base(self) -> None:
        with self._lock:
            moved, events = dict(self._moved), list(self._events)
            shelves = dict(self._shelves)
        try:
            with transaction(self._sessions) as session:
                alarms.store(
                    session,
                    [_stored(each) for each in moved.values()],
                    [stored_event(each) for each in events],
                    list(shelves.values()),
                )
        except DatabaseAway as error:
            log.warning("alarms wait for the database: %s", error)
            return
        finally:
            self._under_way = False
        with self._lock:
            del self._events[: len(events)]
            for key, standing in moved.items():
                if self._moved.get(key) is standing:
                    del self._moved[key]
            for uid in shelves:
                del self._shelves[uid]


def from_base(rows: Iterable[alarms.StoredState]) -> tuple[Standing, ...]:
    """The lines as the database has them."""
    return tuple(msgspec.convert(row.state, Standing) for row in rows)


def stored_event(event: AlarmEvent) -> alarms.StoredEvent:
    """An event as a row."""
    return alarms.StoredEvent(**msgspec.structs.asdict(event))


def event(row: alarms.StoredEvent) -> AlarmEvent:
    """A row as an event."""
    names = [field.name for field in msgspec.structs.fields(AlarmEvent)]
    return msgspec.convert({name: getattr(row, name) for name in names}, AlarmEvent)


def _stored(standing: Standing) -> alarms.StoredState:
    shown = state(standing)
    return alarms.StoredState(
        plot_type=shown.plot_type,
        chunked=shown.chunked,
        line=shown.line.value,
        condition=shown.condition.value,
        severity=shown.severity.value,
        since=shown.since,
        state=msgspec.to_builtins(standing),
    )


def _replace(path: Path, text: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _complain(future: Future[None]) -> None:
    if (error := future.exception()) is not None:
        log.error("alarms could not be kept", exc_info=error)
