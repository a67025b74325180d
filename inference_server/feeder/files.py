"""Looks at one file in an inbox: is it finished, what is in it, is it still the same."""

from __future__ import annotations

import enum
import os
import stat
from dataclasses import dataclass
from pathlib import Path

PNG_START, PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
JPEG_START, JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
TAIL = 65_536  # bytes in which an end mark is looked for behind which a producer wrote more

SETTLE_S = 1.0  # unchanged for so long, a picture with something behind its end mark is taken
FOREIGN_S = 3.0  # likewise, a file that does not even start like a picture is given up
DANGLING_S = 5.0  # a link may be made before its target is
PATIENCE_S = 60.0  # an incomplete file that nobody writes to any more is given up


class State(enum.Enum):
    """What one look at a file says."""

    WHOLE = enum.auto()  # it ends with its format's end mark
    ENDED = enum.auto()  # the end mark is there, and more behind it
    PARTIAL = enum.auto()  # it starts like a picture; the end is not there
    FOREIGN = enum.auto()  # it does not start like a picture
    TOO_LARGE = enum.auto()
    DANGLING = enum.auto()  # a link to nothing
    UNREADABLE = enum.auto()  # no permission, or the disk says no
    GONE = enum.auto()
    NO_FILE = enum.auto()  # a directory, a pipe: nothing to read


@dataclass(frozen=True, slots=True)
class Identity:
    """Which content a path had: two looks with equal identities saw the same bytes."""

    device: int
    inode: int
    size: int  # bytes
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Look:
    """The state of a file at one moment."""

    state: State
    identity: Identity | None = None


class Step(enum.Enum):
    """What to do with a file after a look."""

    TAKE = enum.auto()
    WAIT = enum.auto()
    DROP = enum.auto()  # there is nothing to do


def decide(
    look: Look, unchanged_s: float, closed: bool, patience_s: float = PATIENCE_S
) -> Step | str:
    """What to do with a file; a text is the reason to set it aside.

    ``unchanged_s``: for how long every look has said the same. ``closed``: its writer was seen to
    close it or to rename it into place.
    """
    match look.state:
        case State.WHOLE:
            return Step.TAKE
        case State.GONE | State.NO_FILE:
            return Step.DROP
        case State.TOO_LARGE:
            size = look.identity.size if look.identity else 0
            return f"the file has {size / 1e6:.1f} MB, more than max_picture_mb allows."
        case State.ENDED if closed or unchanged_s >= SETTLE_S:
            return Step.TAKE
        case State.FOREIGN if (
            closed and look.identity and look.identity.size
        ) or unchanged_s >= FOREIGN_S:
            return "the file does not start like a PNG or a JPEG picture."
        case State.DANGLING if unchanged_s >= DANGLING_S:
            return "the link points to a file that does not exist."
        case State.PARTIAL if unchanged_s >= patience_s:
            return f"the file is incomplete, and nothing was written to it for {patience_s:.0f} s."
        case State.UNREADABLE if unchanged_s >= patience_s:
            return "the file cannot be read. Check its permissions."
    return Step.WAIT


def look_at(path: Path, max_bytes: int) -> Look:
    """One look; reads at most the first and last few bytes, never the picture."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return Look(State.DANGLING if path.is_symlink() else State.GONE)
    except OSError:
        return Look(State.UNREADABLE)
    identity = _identity(status)
    if not stat.S_ISREG(status.st_mode):
        return Look(State.NO_FILE)
    if status.st_size > max_bytes:
        return Look(State.TOO_LARGE, identity)
    try:
        with path.open("rb") as file:
            head = file.read(len(PNG_START))
            file.seek(max(0, status.st_size - TAIL))
            return Look(_state(head, file.read(TAIL)), identity)
    except FileNotFoundError:
        return Look(State.GONE)
    except OSError:
        return Look(State.UNREADABLE, identity)


def read(path: Path, identity: Identity) -> bytes | None:
    """The whole file, or None where it is not (or not any more) the one of ``identity``."""
    try:
        with path.open("rb") as file:
            if _identity(os.fstat(file.fileno())) != identity:
                return None
            data = file.read(identity.size + 1)
            same = _identity(os.fstat(file.fileno())) == identity
    except OSError:
        return None
    return data if same and len(data) == identity.size else None


def remove(path: Path, identity: Identity) -> bool:
    """Remove the file (of a link: the link) if it is still the one of ``identity``; whether it was.

    Raises OSError: not permitted.
    """
    try:
        if _identity(path.stat()) != identity:
            return False
        path.unlink()
    except FileNotFoundError:
        return not path.is_symlink()
    return True


def _state(head: bytes, tail: bytes) -> State:
    for start, end in ((PNG_START, PNG_END), (JPEG_START, JPEG_END)):
        if head and (head.startswith(start) or start.startswith(head)):
            if tail.endswith(end):
                return State.WHOLE
            return State.ENDED if end in tail else State.PARTIAL
    return State.FOREIGN if head else State.PARTIAL


def _identity(status: os.stat_result) -> Identity:
    return Identity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
