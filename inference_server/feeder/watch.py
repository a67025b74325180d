"""Finds the finished files of one inbox: by change notices, and by rescans where there are none."""

from __future__ import annotations

import heapq
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.inotify_move_event_grouper import InotifyMoveEventGrouper

from inference_server.feeder import files
from inference_server.feeder.files import Identity, Look, Step
from inference_server.feeder.memory import Memory
from inference_server.feeder.names import is_ours

log = logging.getLogger(__name__)

CANDIDATES = 5_000  # files under observation; more wait on disk, which holds any number
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 2.0  # between two looks at an unfinished file
BLIND_RESCAN_S = 1.0  # where the system gives no change notices
# A file that is moved out of the tree (by us into quarantine, say) holds up the notices of all others
# while watchdog looks out for where it may have gone. Both halves of a move within the tree come at once.
InotifyMoveEventGrouper.delay = 0.02  # seconds, instead of 0.5
_EVENTS = [FileClosedEvent, FileCreatedEvent, FileMovedEvent, DirCreatedEvent, DirMovedEvent]


@dataclass(frozen=True, slots=True)
class Finished:
    """A file that can be submitted."""

    path: Path
    identity: Identity
    closed_at: datetime  # UTC: when it was closed or renamed, or else first seen finished


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A file that cannot, and why."""

    path: Path
    identity: Identity | None
    reason: str


@dataclass(slots=True)
class _Candidate:
    look: Look | None = None
    since: float = 0.0  # monotonic: when ``look`` was first seen
    pause: float = FIRST_PAUSE_S
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Notice:
    path: str
    closed_at: datetime | None


class Watch:
    """Observes one directory tree; ``take`` gives out what is finished, oldest first.

    A file that was given out is in hand, and not given out again, until ``release``. Symbolic links
    to files count as files; linked directories are not followed (they could lead in circles).
    ``wake`` is called from other threads when ``take`` has something to look at.
    """

    def __init__(
        self,
        root: Path,
        *,
        max_bytes: int,
        rescan_s: float = 10.0,
        patience_s: float = files.PATIENCE_S,
        any_file: bool = False,
        memory: Memory | None = None,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self.root = root
        self.memory = memory or Memory(None)
        self.blind = False  # no change notices: rescans only
        self._max_bytes, self._rescan_s, self._patience_s = max_bytes, rescan_s, patience_s
        self._any_file = any_file
        self._wake = wake
        self._notices: deque[_Notice] = deque(maxlen=2 * CANDIDATES)
        self._candidates: dict[str, _Candidate] = {}
        self._due: deque[str] = deque()
        self._later: list[tuple[float, str]] = []
        self._in_hand: set[str] = set()
        self._stop = threading.Event()
        self._rescan = threading.Event()
        self._more_on_disk = False
        self._observer = Observer()
        self._scanner = threading.Thread(target=self._scan_forever, name="rescan", daemon=True)

    def start(self) -> None:
        """Begin to observe. Raises OSError: the inbox is not there and cannot be made."""
        self.root.mkdir(parents=True, exist_ok=True)
        handler = _Handler(self._notice, self._rescan.set)
        try:
            self._observer.schedule(handler, str(self.root), recursive=True, event_filter=_EVENTS)
            self._observer.start()
        except OSError as error:  # the system's limit of inotify watches
            self.blind = True
            log.warning("no change notices for %s (%s): it is read every second", self.root, error)
        self._scanner.start()

    def stop(self) -> None:
        """End the threads."""
        self._stop.set()
        self._rescan.set()
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join()
        if self._scanner.is_alive():
            self._scanner.join()
        self.memory.close()

    @property
    def waiting(self) -> int:
        """Files seen and not yet given out."""
        return len(self._candidates)

    def next_look(self, now: float) -> float | None:
        """Seconds until an unfinished file is due for a look; None: no file is."""
        if self._due:
            return 0.0
        return max(0.0, self._later[0][0] - now) if self._later else None

    def take(self, room: int, now: float | None = None) -> list[Finished | GivenUp]:
        """Look at what is due until ``room`` files are found finished or given up."""
        now = time.monotonic() if now is None else now
        self._hear()
        while self._later and self._later[0][0] <= now:
            self._due.append(heapq.heappop(self._later)[1])
        found: list[Finished | GivenUp] = []
        while self._due and len(found) < room:
            path = self._due.popleft()
            if path in self._candidates and (answer := self._examine(path, now)) is not None:
                found.append(answer)
        if self._more_on_disk and len(self._candidates) < CANDIDATES // 4:
            self._rescan.set()
        return found

    def release(self, path: Path) -> None:
        """The file is out of hand; whatever is there now is looked at afresh."""
        self._in_hand.discard(str(path))
        self._observe(_Notice(str(path), None))

    def remember(self, path: Path, identity: Identity | None) -> None:
        """Leave this content of the file alone from now on."""
        self.memory.add(str(path), *_key(identity))

    # -------------------------------------------------------------- looks

    def _examine(self, path: str, now: float) -> Finished | GivenUp | None:
        candidate = self._candidates[path]
        look = files.look_at(Path(path), self._max_bytes)
        if look != candidate.look:
            candidate.look, candidate.since, candidate.pause = look, now, FIRST_PAUSE_S
        step = Step.DROP if self._is_settled(path, look) else self._decision(candidate, now)
        if step is Step.WAIT:
            heapq.heappush(self._later, (now + candidate.pause, path))
            candidate.pause = min(2 * candidate.pause, LONGEST_PAUSE_S)
            return None
        del self._candidates[path]
        if step is Step.DROP:
            return None
        self._in_hand.add(path)
        if isinstance(step, str):
            return GivenUp(Path(path), look.identity, step)
        assert look.identity is not None  # a file that is taken exists
        return Finished(Path(path), look.identity, candidate.closed_at or datetime.now(UTC))

    def _decision(self, candidate: _Candidate, now: float) -> Step | str:
        assert candidate.look is not None
        closed = candidate.closed_at is not None
        return files.decide(candidate.look, now - candidate.since, closed, self._patience_s)

    def _is_settled(self, path: str, look: Look) -> bool:
        return (path, *_key(look.identity)) in self.memory

    # -------------------------------------------------------------- what other threads report

    def _notice(self, path: str, closed_at: datetime | None) -> None:
        """Called by watchdog's thread and by the rescan's."""
        if len(self._notices) == self._notices.maxlen:
            self._more_on_disk = True  # the oldest notice is lost; a rescan will find its file
        self._notices.append(_Notice(path, closed_at))
        self._wake()

    def _hear(self) -> None:
        while self._notices:
            self._observe(self._notices.popleft())

    def _observe(self, notice: _Notice) -> None:
        if notice.path in self._in_hand:
            return  # its release looks at it again
        candidate = self._candidates.get(notice.path)
        if candidate is None:
            if len(self._candidates) >= CANDIDATES:
                self._more_on_disk = True
                return
            if not is_ours(os.path.relpath(notice.path, self.root), self._any_file):
                return
            candidate = self._candidates[notice.path] = _Candidate()
            self._due.append(notice.path)
        elif notice.closed_at is not None:
            self._due.append(notice.path)
        candidate.closed_at = notice.closed_at or candidate.closed_at

    # -------------------------------------------------------------- rescans

    def _scan_forever(self) -> None:
        while not self._stop.is_set():
            self._rescan.clear()
            self._more_on_disk = False
            for _, path in heapq.nsmallest(CANDIDATES, self._fresh()):
                self._notice(path, None)
            self._rescan.wait(min(self._rescan_s, BLIND_RESCAN_S) if self.blind else self._rescan_s)

    def _fresh(self) -> Iterator[tuple[int, str]]:
        """(mtime, path) of the files that are nobody's yet; only the oldest are held in memory."""
        found = 0
        for entry in _walk(self.root):
            if not is_ours(os.path.relpath(entry.path, self.root), self._any_file):
                continue
            key = _stamp(entry)
            if (entry.path, *key) not in self.memory:
                found += 1
                yield key[0], entry.path
        if found > CANDIDATES:
            self._more_on_disk = True


def _walk(root: Path) -> Iterator[os.DirEntry[str]]:
    """All files below ``root``; a directory that vanishes or is closed to us is left out."""
    folders = [str(root)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if not entry.name.startswith("."):
                            folders.append(entry.path)
                    else:
                        yield entry
        except OSError as error:
            log.debug("not read: %s", error)


def _stamp(entry: os.DirEntry[str]) -> tuple[int, int]:
    try:
        status = entry.stat()
    except OSError:  # a dangling link, or gone: a look will tell
        return _key(None)
    return status.st_mtime_ns, status.st_size


def _key(identity: Identity | None) -> tuple[int, int]:
    return (identity.mtime_ns, identity.size) if identity else (0, 0)


class _Handler(FileSystemEventHandler):
    def __init__(
        self, notice: Callable[[str, datetime | None], None], rescan: Callable[[], None]
    ) -> None:
        self._notice = notice
        self._new_folder = rescan  # files may have come into it before it was observed

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.is_directory:
            self._new_folder()
            return
        moved = isinstance(event, FileMovedEvent)
        finished = moved or isinstance(event, FileClosedEvent)
        path = os.fsdecode(event.dest_path if moved else event.src_path)
        self._notice(path, datetime.now(UTC) if finished else None)
