"""Free ports on loopback.

None of those that the system gives to outgoing connections (from 32768 on): a client that knocks at a server
which is just restarting would now and then get the server's own port, and be connected to itself.
"""

from __future__ import annotations

import random
import socket

FIRST, LAST = 15_000, 32_767


def free_ports(number: int) -> int:
    """The first of ``number`` consecutive free ports."""
    while True:
        first = random.randint(FIRST, LAST - number)
        if all(_is_free(first + n) for n in range(number)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
