"""Who may connect: answers ZeroMQ's authentication requests (ZAP, RFC 27) on a thread of its own."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import zmq
from zmq.utils import z85

from inference_server.protocol.keys import list_clients

log = logging.getLogger(__name__)

ENDPOINT = "inproc://zeromq.zap.01"
POLL_MS = 200


class Doorkeeper:
    """Lets known clients in. One for each ZeroMQ context; use it as a context manager.

    The directory of clients is read anew at each handshake, so a revoked key is refused at once.
    """

    def __init__(
        self, keys_dir: Path, context: zmq.Context[zmq.Socket[bytes]] | None = None
    ) -> None:
        self._keys_dir = keys_dir
        self._context = context or zmq.Context.instance()
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="doorkeeper", daemon=True)
        self.refusals = 0

    def __enter__(self) -> Doorkeeper:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with self._context.socket(zmq.REP) as socket:
            socket.linger = 0
            socket.bind(ENDPOINT)
            self._ready.set()
            while not self._stop.is_set():
                if socket.poll(POLL_MS):
                    socket.send_multipart(self._answer(socket.recv_multipart()))

    def _answer(self, request: list[bytes]) -> list[bytes]:
        version, number, _domain, address, _identity, mechanism, *credentials = request
        name = self._name(credentials[0]) if mechanism == b"CURVE" and credentials else ""
        if name:
            return [version, number, b"200", b"OK", name.encode(), b""]
        self.refusals += 1
        log.warning("refused a client from %s: its key is not known", address.decode())
        return [version, number, b"400", b"this key is not known", b"", b""]

    def _name(self, raw_key: bytes) -> str:
        public = z85.encode(raw_key).decode()
        return next((c.name for c in list_clients(self._keys_dir) if c.public_key == public), "")
