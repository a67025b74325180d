"""Remembers which files of an inbox are settled, for inboxes whose files are not ours to remove."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

RECORD = 8  # bytes


class Memory:
    """A set of (path, mtime, size), eight hashed bytes each, also on disk if ``file`` is given.

    It spares work after a restart and decides nothing: a forgotten file is submitted again, and the
    keeper knows it. So it is never flushed to the disk, and a torn record at its end does no harm.
    """

    def __init__(self, file: Path | None) -> None:
        self._known: set[bytes] = set()
        self._file: BinaryIO | None = None
        if file is not None:
            self._open(file)

    def __contains__(self, key: tuple[str, int, int]) -> bool:
        return _digest(key) in self._known

    def add(self, path: str, mtime_ns: int, size: int) -> None:
        """Remember that this content of ``path`` is settled."""
        record = _digest((path, mtime_ns, size))
        if record in self._known:
            return
        self._known.add(record)
        if self._file is not None:
            self._file.write(record)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _open(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes() if path.exists() else b""
        whole = len(content) - len(content) % RECORD
        self._known.update(content[at : at + RECORD] for at in range(0, whole, RECORD))
        self._file = path.open("ab", buffering=0)
        self._file.truncate(whole)


def _digest(key: tuple[str, int, int]) -> bytes:
    path, mtime_ns, size = key
    text = f"{mtime_ns} {size} ".encode() + path.encode("utf-8", "surrogateescape")
    return hashlib.blake2b(text, digest_size=RECORD).digest()
