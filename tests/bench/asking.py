"""A gateway on a database that a bench has filled, asked as a desktop asks it."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from inference_server import config as settings
from inference_server.config import Config
from inference_server.gateway import service
from inference_server.protocol import keys
from inference_server.protocol import messages as m
from inference_server.protocol.client import ControlClient
from tests.ports import free_ports

Ask: TypeAlias = Callable[[m.Request], m.Reply]


@contextmanager
def gateway(
    url: str, *, patience_s: float = 60.0, prepare: Callable[[Config], None] = lambda _config: None
) -> Iterator[Ask]:
    """Ask a gateway on the database at ``url``. ``prepare``: what its data directory has to hold."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as pool:
        config = settings.load(
            None, {"data_dir": folder, "port": free_ports(2), "database_url": url}
        )
        prepare(config)
        keys.server_keys(config.keys_dir)
        key = keys.make_client(config.keys_dir, "bench", Path(folder, "key"), "")
        stop = threading.Event()
        role = pool.submit(service.run, config, stop)
        with ControlClient(f"tcp://127.0.0.1:{config.port}", key) as client:
            try:
                client.ask(m.Hello(client="bench", version="0"), 60.0)
                yield lambda request: client.ask(request, patience_s)[0]
            finally:
                stop.set()
                role.result()
