"""A small real server for the desktop's tests: speaks the protocol over tcp, holds a fixed state."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import zmq

from inference_server.protocol import wire
from inference_server.protocol.keys import secure_server, server_keys
from inference_server.protocol.messages import (
    GetPicture,
    GetQuarantine,
    GetSnapshot,
    GetThumbnail,
    Heartbeat,
    Hello,
    News,
    Picture,
    Quarantine,
    Refused,
    Reply,
    Request,
    Snapshot,
    Welcome,
)
from inference_server.protocol.zap import Doorkeeper
from tests.ports import free_ports

BEAT_S = 1.0


@dataclass
class Speaking:
    """What the server answers; tests change it while it runs."""

    snapshot: Snapshot = field(default_factory=lambda: Snapshot(session="first", sequence=0))
    pictures: dict[str, bytes] = field(default_factory=dict)
    quarantine: Quarantine = field(default_factory=lambda: Quarantine(items=(), total=0))
    refusal: Refused | None = None  # the answer to hello
    forbidden: Refused | None = None  # the answer to everything else
    replies: dict[type[Request], Callable[[Request], tuple[Reply, tuple[bytes, ...]]]] = field(
        default_factory=dict
    )  # the answers to other questions, by their type
    asked: list[Request] = field(default_factory=list)
    answers: dict[type, Callable[[Any], tuple[Reply, tuple[bytes, ...]]]] = field(
        default_factory=dict
    )  # by type of request, before all else but hello


class SmallServer:
    """Owns a ROUTER and a PUB socket on a thread of its own; ``say`` publishes from any thread."""

    def __init__(self, port: int = 0, keys_dir: Path | None = None) -> None:
        self.speaking = Speaking()
        self.sequence = 0
        self.session = "first"
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._router = self._context.socket(zmq.ROUTER)
        self._pub = self._context.socket(zmq.XPUB)
        self._door = Doorkeeper(keys_dir, self._context).__enter__() if keys_dir else None
        for socket in (self._router, self._pub):
            socket.linger = 0
            if keys_dir is not None:
                secure_server(socket, server_keys(keys_dir))
        self.port = self._bind(self._router, port)
        self.feed_port = self._bind(self._pub, 0)
        self._jobs: list[Callable[[], None]] = []
        self._stop = threading.Event()
        self.subscribed = threading.Event()
        self._beat_at = 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def say(self, news: News, blob: bytes = b"", *, lost: int = 0) -> None:
        """Publish; ``lost`` messages before it never arrive."""
        self.sequence += 1 + lost
        frames = wire.pack_news(self.session, self.sequence, news, blob)
        self._jobs.append(lambda: self._pub.send_multipart(frames))

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._router.close()
        self._pub.close()
        if self._door is not None:
            self._door.__exit__(None, None, None)
        self._context.term()

    def _run(self) -> None:
        poller = zmq.Poller()
        poller.register(self._router, zmq.POLLIN)
        poller.register(self._pub, zmq.POLLIN)
        while not self._stop.is_set():
            ready = dict(poller.poll(10))
            if self._pub in ready and self._pub.recv().startswith(b"\x01"):
                self.subscribed.set()
            if self._router in ready:
                self._answer()
            while self._jobs:
                self._jobs.pop(0)()
            self._beat()

    def _beat(self) -> None:
        """A sign of life each second, with a number that is never new: it changes nothing but the silence.

        After 3.5 s of silence a desktop asks for the snapshot again, which knows nothing of what was said since.
        """
        ours = self.speaking.snapshot.session == self.session
        if ours and self.subscribed.is_set() and time.monotonic() >= self._beat_at:
            self._beat_at = time.monotonic() + BEAT_S
            beat = Heartbeat(at=datetime.now(UTC))
            self._pub.send_multipart(wire.pack_news(self.session, 0, beat))

    def _answer(self) -> None:
        who, *frames = self._router.recv_multipart()
        ticket, request = wire.unpack_request(frames)
        self.speaking.asked.append(request)
        reply, blobs = self._reply(request)
        self._router.send_multipart([who, *wire.pack_reply(ticket, reply, *blobs)])

    def _reply(self, request: Request) -> tuple[Reply, tuple[bytes, ...]]:
        match request:
            case Hello():
                welcome = Welcome(server="test-1", version="0", feed_port=self.feed_port)
                return self.speaking.refusal or welcome, ()
            case _ if self.speaking.forbidden is not None:
                return self.speaking.forbidden, ()
            case _ if type(request) in self.speaking.answers:
                return self.speaking.answers[type(request)](request)
            case GetSnapshot():
                return self.speaking.snapshot, ()
            case GetThumbnail(picture_hash=key) | GetPicture(picture_hash=key):
                if key in self.speaking.pictures:
                    picture = Picture(picture_hash=key, media_type="image/png")
                    return picture, (self.speaking.pictures[key],)
                return Refused(code="not-found", sentence="This picture is gone."), ()
            case GetQuarantine():
                return self.speaking.quarantine, ()
        if (say := self.speaking.replies.get(type(request))) is not None:
            return say(request)
        return Refused(code="invalid", sentence="Not known here."), ()

    @staticmethod
    def _bind(socket: zmq.Socket[bytes], port: int) -> int:
        port = port or free_ports(1)
        socket.bind(f"tcp://127.0.0.1:{port}")
        return port
