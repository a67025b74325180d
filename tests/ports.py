"""Free ports on loopback, from a range of this process's own where several test at once."""

from __future__ import annotations

import os
import socket
from itertools import cycle

_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_FIRST, _EACH = 20_000, 1_500  # below the ports that the system gives to clients
_next = cycle(range(_FIRST + _WORKER * _EACH, _FIRST + (_WORKER + 1) * _EACH))


def free_ports(number: int) -> int:
    """The first of ``number`` consecutive free ports; given out once in a round."""
    while True:
        first = next(_next)
        for _ in range(number - 1):
            next(_next)
        if all(_is_free(first + n) for n in range(number)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
