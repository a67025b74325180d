"""The feeder's work apart from its sockets: files become frames, settled frames leave the inbox."""

from __future__ import annotations

import hashlib
import itertools
import logging
import os
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from inference_server import quarantine
from inference_server.feeder import files
from inference_server.feeder.files import Identity
from inference_server.feeder.names import Name, Names, UnknownName
from inference_server.feeder.watch import Finished, GivenUp, Watch
from inference_server.messages import Frame, SetAside, Settled, Submit

log = logging.getLogger(__name__)

UNSETTLED = (
    64  # frames on their way; the balancer holds them in memory, as does whoever is behind it
)
UNSETTLED_BYTES = 128_000_000  # and so many bytes, whatever their number
IMPATIENT_S = 30.0  # a frame without an answer is sent again


@dataclass(frozen=True, slots=True)
class Tree:
    """One inbox: where files come from, how their names read, and whether they are ours to remove."""

    watch: Watch
    names: Names
    remove: bool


@dataclass(slots=True)
class _OnItsWay:
    tree: Tree
    path: Path
    identity: Identity
    frame: Frame
    sent_at: float = 0.0


@dataclass(slots=True)
class Feed:
    """What one feeder has on its way; ``trouble`` is a sentence for people, empty when all is well."""

    name: str
    quarantine_dir: Path
    set_aside: Callable[[SetAside], None]
    trees: list[Tree] = field(default_factory=list)
    settled: int = 0
    trouble: str = ""
    _session: str = field(default_factory=lambda: secrets.token_hex(4))
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _on_their_way: dict[str, _OnItsWay] = field(default_factory=dict)
    _outbox: deque[tuple[str, bytes | None]] = field(default_factory=deque)

    @property
    def waiting(self) -> int:
        """Files seen, sent or not, that are not settled."""
        return len(self._on_their_way) + sum(tree.watch.waiting for tree in self.trees)

    @property
    def oldest(self) -> Frame | None:
        """The frame that has been on its way for longest."""
        return next((each.frame for each in self._on_their_way.values()), None)

    @property
    def has_mail(self) -> bool:
        """Whether a frame is to be sent."""
        return bool(self._outbox)

    def take_in(self) -> None:
        """Turn finished files into frames as long as there is room, fairly over the inboxes."""
        for tree in self.trees:
            room = UNSETTLED - len(self._on_their_way)
            if room <= 0 or self._outbox or self._bytes() > UNSETTLED_BYTES:
                return
            for found in tree.watch.take(max(1, room // len(self.trees))):
                if isinstance(found, GivenUp):
                    self._give_up(tree, found.path, found.identity, found.reason)
                else:
                    self._take(tree, found)

    def next_mail(self, now: float) -> tuple[Submit, bytes] | None:
        """The next frame to send with its file, which is read again if it was sent before."""
        while self._outbox:
            frame_id, data = self._outbox[0]
            item = self._on_their_way.get(frame_id)
            if item is not None:
                content = files.read(item.path, item.identity) if data is None else data
                if content is not None:
                    item.sent_at = now
                    return Submit(frame=item.frame), content
                # Changed or gone meanwhile: what is there now is another frame.
                del self._on_their_way[frame_id]
                item.tree.watch.release(item.path)
            self._outbox.popleft()
        return None

    def mailed(self) -> None:
        """The frame that ``next_mail`` gave is sent."""
        self._outbox.popleft()

    def settle(self, answer: Settled) -> None:
        """The frame is durable: its file leaves the inbox, unless it has changed since it was read."""
        item = self._on_their_way.pop(answer.frame_id, None)
        if item is None:
            return
        self.settled += 1
        self._drop(item)
        item.tree.watch.release(item.path)

    def send_again(self, now: float, *, older_than_s: float = IMPATIENT_S) -> None:
        """Send again what was sent that long ago (0: all, since the balancer is new)."""
        queued = {frame_id for frame_id, _ in self._outbox}
        for frame_id, item in self._on_their_way.items():
            if frame_id not in queued and now - item.sent_at >= older_than_s:
                self._outbox.append((frame_id, None))

    def _take(self, tree: Tree, found: Finished) -> None:
        try:
            name = tree.names.read(_relative(tree, found.path))
        except UnknownName as error:
            self._give_up(tree, found.path, found.identity, f"Unknown: {error}")
            return
        data = files.read(found.path, found.identity)
        if data is None:
            tree.watch.release(found.path)
            return
        frame = self._frame(found, name, data)
        self._on_their_way[frame.id] = _OnItsWay(tree, found.path, found.identity, frame)
        self._outbox.append((frame.id, data))

    def _frame(self, found: Finished, name: Name, data: bytes) -> Frame:
        return Frame(
            id=f"{self.name}-{self._session}:{next(self._numbers)}",
            path=quarantine.printable(found.path),
            plot_type=name.plot_type,
            chunked=name.chunked,
            run_period=name.run_period,
            run=name.run,
            chunk=name.chunk,
            picture_hash=hashlib.sha256(data).hexdigest(),
            picture_time=datetime.fromtimestamp(found.identity.mtime_ns / 1e9, UTC),
            closed_at=found.closed_at,
            size_bytes=len(data),
        )

    def _drop(self, item: _OnItsWay) -> None:
        if not item.tree.remove:
            item.tree.watch.remember(item.path, item.identity)
            return
        try:
            files.remove(item.path, item.identity)
        except OSError as error:
            # Remembered, or it would be judged again and again.
            item.tree.watch.remember(item.path, item.identity)
            self._complain(f"{item.path} is judged and cannot be removed: {error.strerror}.")

    def _give_up(self, tree: Tree, path: Path, identity: Identity | None, reason: str) -> None:
        action = quarantine.move_in if tree.remove else quarantine.explain
        try:
            told = action(self.quarantine_dir, _relative(tree, path), path, reason)
        except FileNotFoundError:
            told = None  # somebody else took it away
        except OSError as error:
            tree.watch.remember(path, identity)
            told = None
            self._complain(f"{path} cannot be set aside: {error.strerror}. {reason}")
        if told is not None:
            log.warning("set aside %s: %s", told.path, reason)
            self.set_aside(SetAside(item=told))
            if not tree.remove:
                tree.watch.remember(path, identity)
        tree.watch.release(path)

    def _complain(self, sentence: str) -> None:
        log.error("%s", sentence)
        self.trouble = sentence

    def _bytes(self) -> int:
        return sum(item.frame.size_bytes for item in self._on_their_way.values())


def _relative(tree: Tree, path: Path) -> str:
    return os.fsencode(os.path.relpath(path, tree.watch.root)).decode("utf-8", "replace")
