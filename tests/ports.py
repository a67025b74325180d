"""Free ports on loopback."""

from __future__ import annotations

import socket


def free_ports(number: int) -> int:
    """The first of ``number`` consecutive free ports."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first: int = probe.getsockname()[1]
        if first + number < 65_535 and all(_is_free(first + n) for n in range(number)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
