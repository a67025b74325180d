"""Pictures and thumbnails on disk, each under the hash of its picture: ``ab/cd/<hash>.<ext>``."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

_HASH = re.compile(r"[0-9a-f]{64}")
_EXTENSION = re.compile(r"[a-z0-9]{1,8}")
_UNFINISHED = ".part"
FLUSHERS = (
    8  # concurrent fsyncs share one journal commit of the file system; one by one they do not
)


@dataclass(frozen=True, slots=True)
class Item:
    """One file to be stored."""

    picture_hash: str  # sha256, hex
    extension: str  # "png", "jpg": lower case, without a dot
    data: bytes


class PictureStore:
    """Files by content hash: written whole or not at all, and never written twice.

    ``durable`` stores survive a power cut from the moment that ``put`` returns. Thumbnails can be
    made again, so theirs need not be: an empty file that a power cut left counts as missing.
    """

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        self._root = root
        self._durable = durable
        self._flushers: ThreadPoolExecutor | None = None

    def path(self, picture_hash: str, extension: str) -> Path:
        """Where that file is, or would be.

        Raises ValueError: not a hash or not an extension (they may come from the network).
        """
        if not _HASH.fullmatch(picture_hash):
            raise ValueError(f"{picture_hash[:80]!r} is not a sha256 in hex")
        if not _EXTENSION.fullmatch(extension):
            raise ValueError(f"{extension[:80]!r} is not a file extension")
        return self._root / picture_hash[:2] / picture_hash[2:4] / f"{picture_hash}.{extension}"

    def put(self, picture_hash: str, extension: str, data: bytes) -> Path:
        """Store one file and say where. Raises OSError: disk full, not writable."""
        self.put_many([Item(picture_hash, extension, data)])
        return self.path(picture_hash, extension)

    def put_many(self, items: Iterable[Item]) -> None:
        """Store files together: their flushes to disk overlap. Raises OSError, then some may be missing."""
        missing = list(self._missing(items))
        folders = {place.parent for _, place in missing}
        changed = folders | {each.parent for each in _absent(folders)}
        try:
            for folder in folders:
                folder.mkdir(parents=True, exist_ok=True)
            pending = [(self._write(place, item.data), place) for item, place in missing]
            self._flush(part for part, _ in pending)
            for part, place in pending:
                part.replace(place)
        finally:
            # A new folder has to be on disk too, or a power cut takes what is in it, now or later.
            self._flush(each for each in changed if each.exists())

    def read(self, picture_hash: str, extension: str) -> bytes | None:
        """The file's bytes; None where there is none (never stored, or dropped by the retention)."""
        try:
            return self.path(picture_hash, extension).read_bytes() or None
        except FileNotFoundError:
            return None

    def size(self, picture_hash: str, extension: str) -> int:
        """Bytes of a file; 0: there is none."""
        try:
            return self.path(picture_hash, extension).stat().st_size
        except FileNotFoundError:
            return 0

    def delete(self, picture_hash: str, extension: str) -> int:
        """Remove a file; how many bytes that freed (0: it was not there)."""
        place = self.path(picture_hash, extension)
        try:
            size = place.stat().st_size
            place.unlink()
        except FileNotFoundError:
            return 0
        return size

    def files(self) -> Iterator[tuple[Path, float]]:
        """Every finished file, and when it was written (seconds since 1970)."""
        for path in self._root.rglob("*"):
            try:
                if path.is_file() and not path.name.startswith("."):
                    yield path, path.stat().st_mtime
            except FileNotFoundError:
                continue  # removed meanwhile

    def close(self) -> None:
        """End the flushing threads."""
        if self._flushers is not None:
            self._flushers.shutdown()

    def _missing(self, items: Iterable[Item]) -> Iterator[tuple[Item, Path]]:
        chosen = {self.path(item.picture_hash, item.extension): item for item in items}
        for place, item in chosen.items():
            if not (place.exists() and place.stat().st_size == len(item.data)):
                yield item, place

    def _write(self, place: Path, data: bytes) -> Path:
        # Of this thread: another one may be storing the same picture.
        writer = f"{os.getpid()}-{threading.get_ident()}"
        part = place.with_name(f".{place.name}.{writer}{_UNFINISHED}")
        part.write_bytes(data)
        return part

    def _flush(self, paths: Iterable[Path]) -> None:
        if not self._durable:
            return
        if self._flushers is None:
            self._flushers = ThreadPoolExecutor(FLUSHERS, thread_name_prefix="store-flush")
        list(self._flushers.map(_flush, paths))


def _absent(folders: Iterable[Path]) -> set[Path]:
    """What has to be made, those above included."""
    return {each for folder in folders for each in (folder, *folder.parents) if not each.exists()}


def extension_of(data: bytes) -> str:
    """How a picture's file is named in the store, by its content: producers' names may say anything."""
    if data.startswith(b"\x89PNG"):
        return "png"
    return "jpg" if data.startswith(b"\xff\xd8") else "bin"


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
