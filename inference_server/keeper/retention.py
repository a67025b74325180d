"""Removes pictures by age and by size, as the rules in force say; never those that ``db.kept`` names."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from db import dropping, pictures
from db.session import DatabaseAway, transaction
from db.values import PicturePlace
from inference_server import retention_rules
from inference_server.config import Config
from inference_server.keeper.journal import Journal
from inference_server.store import PictureStore

log = logging.getLogger(__name__)

EVERY_S = 300.0
PORTION = 100  # pictures in one transaction; the keeper waits for it


class Retention:
    """A thread that looks every few minutes; ``files`` is the keeper's lock on the stores.

    ``patient`` sessions look for what may go, however long that takes; ``sessions`` are quick to give
    up, since the keeper waits while rows and files are removed.

    What nobody needs for labelling goes first, the oldest of it first; pictures drawn at random go only
    when nothing else is left to go. What people, the log, an alarm or a mask need stays.
    """

    def __init__(
        self,
        config: Config,
        sessions: sessionmaker[Session],
        patient: sessionmaker[Session],
        journal: Journal,
        files: threading.Lock,
    ) -> None:
        self._store = config.store
        self._sessions = sessions
        self._patient = patient
        self._journal = journal
        self._files = files
        self._pictures = PictureStore(config.pictures_dir)
        self._thumbnails = PictureStore(config.thumbnails_dir)
        self._heatmaps = PictureStore(config.heatmaps_dir)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End it after the portion at hand."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def tidy(self, now: datetime) -> int:
        """Remove what is too old and what is too much; how many pictures that was.

        Raises DatabaseAway; OSError: some file could not be removed.
        """
        removed = 0
        with transaction(self._patient) as session:
            rules = retention_rules.in_force(session, self._store)
        if rules.max_age_days > 0:
            oldest = now - timedelta(days=rules.max_age_days)
            removed += self._remove_before(oldest)
            self._remove_thumbnails(oldest.timestamp())
            self._remove_heatmaps(oldest.timestamp())
        if rules.max_gb > 0:
            removed += self._remove_down_to(int(rules.max_gb * 1e9))
        return removed

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S):
            if not self._journal.is_empty():
                continue  # the database does not know yet what the store holds
            try:
                if removed := self.tidy(datetime.now(UTC)):
                    log.info("retention removed %d pictures", removed)
            except DatabaseAway as error:
                log.info("retention waits: %s", error)
            except OSError as error:
                log.error("retention cannot remove %s: %s", error.filename, error.strerror)

    def _remove_before(self, oldest: datetime) -> int:
        removed = 0
        for collected in (False, True):
            while not self._stop.is_set() and (
                count := len(self._portion(collected, before=oldest))
            ):
                removed += count
        return removed

    def _remove_down_to(self, limit: int) -> int:
        removed = 0
        for collected in (False, True):
            while not self._stop.is_set() and (excess := self._size() - limit) > 0:
                gone = self._portion(collected, excess=excess)
                if not gone:
                    break
                removed += len(gone)
        return removed

    def _portion(
        self, collected: bool, *, before: datetime | None = None, excess: int | None = None
    ) -> list[PicturePlace]:
        """Remove some pictures, at most so many that ``excess`` bytes are freed; which ones."""
        with transaction(self._patient) as session:
            found = dropping.candidates(session, before=before, collected=collected, limit=PORTION)
        chosen = list(_up_to(found, excess))
        with self._files:
            with transaction(self._sessions) as session:
                unneeded = dropping.mark_dropped(session, [each.id for each in chosen])
            # The rows went first: a file without a row is litter, a row without its file is a lie.
            self._delete([each for each in chosen if each.picture_hash in unneeded])
        return chosen

    def _delete(self, places: Sequence[PicturePlace]) -> None:
        """Remove the files of all of them, also where one cannot be. Raises the first OSError at the end."""
        troubles = []
        for each in places:
            try:
                self._pictures.delete(each.picture_hash, each.extension)
                self._thumbnails.delete(each.picture_hash, "jpg")
            except OSError as error:
                troubles.append(error)
        if troubles:
            raise troubles[0]

    def _size(self) -> int:
        with transaction(self._patient) as session:
            return pictures.stored_bytes(session)

    def _remove_thumbnails(self, before: float) -> None:
        """Those of pictures that were never stored; no row says how old they are."""
        for path, mtime in self._thumbnails.files():
            if mtime < before and not self._has_picture(path.stem):
                path.unlink(missing_ok=True)
            if self._stop.is_set():
                return

    def _remove_heatmaps(self, before: float) -> None:
        """Whoever asks for one again gets it made again, if the picture is still there."""
        for path, mtime in self._heatmaps.files():
            if mtime < before:
                path.unlink(missing_ok=True)
            if self._stop.is_set():
                return

    def _has_picture(self, picture_hash: str) -> bool:
        return any(
            self._pictures.path(picture_hash, each).exists() for each in ("png", "jpg", "bin")
        )


def _up_to(places: list[PicturePlace], excess: int | None) -> Iterator[PicturePlace]:
    freed = 0
    for each in places:
        if excess is not None and freed >= excess:
            return
        freed += each.size_bytes
        yield each
