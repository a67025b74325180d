"""A whole server in processes of its own, as ``hydra-server run`` starts it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from inference_server.protocol import keys
from tests.ports import free_ports

PATIENCE_S = 90.0


@dataclass(frozen=True)
class LiveServer:
    """Where it listens, what it watches, and a key that opens it."""

    address: str
    inbox: Path
    key: Path
    data_dir: Path
    process: subprocess.Popen[bytes]


@contextmanager
def live_server(folder: Path, settings: str = "") -> Iterator[LiveServer]:
    """Started in ``folder`` on SQLite; ended by its process id. ``settings``: more lines of TOML."""
    port = free_ports(3)
    inbox, data_dir = folder / "inbox", folder / "data"
    inbox.mkdir(parents=True)
    file = folder / "hydra.toml"
    file.write_text(
        f'data_dir = "{data_dir}"\nport = {port}\n{settings}\n'
        f'[[inboxes]]\npath = "{inbox}"\nrescan_s = 0.5\n'
    )
    address = f"tcp://127.0.0.1:{port}"
    key = folder / "station.hydra-key"
    keys.make_client(data_dir / "keys", "station", key, address)
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "inference_server", "run", "--config", str(file)],
        stdout=log,
        stderr=log,
        env=os.environ | {"XDG_RUNTIME_DIR": str(folder / "run")},
    )
    try:
        yield LiveServer(address, inbox, key, data_dir, process)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        log.close()


def put(inbox: Path, name: str, picture: bytes) -> None:
    """Write a picture as producers should: under a dot-name, then renamed."""
    path = inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}")
    unfinished.write_bytes(picture)
    unfinished.rename(path)


def until(condition, patience_s: float = PATIENCE_S, what: str = "") -> None:
    """Wait for ``condition``; fails when it does not come true in time."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {patience_s:.0f} s in vain {what}"
        threading.Event().wait(0.05)
