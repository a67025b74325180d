"""Where pictures go that cannot be judged: a directory, each with a ``<file>.reason.txt`` beside it."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path, PurePosixPath

from inference_server.protocol.messages import QuarantineItem


def move_in(root: Path, relative: str, path: Path, reason: str) -> QuarantineItem:
    """Take the file (of a link: the link) out of its inbox, reason first so that nothing is unexplained.

    Raises OSError: it cannot be moved, and is where it was.
    """
    place, note = _reserve(root, relative, path, reason)
    try:
        _move(path, place)
    except OSError:
        note.unlink()
        raise
    return _item(path, reason, place)


def write_in(root: Path, relative: str, path: str, data: bytes, reason: str) -> QuarantineItem:
    """Keep ``data``, the content of ``path``, which may be on another host. Raises OSError."""
    place, _ = _reserve(root, relative, path, reason)
    with place.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return _item(path, reason, place)


def explain(root: Path, relative: str, path: Path, reason: str) -> QuarantineItem:
    """Only the reason, for a file in an inbox whose files are not ours to move. Raises OSError."""
    _, note = _reserve(root, relative, path, reason)
    return _item(path, reason, note)


def printable(path: Path | str) -> str:
    """A path as text that every message and database takes, whatever bytes it is made of."""
    return os.fsencode(path).decode("utf-8", "replace")


def _reserve(root: Path, relative: str, path: Path | str, reason: str) -> tuple[Path, Path]:
    """A free name: whoever creates its reason file has it."""
    wanted = root.joinpath(*_safe(relative))
    wanted.parent.mkdir(parents=True, exist_ok=True)
    text = f"{reason}\n\nFile: {printable(path)}\nSet aside: {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n"
    for place in _numbered(wanted):
        note = place.with_name(place.name + ".reason.txt")
        if os.path.lexists(place):
            continue
        try:
            with note.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            continue
        return place, note
    raise AssertionError("numbers do not run out")


def _safe(relative: str) -> list[str]:
    """Directories below the quarantine, whatever the name says; short enough to add to."""
    parts = [part for part in PurePosixPath(relative).parts if part not in {"/", "..", "."}]
    *folders, name = parts or ["picture"]
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a Path refuses some names that exist
    return [part[:120] for part in folders] + [stem[:120] + suffix[:20]]


def _numbered(wanted: Path) -> Iterator[Path]:
    yield wanted
    for number in count(2):
        yield wanted.with_name(f"{wanted.stem}.{number}{wanted.suffix}")


def _move(path: Path, place: Path) -> None:
    try:
        path.rename(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = place.with_name(f".{place.name}.part")
        shutil.copy2(path, part, follow_symlinks=False)
        part.rename(place)
        path.unlink()


def _item(path: Path | str, reason: str, place: Path) -> QuarantineItem:
    return QuarantineItem(
        path=printable(path), reason=reason, at=datetime.now(UTC), kept_as=printable(place)
    )
