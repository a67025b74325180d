"""Verdicts that the database could not take, on disk until it can.

Files of records in the order of writing, each record ``length, crc32, bytes``; a file is closed
(sealed) before it is read back, and deleted after all of it is in the database. A crash in between
replays it again, so whoever replays must be idempotent. A torn record at the end of a file, which a
power cut or kill -9 can leave, was never acknowledged to anyone: reading stops there.
"""

from __future__ import annotations

import logging
import os
import struct
import threading
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

log = logging.getLogger(__name__)

_HEAD = struct.Struct("<II")  # length, crc32 of the record
LARGEST_RECORD = 16_000_000  # bytes; a length beyond it is no length
SEGMENT_BYTES = 4_000_000


class Corrupt(RuntimeError):
    """A journal file is damaged in its middle."""


class Journal:
    """An append-only queue on disk; one thread may append while another replays."""

    def __init__(self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        # Never append behind a possibly torn record: a new process writes a new file.
        self._next = max((int(path.stem) for path in self._segments()), default=0) + 1
        self._items = {path: _count(path) for path in self._segments()}

    def append(self, records: Sequence[bytes]) -> None:
        """Write records; they survive a power cut when this returns. Raises OSError: disk full."""
        if not records:
            return
        with self._lock:
            file = self._open()
            start = file.tell()
            try:
                file.write(
                    b"".join(_HEAD.pack(len(each), zlib.crc32(each)) + each for each in records)
                )
                file.flush()
                os.fsync(file.fileno())
                path = Path(file.name)
                self._items[path] = self._items.get(path, 0) + len(records)
            except OSError:
                file.truncate(start)  # a half-written batch was acknowledged to nobody
                self._close()
                raise
            if file.tell() >= self._segment_bytes:
                self._close()

    def sealed(self) -> list[Path]:
        """Close the file in use; all files that wait to be replayed, oldest first."""
        with self._lock:
            self._close()
            return self._segments()

    def is_empty(self) -> bool:
        """Whether nothing waits."""
        with self._lock:
            return self._file is None and not self._segments()

    def size(self) -> int:
        """Bytes that wait."""
        with self._lock:
            return sum(path.stat().st_size for path in self._segments())

    def items(self) -> int:
        """Records that wait; those of a file that is being replayed count until all of it is done."""
        with self._lock:
            return sum(self._items.values())

    def discard(self, segment: Path) -> None:
        """All of the file is in the database."""
        with self._lock:
            segment.unlink()
            self._items.pop(segment, None)

    def put_aside(self, segment: Path) -> Path:
        """The file is damaged: keep it for a person to look at, and out of the way."""
        with self._lock:
            self._items.pop(segment, None)
            return segment.rename(segment.with_suffix(".damaged"))

    def close(self) -> None:
        """Close the file in use; what waits stays."""
        with self._lock:
            self._close()

    def _segments(self) -> list[Path]:
        return sorted(self._folder.glob("*.journal"))

    def _open(self) -> BinaryIO:
        if self._file is None:
            path = self._folder / f"{self._next:010d}.journal"
            self._next += 1
            self._file = path.open("xb")
            _flush_folder(self._folder)
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _count(segment: Path) -> int:
    """How many records a file has, by their heads alone."""
    size, found = segment.stat().st_size, 0
    with segment.open("rb") as file:
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            length, _ = _HEAD.unpack(head)
            if length > LARGEST_RECORD or file.seek(length, os.SEEK_CUR) > size:
                break
            found += 1
    return found


def read(segment: Path) -> Iterator[bytes]:
    """The records of a file, in order, up to a torn end.

    Raises Corrupt after the last good one: the disk changed what had been written.
    """
    size = segment.stat().st_size
    with segment.open("rb") as file:
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            length, crc = _HEAD.unpack(head)
            end = file.tell() + length
            record = file.read(length) if end <= size else b""
            if end <= size and zlib.crc32(record) == crc:
                yield record
            elif end < size or length > LARGEST_RECORD:
                raise Corrupt(f"{segment} is damaged before byte {min(end, size)}.")
            else:
                log.info("%s ends with a torn record, which nobody was told of", segment)
                return


def _flush_folder(folder: Path) -> None:
    """A new file's name has to be on disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
