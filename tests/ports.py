"""Free ports on loopback.

None of those that the system gives to outgoing connections (from 32768 on): a client that knocks at a server
which is just restarting would now and then get the server's own port, and be connected to itself.
"""

from __future__ import annotations

import random
import socket
from functools import cache

FIRST, LAST, BLOCK = 15_000, 32_767, 500


def free_ports(number: int) -> int:
    """The first of ``number`` consecutive free ports; none was given before, for as long as there are others."""
    block = _own_block()
    while True:
        first = block.next
        block.next += number
        if block.next > block.first + BLOCK:
            block.next = block.first
        elif all(_is_free(first + n) for n in range(number)):
            return first


class _Block:
    """Ports of one process: a free port may stay unbound for seconds, and other tests run beside."""

    def __init__(self, first: int, owner: socket.socket) -> None:
        self.first = self.next = first
        self._owner = owner  # its name is taken until the process ends


@cache
def _own_block() -> _Block:
    starts = range(FIRST, LAST - BLOCK, BLOCK)
    for first in random.sample(starts, len(starts)):
        owner = socket.socket(socket.AF_UNIX)
        try:
            owner.bind(f"\0hydra-tests-ports-{first}")
        except OSError:
            owner.close()
        else:
            return _Block(first, owner)
    raise RuntimeError(f"{len(starts)} other test runs use all ports; end some of them.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
