"""The feeder role: finished files of the inboxes to the balancer, here or on another host."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec
import zmq

from inference_server.bus import Bus, component, seconds_since
from inference_server.config import Config, Inbox
from inference_server.feeder.feed import Feed, Tree
from inference_server.feeder.memory import Memory
from inference_server.feeder.names import BadPattern, Names
from inference_server.feeder.watch import Watch
from inference_server.messages import Pulse, SetAside, Settled
from inference_server.protocol.keys import read_key_file, secure_client
from inference_server.protocol.wire import WireError, pack, unpack
from inference_server.sockets import NEW, REFUSED, dealer, happened, unwatch, watch, watched

log = logging.getLogger(__name__)

POLL_MS = 200
PULSE_S = 1.0
RETRY_S = 5.0  # between two tries to open an inbox
_SETTLED: msgspec.msgpack.Decoder[Settled] = msgspec.msgpack.Decoder(Settled)


@dataclass(slots=True)
class Service:
    """The sockets and the clock around a ``Feed``."""

    config: Config
    feed: Feed
    link: zmq.Socket[bytes]
    news: zmq.Socket[bytes]  # of the link, see ``sockets.watched``
    say: Callable[[Pulse], None]
    closed: dict[Inbox, str] = field(default_factory=dict)  # inboxes that cannot be opened, and why
    _wake: int = field(default_factory=lambda: os.eventfd(0, os.EFD_NONBLOCK))
    _linked: bool = False
    _refused: bool = False
    _retry_at: float = 0.0
    _pulse_at: float = 0.0

    def run(self, stop: threading.Event) -> None:
        """Until ``stop``."""
        poller = zmq.Poller()
        poller.register(self.news, zmq.POLLIN)
        poller.register(self._wake, zmq.POLLIN)
        self.closed = dict.fromkeys(self.config.inboxes, "")
        try:
            while not stop.is_set():
                writable = zmq.POLLOUT if self.feed.has_mail else 0
                poller.register(self.link, zmq.POLLIN | writable)
                self._handle(dict(poller.poll(self._patience_ms())))
        finally:
            for tree in self.feed.trees:
                tree.watch.stop()
            os.close(self._wake)

    def _handle(self, ready: dict[object, int]) -> None:
        if self._wake in ready:
            os.eventfd_read(self._wake)
        if self.news in ready:
            self._notice(happened(self.news))
        self._hear()
        now = time.monotonic()
        self._open_inboxes(now)
        self.feed.take_in()
        self._send(now)
        self._say_how_it_is(now)

    def _hear(self) -> None:
        while True:
            try:
                answer, _ = unpack(_SETTLED, self.link.recv_multipart(zmq.NOBLOCK))
            except zmq.Again:
                return
            except WireError as error:
                log.warning("not an answer: %s", error)
                continue
            self.feed.settle(answer)

    def _send(self, now: float) -> None:
        while (mail := self.feed.next_mail(now)) is not None:
            try:
                self.link.send_multipart(pack(*mail), zmq.NOBLOCK)
            except zmq.Again:
                return  # the balancer takes no more: the files wait where they are
            self.feed.mailed()

    def _notice(self, events: int) -> None:
        """A new balancer has not heard of anything that is on its way; one may also refuse us."""
        if events & NEW:
            if self._linked:
                self.feed.send_again(time.monotonic(), older_than_s=0.0)
            self._linked = True
        elif events & REFUSED and not self._refused:
            log.error(
                "The server refuses this feeder's key. Files stay where they are; "
                "ask for a key file: hydra-server keys make NAME."
            )
        self._refused = not events & NEW

    def _open_inboxes(self, now: float) -> None:
        if not self.closed or now < self._retry_at:
            return
        self._retry_at = now + RETRY_S
        for inbox in list(self.closed):
            try:
                self.feed.trees.append(
                    _open(self.config, inbox, partial(os.eventfd_write, self._wake, 1))
                )
            except (OSError, BadPattern) as error:
                why = error.strerror if isinstance(error, OSError) else str(error).rstrip(".")
                self.closed[inbox] = f"The inbox {inbox.path} cannot be opened: {why}."
                log.error("%s", self.closed[inbox])
            else:
                del self.closed[inbox]

    def _patience_ms(self) -> int:
        now = time.monotonic()
        looks = [tree.watch.next_look(now) for tree in self.feed.trees]
        return int(1e3 * min([POLL_MS / 1e3, *(each for each in looks if each)])) + 1

    def _say_how_it_is(self, now: float) -> None:
        if now < self._pulse_at:
            return
        self._pulse_at = now + PULSE_S
        self.feed.send_again(now)
        if trouble := next(iter(filter(None, self.closed.values())), "") or self.feed.trouble:
            self._pulse("degraded", trouble, "Correct the path or the permissions.")
        elif not self._linked:
            self._pulse("degraded", "There is no balancer.", "Start the server.")
        else:
            count = len(self.feed.trees)
            sentence = f"Watches {count} inbox{'es' if count > 1 else ''}."
            self._pulse("running", sentence)

    def _pulse(self, state: str, sentence: str, next_step: str = "") -> None:
        feed = self.feed
        told = component(
            "feeder", feed.name, state, sentence, next_step, feed.waiting, feed.settled
        )
        oldest_s = max(0.0, seconds_since(feed.oldest.closed_at)) if feed.oldest else 0.0
        self.say(Pulse(component=msgspec.structs.replace(told, oldest_s=round(oldest_s, 1))))


def run(config: Config, name: str, stop: threading.Event) -> None:
    """The role: watch the inboxes of ``config`` for the balancer of this machine."""
    link, news = watched(config, zmq.DEALER, "balancer-frames")
    with Bus(config, "feeder", name) as voice:
        feed = Feed(name, config.quarantine_dir, voice.say)
        try:
            Service(config, feed, link, news, voice.say).run(stop)
        finally:
            unwatch(link, news)


def run_remote(config: Config, address: str, key: Path, name: str, stop: threading.Event) -> None:
    """Watch the inboxes of ``config`` for a server elsewhere (tcp://host:port, its port + 2).

    What this feeder says of itself travels the same way as its pictures, and is left out while the
    server is away; quarantined files are kept on this host. Raises KeyTrouble; ValueError: no inbox.
    """
    if not config.inboxes:
        raise ValueError("no inbox is set: name one in the settings, [[inboxes]] path = ...")
    link = dealer()
    secure_client(link, read_key_file(key))

    def say(message: SetAside | Pulse) -> None:
        try:
            link.send_multipart(pack(message), zmq.NOBLOCK)
        except zmq.Again:
            log.info("the server is away, it was not told: %s", message)

    news = watch(link, address)
    try:
        Service(config, Feed(name, config.quarantine_dir, say), link, news, say).run(stop)
    finally:
        unwatch(link, news)


def _open(config: Config, inbox: Inbox, wake: Callable[[], None]) -> Tree:
    """Raises OSError, BadPattern."""
    names = Names(inbox.patterns, run_period=inbox.run_period, inbox_name=inbox.path.resolve().name)
    memory = Memory(
        None if inbox.remove else config.data_dir / "feeder" / f"{_digest(inbox)}.settled"
    )
    watch = Watch(
        inbox.path,
        max_bytes=int(config.max_picture_mb * 1e6),
        rescan_s=inbox.rescan_s,
        any_file=bool(inbox.patterns),
        memory=memory,
        wake=wake,
    )
    watch.start()
    return Tree(watch, names, inbox.remove)


def _digest(inbox: Inbox) -> str:
    return hashlib.sha256(os.fsencode(inbox.path.resolve())).hexdigest()[:16]
