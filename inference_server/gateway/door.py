"""The two public sockets: encrypted, and open to known clients only."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import zmq

from inference_server.config import Config
from inference_server.gateway.state import Item
from inference_server.protocol import keys
from inference_server.protocol.messages import (
    PROTOCOL_VERSION,
    Hello,
    Refused,
    Reply,
    Request,
    Welcome,
)
from inference_server.protocol.wire import WireError, pack_news, pack_reply, unpack_request
from inference_server.public import opened
from inference_server.version import version

log = logging.getLogger(__name__)

BURST = 100  # requests read in one go, so that the feed gets its turn


@dataclass(frozen=True, slots=True)
class Question:
    """A request, who asked it, and where the answer goes."""

    address: bytes
    ticket: bytes
    who: str
    request: Request


class Door:
    """ROUTER for requests on ``port``, PUB for the feed on the next. Raises PortTaken."""

    def __init__(self, config: Config, ours: keys.Pair) -> None:
        self._config = config
        with ExitStack() as stack:
            host, port = config.host, config.port
            self.requests = stack.enter_context(opened(zmq.ROUTER, ours, host, port))
            self._feed = stack.enter_context(opened(zmq.PUB, ours, host, port + 1))
            self._stack = stack.pop_all()

    def __enter__(self) -> Door:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def questions(self) -> Iterator[Question]:
        """What waits. A message that is none of ours, or of a revoked client, is answered here."""
        for _ in range(BURST):
            if not self.requests.poll(0):
                return
            question = self._read(self.requests.recv_multipart(copy=False))
            if question is not None:
                yield question

    def answer(self, question: Question, reply: Reply, *blobs: bytes) -> None:
        """Send a reply; a client that is gone does not get it."""
        self._send(question.address, question.ticket, reply, *blobs)

    def publish(self, session: str, item: Item) -> None:
        """Send an item of the feed."""
        self._feed.send_multipart(pack_news(session, item.sequence, item.news, item.blob))

    def welcome(self, hello: Hello) -> Welcome | Refused:
        """Whether we can talk to this client; if not, which side is older."""
        if hello.protocol == PROTOCOL_VERSION:
            return Welcome(
                server=self._config.experiment,
                version=version(),
                experiment=self._config.experiment,
                feed_port=self._config.port + 1,
            )
        ours_older = hello.protocol > PROTOCOL_VERSION
        older, step = (
            ("server", "Ask for the server to be updated, or use an older desktop")
            if ours_older
            else ("desktop", "Update this desktop")
        )
        return Refused(
            code="version",
            sentence=f"The {older} is older: the server speaks version {PROTOCOL_VERSION},"
            f" this desktop version {hello.protocol}.",
            next_step=f"{step} (server program {version()}, desktop program {hello.version}).",
        )

    def _read(self, frames: list[zmq.Frame]) -> Question | None:
        address, *rest = (frame.bytes for frame in frames)
        ticket = rest[1] if len(rest) > 1 else b""
        who = str(frames[-1].get("User-Id"))
        if who not in {client.name for client in keys.list_clients(self._config.keys_dir)}:
            sentence = f"The key of {who} was revoked."
            step = "Ask for a new one: hydra-server keys make NAME."
            self._send(
                address, ticket, Refused(code="forbidden", sentence=sentence, next_step=step)
            )
            return None
        try:
            ticket, request = unpack_request(rest)
        except WireError as error:
            log.warning("%s sent what is no request: %s", who, error)
            sentence = "The server does not understand this request."
            step = "Desktop and server may be of different versions: compare them in Help."
            self._send(address, ticket, Refused(code="invalid", sentence=sentence, next_step=step))
            return None
        return Question(address, ticket, who, request)

    def _send(self, address: bytes, ticket: bytes, reply: Reply, *blobs: bytes) -> None:
        self.requests.send_multipart([address, *pack_reply(ticket, reply, *blobs)])
