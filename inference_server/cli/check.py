"""``hydra-server run --check``: what would stand in the way of a start, each with its next step."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from inference_server.cli.common import print_json
from inference_server.config import Config

LITTLE_GB = 2.0


def report(config: Config, *, as_json: bool = False) -> int:
    """Print a line for each thing looked at; 0 when nothing stands in the way, else 1."""
    findings = [*_directories(config), *_ports(config), *_database(config), *_keys(config)]
    if as_json:
        print_json([{"ok": well, "sentence": sentence} for well, sentence in findings])
    else:
        for well, sentence in findings:
            print(f"{'ok     ' if well else 'trouble'}  {sentence}")
    return 0 if all(well for well, _ in findings) else 1


def _directories(config: Config) -> Iterator[tuple[bool, str]]:
    held = _existing(config.data_dir)
    yield (
        os.access(held, os.W_OK),
        f"data directory {config.data_dir}: {_may(held, os.W_OK, 'written')}",
    )
    free_gb = shutil.disk_usage(held).free / 1e9
    yield free_gb > LITTLE_GB, f"{free_gb:.0f} GB are free for pictures"
    if not config.inboxes:
        yield True, "no inbox is set: only feeders elsewhere can bring pictures"
    for inbox in config.inboxes:
        wanted = os.R_OK | os.X_OK | (os.W_OK if inbox.remove else 0)
        word = "read and emptied" if inbox.remove else "read"
        there = inbox.path.is_dir()
        said = _may(inbox.path, wanted, word) if there else "is not there; make it, or correct path"
        yield there and os.access(inbox.path, wanted), f"inbox {inbox.path}: {said}"


def _ports(config: Config) -> Iterator[tuple[bool, str]]:
    host = "" if config.host == "*" else config.host
    for port, what in enumerate(("requests", "the feed", "remote feeders"), start=config.port):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                step = f"{error.strerror}; stop the other program, or set another port"
                yield False, f"port {port} for {what}: {step}"
            else:
                yield True, f"port {port} for {what} is free"


def _database(config: Config) -> Iterator[tuple[bool, str]]:
    from sqlalchemy import text

    from db import session

    try:
        engine = session.connect(config.database, answer_s=5)
        with session.transaction(session.sessions(engine)) as probe:
            probe.execute(text("SELECT 1"))
        engine.dispose()
    except session.DatabaseAway as error:
        yield False, f"database: {error}"
    else:
        yield True, f"the database answers ({engine.dialect.name})"


def _keys(config: Config) -> Iterator[tuple[bool, str]]:
    from inference_server.protocol import keys

    if not (config.keys_dir / keys.SERVER).exists():
        yield True, "the server's key will be made at the first start"
        return
    try:
        keys.server_keys(config.keys_dir)
    except keys.KeyTrouble as error:
        yield False, f"keys: {error}"
    else:
        count = len(keys.list_clients(config.keys_dir))
        yield True, f"the server's key is there, {count} clients may connect"


def _existing(path: Path) -> Path:
    """``path``, or the nearest directory above it that exists."""
    return next(each for each in (path, *path.resolve().parents) if each.exists())


def _may(path: Path, mode: int, word: str) -> str:
    return (
        f"can be {word}" if os.access(path, mode) else f"cannot be {word}; change its permissions"
    )
