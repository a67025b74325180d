"""Votes that the server has not confirmed yet: an append-only file that outlives the program."""

from __future__ import annotations

import os
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

import msgspec
from PySide6.QtCore import QLockFile

from inference_server.protocol.labelling import Vote


class Made(msgspec.Struct, frozen=True, tag="made"):
    """A vote was made here, for one server: on another one the same number is another picture."""

    vote: Vote
    server: str = ""  # what tells it from others; older files do not say
    address: str = ""  # the same for people


class Kept(msgspec.Struct, frozen=True, tag="kept"):
    """The server has these votes."""

    client_ids: tuple[str, ...]


class TurnedDown(msgspec.Struct, frozen=True, tag="refused"):
    """The server will never take this vote; ``why`` is for people."""

    client_id: str
    why: str


LEFT_S = 600.0  # so long nothing was heard of who holds a file: another station may have crashed

Line = Made | Kept | TurnedDown
_line: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)


class Spool:
    """One writer: the program that holds the file. Used on one thread, but for ``sync``.

    A vote is in the file before ``add`` returns, so that it survives the end of the program; ``sync``
    makes it survive the end of the machine and may take as long as a disk takes. A second program of
    the same user, also at another station that shares the directory, has a file of its own; what a
    dead one left is taken over. Nobody can ask whether a program of another station is dead: it is
    where its lock was not touched for ``LEFT_S``, which ``look_about`` does once a minute.
    Raises OSError where the directory cannot be written.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._first = path
        self._path, self._lock = _claimed(path)
        self.waiting: dict[str, Vote] = {}  # for the server that is used
        self.for_others: Counter[str] = Counter()  # how many wait for other servers, by address
        self._made: dict[str, Made] = {}  # all that wait
        self._server = self._address = ""
        self.refused: dict[str, TurnedDown] = {}
        self.trouble = ""  # why the file lacks what was written last; empty: it lacks nothing
        self.of_others: dict[Path, int] = {}  # how many wait in files that others hold
        self._lacking: list[Line] = []
        _read(self._path, self._made, self.refused)
        if not self._made and not self.refused:
            self._path.unlink(missing_ok=True)  # nothing in it is needed any more
        self._file = _opened(self._path)
        self._torn = self._path.stat().st_size > 0  # its last line may be half a one
        self.look_about()

    def use(self, server: str, address: str) -> None:
        """Which server ``waiting`` and ``add`` are about; "" is none.

        Votes of older files belong to the first one that is used: so they were always sent.
        """
        self._server, self._address = server, address
        self._sort()

    def add(self, votes: list[Vote]) -> None:
        """Take votes for the server that is used, in their order."""
        made = [Made(vote, self._server, self._address) for vote in votes]
        self._write(made)
        self._made |= {each.vote.client_id: each for each in made}
        self.waiting |= {vote.client_id: vote for vote in votes}

    def kept(self, client_ids: tuple[str, ...]) -> None:
        """The server confirmed these."""
        self._write([Kept(client_ids)])
        for client_id in client_ids:
            self._drop(client_id)

    def turn_down(self, client_id: str, why: str) -> None:
        """The server refused this one for good; it stays on record here until the person has seen it."""
        self._write([line := TurnedDown(client_id, why)])
        self.refused[client_id] = line
        self._drop(client_id)

    def forget_refused(self) -> None:
        """The person has seen what was refused."""
        self._write([Kept(tuple(self.refused))])
        self.refused.clear()

    def sync(self) -> None:
        """Have the disk hold what was written; call it off the GUI thread."""
        os.fsync(self._file)

    def mend(self) -> None:
        """Write what the file lacks, if there is room again; ``trouble`` says if there is none."""
        if self.trouble:
            self._write([])

    def look_about(self) -> None:
        """Say that this program lives, and see to what others left; to be called once a minute.

        Where another station took this program for dead and its file away, there is a new one: a vote
        that both send counts once.
        """
        try:
            Path(self._lock.fileName()).touch()
            if not self._is_there():
                self._begin_anew()
        except OSError as error:
            self.trouble = _words(error)
        with suppress(OSError):  # somebody was faster; whatever else it is, it is tried again
            self._take_over()
        self._sort()

    def close(self) -> None:
        """Write what lacks, sync and give the file back; a second time does nothing."""
        if self._file < 0:
            return
        self.mend()
        file, self._file = self._file, -1
        try:
            _sync_and_close(file)
        except OSError as error:
            self.trouble = _words(error)
        finally:
            self._lock.unlock()

    def _write(self, lines: Sequence[Line]) -> None:
        self._lacking += lines
        data = b"".join(msgspec.json.encode(line) + b"\n" for line in self._lacking)
        rest = memoryview(b"\n" + data if self._torn else data)
        self._torn = True
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            self.trouble = _words(error)
        else:
            self._torn, self.trouble, self._lacking = False, "", []

    def _drop(self, client_id: str) -> None:
        self.waiting.pop(client_id, None)
        self._made.pop(client_id, None)

    def _sort(self) -> None:
        nameless = [each.vote for each in self._made.values() if not each.server]
        if nameless and self._server:
            self.add(nameless)
        mine = {key: each for key, each in self._made.items() if each.server == self._server}
        self.waiting = {key: each.vote for key, each in mine.items()}
        others = (each.address for key, each in self._made.items() if key not in mine)
        self.for_others = Counter(others)

    def _is_there(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._file), self._path.stat())
        except OSError:
            return False

    def _begin_anew(self) -> None:
        file, self._file = self._file, _opened(self._path)
        os.close(file)
        self._write_all()

    def _write_all(self) -> None:
        self._write([*self._made.values(), *self.refused.values()])

    def _take_over(self) -> None:
        self.of_others = {}
        for other in self._files_of_others():
            lock = _lock(other)
            if lock.tryLock(0):
                self._take(other)
                lock.unlock()
            elif self._is_left(other):
                self._take_from_afar(other)
            elif waiting := _waiting_in(other):
                self.of_others[other] = waiting

    def _files_of_others(self) -> Iterator[Path]:
        first = self._first
        for other in (first, *sorted(first.parent.glob(f"{first.stem}-*{first.suffix}"))):
            if other != self._path and other.exists():
                yield other

    def _is_left(self, other: Path) -> bool:
        # By the clock of the disk, which is the same for both; the lock of this program is just touched.
        now = Path(self._lock.fileName()).stat().st_mtime
        heard = max(Path(f"{other}.lock").stat().st_mtime, other.stat().st_mtime)
        return now - heard > LEFT_S

    def _take_from_afar(self, other: Path) -> None:
        # Renamed, so that only one of several takes it; its lock stays its holder's, who may yet live.
        taken = other.with_stem(f"{self._first.stem}-{uuid.uuid4().hex}")
        lock = _lock(taken)
        if lock.tryLock(0):
            other.rename(taken)
            self._take(taken)
            lock.unlock()

    def _take(self, other: Path) -> None:
        _read(other, self._made, self.refused)
        self._write_all()
        if not self.trouble:
            os.fsync(self._file)
            other.unlink()


def _read(path: Path, made: dict[str, Made], refused: dict[str, TurnedDown]) -> None:
    """Do to these what the lines of the file say, if there is one."""
    if not path.exists():
        return
    for raw in path.read_bytes().splitlines():
        try:
            line = _line.decode(raw)
        except msgspec.MsgspecError:
            continue  # the last line of a machine that lost power: it was never confirmed to anyone
        match line:
            case Made(vote=vote):
                made[vote.client_id] = line
            case Kept(client_ids=client_ids):
                for client_id in client_ids:
                    made.pop(client_id, None)
                    refused.pop(client_id, None)
            case TurnedDown(client_id=client_id):
                refused[client_id] = line
                made.pop(client_id, None)


def _waiting_in(path: Path) -> int:
    made: dict[str, Made] = {}
    _read(path, made, {})
    return len(made)


def _opened(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def _claimed(path: Path) -> tuple[Path, QLockFile]:
    """votes.jsonl, or votes-2.jsonl, ...: the first that no other program holds."""
    for number in count(1):
        mine = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        lock = _lock(mine)
        if lock.tryLock(0):
            return mine, lock
        if lock.error() is not QLockFile.LockError.LockFailedError:
            break
    raise PermissionError(f"{path.parent} cannot be written; labels that wait are kept there")


def _lock(path: Path) -> QLockFile:
    lock = QLockFile(f"{path}.lock")
    lock.setStaleLockTime(0)  # old is not dead: only whose process is gone has lost it
    return lock


def _sync_and_close(file: int) -> None:
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _words(error: OSError) -> str:
    return error.strerror or "the disk does not take them"
