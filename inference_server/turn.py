"""Whose turn it is to compute, where trainer and explain have one core between them."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from inference_server.config import Config


@contextmanager
def turn(config: Config) -> Iterator[None]:
    """Wait until nobody else of this server holds it, then hold it; a dead holder lets go by itself."""
    config.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (config.run_dir / "computing.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
