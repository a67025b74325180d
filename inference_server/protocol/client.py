"""A client's side of the link, without Qt: one question at a time, and the feed.

The desktop multiplexes many questions on threads of its own (``hydra_desktop/link``); this is for
programs that ask and wait: the demo, tests, scripts of a site.
"""

from __future__ import annotations

import contextlib
import time
from itertools import count

import zmq
from zmq.utils.monitor import recv_monitor_message

from inference_server.protocol.keys import KeyFile, secure_client
from inference_server.protocol.messages import GetSnapshot, News, Refused, Reply, Request, Snapshot
from inference_server.protocol.wire import TOPIC, pack_request, unpack_news, unpack_reply

NEWS = 10_000
BEAT_MS = 1000
REFUSALS = zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL


class Refusal(RuntimeError):
    """The server understood and said no; ``code`` for programs, the message for people."""

    def __init__(self, code: str, sentence: str, next_step: str = "") -> None:
        super().__init__(f"{sentence} {next_step}".strip())
        self.code = code


class LinkTimeout(RuntimeError):
    """Nobody answered in time: the server is down, busy, or elsewhere."""


class ControlClient:
    """Asks and waits. Used by one thread; a context manager."""

    def __init__(self, address: str, key: KeyFile) -> None:
        self._address = address
        self._tickets = count(1)
        self._refusal: Refusal | None = None
        self._socket = _prepared(zmq.DEALER, key)
        # Before connecting: a refusal comes once only, and soon.
        self._monitor = self._socket.get_monitor_socket(REFUSALS)
        self._socket.connect(address)
        self._poller = zmq.Poller()
        self._poller.register(self._socket, zmq.POLLIN)
        self._poller.register(self._monitor, zmq.POLLIN)

    def ask(self, request: Request, timeout_s: float = 5.0) -> tuple[Reply, list[bytes]]:
        """The answer and its blobs. Raises Refusal, LinkTimeout, WireError."""
        ticket = next(self._tickets)
        with contextlib.suppress(zmq.Again):  # a socket that was refused has nowhere to send to
            self._socket.send_multipart(pack_request(ticket, request), zmq.NOBLOCK)
        deadline = time.monotonic() + timeout_s
        while (left := deadline - time.monotonic()) > 0:
            if self._refusal is not None:
                raise self._refusal
            ready = dict(self._poller.poll(max(1, round(left * 1000))))
            if self._monitor in ready:
                self._refusal = self._read_refusal()
            if self._socket in ready:
                answered, reply, blobs = unpack_reply(self._socket.recv_multipart())
                if answered == ticket:
                    return _accepted(reply), blobs
        raise LinkTimeout(
            f"{self._address} did not answer within {timeout_s:.0f} s."
            " Check that the server runs and that the address is right."
        )

    def snapshot(self, timeout_s: float = 5.0) -> Snapshot:
        """Everything that the server shows now."""
        reply, _ = self.ask(GetSnapshot(), timeout_s)
        assert isinstance(reply, Snapshot)
        return reply

    def close(self) -> None:
        """Give the sockets back."""
        self._socket.disable_monitor()
        self._monitor.close(linger=0)
        self._socket.close(linger=0)

    def __enter__(self) -> ControlClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_refusal(self) -> Refusal:
        event = recv_monitor_message(self._monitor)["event"]
        if event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
            return Refusal(
                "forbidden",
                f"{self._address} does not know this key.",
                "Ask for a new one: hydra-server keys make NAME.",
            )
        return Refusal(
            "forbidden",
            f"{self._address} is no Hydra server, or has another server key.",
            "Use the key file that this server's keeper gave out.",
        )


class FeedClient:
    """Hears the news. Used by one thread; a context manager."""

    def __init__(self, address: str, key: KeyFile) -> None:
        self._socket = _prepared(zmq.SUB, key)
        self._socket.subscribe(TOPIC)
        self._socket.connect(address)

    def receive(self, timeout_s: float) -> tuple[str, int, News, bytes] | None:
        """Session, sequence, news, blob; None where nothing came. Raises WireError.

        Sequences of one session follow each other without a gap: after one, ask for a snapshot.
        """
        if not self._socket.poll(round(timeout_s * 1000)):
            return None
        return unpack_news(self._socket.recv_multipart())

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close(linger=0)

    def __enter__(self) -> FeedClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _accepted(reply: Reply) -> Reply:
    if isinstance(reply, Refused):
        raise Refusal(reply.code, reply.sentence, reply.next_step)
    return reply


def _prepared(kind: int, key: KeyFile) -> zmq.Socket[bytes]:
    socket: zmq.Socket[bytes] = zmq.Context.instance().socket(kind)
    socket.set_hwm(NEWS)
    socket.heartbeat_ivl, socket.heartbeat_timeout = BEAT_MS, 4 * BEAT_MS
    socket.linger = 0
    secure_client(socket, key)
    return socket
