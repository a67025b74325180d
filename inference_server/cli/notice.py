"""What a command tells the server that runs on the same data directory, where there is one."""

from __future__ import annotations

import zmq

from inference_server.config import Config
from inference_server.protocol.messages import Message
from inference_server.protocol.wire import pack
from inference_server.sockets import connected

PATIENCE_MS = 1000


def tell_server(config: Config, *messages: Message) -> bool:
    """Say ``messages`` on the bus; whether a server heard them."""
    # An XPUB hears who subscribes. A plain PUB that has just connected would speak to nobody.
    with connected(config, zmq.XPUB, "bus", linger_ms=PATIENCE_MS) as socket:
        if not socket.poll(PATIENCE_MS):
            return False
        for message in messages:
            socket.send_multipart(pack(message))
        return True
