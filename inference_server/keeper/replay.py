"""Brings the journal into the database as soon as that is back, beside the live verdicts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from db.session import DatabaseAway, transaction
from inference_server.keeper import journal as journals
from inference_server.keeper import records
from inference_server.keeper.journal import Corrupt, Journal
from inference_server.keeper.records import Record

log = logging.getLogger(__name__)

TRY_S = 1.0
BATCH = 200  # records in one transaction


class Replay:
    """A thread that empties the journal, oldest verdict first.

    ``replayed`` is set whenever something came into the database: plot types may have been
    registered with it. ``trouble`` is a sentence for people, empty when all is well.
    """

    def __init__(
        self, journal: Journal, sessions: sessionmaker[Session], collect_fraction: float
    ) -> None:
        self.replayed = threading.Event()
        self.trouble = ""
        self._journal = journal
        self._sessions = sessions
        self._collect_fraction = collect_fraction
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="replay", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End it after the batch at hand; what is left stays in the journal."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                if not self._journal.is_empty():
                    self._is_back()
                    self._empty()
            except DatabaseAway as error:
                log.debug("not yet: %s", error)
            self._stop.wait(TRY_S)

    def _is_back(self) -> None:
        """Asked first, so that a long outage does not leave one small file per try."""
        with transaction(self._sessions) as session:
            session.execute(text("SELECT 1"))

    def _empty(self) -> None:
        count = 0
        while segments := self._journal.sealed():
            for segment in segments:
                count += self._replay(segment)
                if self._stop.is_set():
                    return
        self.replayed.set()  # once more: the last look at the catalogue may have been too early
        log.info("the database is back: %d verdicts brought in from the journal", count)

    def _replay(self, segment: Path) -> int:
        """Bring one file in. A stop in its middle leaves it whole, to be replayed again."""
        count = 0
        try:
            for batch in _batches(segment):
                if self._stop.is_set():
                    return count
                records.commit(self._sessions, batch, self._collect_fraction)
                self.replayed.set()
                count += len(batch)
        except Corrupt as error:
            self.trouble = f"{error} It is kept as {self._journal.put_aside(segment)}."
            log.error("%s", self.trouble)
            return count
        self._journal.discard(segment)
        return count


def _batches(segment: Path) -> Iterator[list[Record]]:
    """The records of a file by the hundred. Raises Corrupt, after everything before the damage."""
    batch: list[Record] = []
    damage: Corrupt | None = None
    try:
        for data in journals.read(segment):
            batch.append(records.decode(data))
            if len(batch) >= BATCH:
                yield batch
                batch = []
    except Corrupt as error:
        damage = error
    except msgspec.MsgspecError as error:
        damage = Corrupt(f"{segment} holds a record that this version cannot read ({error}).")
    if batch:
        yield batch
    if damage is not None:
        raise damage
