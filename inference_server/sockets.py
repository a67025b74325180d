"""How the roles open ZeroMQ sockets: one policy, written once."""

from __future__ import annotations

import zmq
from zmq.utils.monitor import recv_monitor_message

from inference_server.config import Config

WORK = 16  # messages waiting per link; few, so that a slow role is felt upstream at once
NEWS = 10_000  # a PUB socket drops what does not fit, so it must swallow any burst
BEAT_MS = 2000
NEW = int(zmq.EVENT_HANDSHAKE_SUCCEEDED)
# A server that does not know our key says so; one with another key just hangs up.
REFUSED = int(zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL)


def bound(
    config: Config, kind: int, name: str, *, linger_ms: int = 0, hwm: int | None = None
) -> zmq.Socket[bytes]:
    """A socket bound to the internal address ``name`` (see ``Config.ipc``)."""
    config.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket = _socket(kind, linger_ms, hwm)
    socket.bind(config.ipc(name))
    return socket


def connected(
    config: Config, kind: int, name: str, *, linger_ms: int = 0, hwm: int | None = None
) -> zmq.Socket[bytes]:
    """A socket connected to the internal address ``name``; it waits for the other side."""
    config.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket = _socket(kind, linger_ms, hwm)
    socket.connect(config.ipc(name))
    return socket


def watched(
    config: Config, kind: int, name: str, *, hwm: int | None = None
) -> tuple[zmq.Socket[bytes], zmq.Socket[bytes]]:
    """A connected socket, and one on which ``linked`` tells each time that the other side is there.

    The second is made first: a connection on one machine is often there before the next statement.
    Both are closed with ``unwatch``.
    """
    config.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket = _socket(kind, 0, hwm)
    return socket, watch(socket, config.ipc(name))


def dealer() -> zmq.Socket[bytes]:
    """A DEALER socket that is not yet connected, so that it can be secured first."""
    return _socket(zmq.DEALER, 0)


def watch(socket: zmq.Socket[bytes], address: str) -> zmq.Socket[bytes]:
    """Connect ``socket``; ``happened`` reads from the socket that this returns."""
    monitor = socket.get_monitor_socket(NEW | REFUSED)
    socket.connect(address)
    return monitor


def happened(monitor: zmq.Socket[bytes]) -> int:
    """What became of the connection since the last call: NEW and bits of REFUSED, joined."""
    events = 0
    while monitor.poll(0):
        events |= int(recv_monitor_message(monitor)["event"])
    return events


def linked(monitor: zmq.Socket[bytes]) -> bool:
    """Whether the connection was made, once or more, since the last call."""
    return bool(happened(monitor) & NEW)


def unwatch(socket: zmq.Socket[bytes], monitor: zmq.Socket[bytes]) -> None:
    """Close what ``watched`` gave."""
    socket.disable_monitor()
    monitor.close()
    socket.close()


def public(kind: int, context: zmq.Context[zmq.Socket[bytes]] | None = None) -> zmq.Socket[bytes]:
    """A socket that faces the network; not yet bound, so that it can be secured first.

    A slow client must not hold up the others: what it does not take is dropped for it alone.
    """
    return _socket(kind, 0, NEWS, context)


def _socket(
    kind: int,
    linger_ms: int,
    hwm: int | None = None,
    context: zmq.Context[zmq.Socket[bytes]] | None = None,
) -> zmq.Socket[bytes]:
    socket: zmq.Socket[bytes] = (context or zmq.Context.instance()).socket(kind)
    usual = NEWS if kind in {zmq.PUB, zmq.SUB} else WORK
    socket.set_hwm(usual if hwm is None else hwm)
    socket.heartbeat_ivl = (
        BEAT_MS  # ZeroMQ's own: notices a peer that is gone, needs no code of ours
    )
    socket.heartbeat_timeout = 3 * BEAT_MS
    socket.linger = linger_ms
    return socket
