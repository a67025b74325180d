"""The desktop's sockets: queue sizes, signs of life, encryption."""

from __future__ import annotations

import re
from pathlib import Path

import zmq

from inference_server.protocol.keys import read_key_file, secure_client


def prepared(kind: int, key: str) -> zmq.Socket[bytes]:
    """A socket to be connected, encrypted when there is a ``key`` file.

    Raises KeyTrouble (the file), zmq.ZMQError (a key in the file is none).
    """
    file = read_key_file(Path(key)) if key else None
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context.instance()
    socket = context.socket(kind)
    socket.linger = 0
    socket.set_hwm(10_000)
    socket.heartbeat_ivl, socket.heartbeat_timeout = 1000, 4000
    socket.reconnect_ivl, socket.reconnect_ivl_max = 200, 2000
    # Questions go to a server that is there, and do not pile up for one that is not.
    socket.immediate = kind == zmq.DEALER
    if file is not None:
        try:
            secure_client(socket, file)
        except zmq.ZMQError:
            socket.close()
            raise
    return socket


def feed_address(address: str, port: int) -> str:
    """The address of the feed: the same host, the port that the server named or else the next."""
    match = re.fullmatch(r"(.+):(\d+)", address)
    if match is None:
        return address
    return f"{match[1]}:{port or int(match[2]) + 1}"
