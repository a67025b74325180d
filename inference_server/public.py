"""Doors to the network: encrypted sockets that only clients with a known key pass."""

from __future__ import annotations

import zmq

from inference_server.protocol import keys
from inference_server.sockets import public


class PortTaken(RuntimeError):
    """Another program listens on our port."""


def opened(
    kind: int,
    ours: keys.Pair,
    host: str,
    port: int,
    context: zmq.Context[zmq.Socket[bytes]] | None = None,
) -> zmq.Socket[bytes]:
    """A socket bound to tcp://host:port; its context needs a Doorkeeper. Raises PortTaken."""
    socket = public(kind, context)
    keys.secure_server(socket, ours)
    try:
        socket.bind(f"tcp://{host}:{port}")
    except zmq.ZMQError as error:
        socket.close()
        raise PortTaken(
            f"tcp port {port} on {host} cannot be used: {error.strerror}."
            " Stop the other program, or set another port."
        ) from error
    return socket
