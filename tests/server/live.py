"""A real server for tests: its own processes on a directory of its own, fed through its inbox."""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from db import inferences
from db import session as database
from db.values import Inference
from inference_server import config as settings
from inference_server.config import Config
from inference_server.keeper.journal import Journal
from inference_server.protocol import keys
from inference_server.protocol.client import FeedClient
from inference_server.protocol.messages import Component, ComponentsChanged, Judged, Verdict
from tests.ports import free_ports

PATIENCE_S = 90.0
# Small and without an export, so that a server is ready in the seconds that importing torch takes.
QUICK = 'name = "efficientnet_lite0"\nsize = 64\ndevice = "cpu"\nruntime = "torch"\n'


class LiveServer:
    """``hydra-server run`` with its settings in ``folder``; ends with the context."""

    def __init__(self, folder: Path, *, backbone: str = QUICK, database_url: str = "") -> None:
        self.inbox = folder / "inbox"
        self._file = folder / "hydra.toml"
        self._file.write_text(
            f'data_dir = "{folder / "data"}"\nport = {free_ports(3)}\n'
            f'database_url = "{database_url}"\ncollect_fraction = 0.0\n'
            f'[[inboxes]]\npath = "{self.inbox}"\nrescan_s = 1.0\n[backbone]\n{backbone}'
        )
        self.config: Config = settings.load(self._file)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; ``Listening.ready`` says when it judges."""
        log = (self._file.parent / "supervisor.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "inference_server", "run", "--config", str(self._file)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def roles(self) -> dict[str, psutil.Process]:
        """The processes that live now, by the first word after ``role`` ("predict", "keeper", ...)."""
        found = {}
        assert self._process is not None
        for child in psutil.Process(self._process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess, ValueError):
                words = child.cmdline()
                found[words[words.index("role") + 1]] = child
        return found

    def kill(self) -> None:
        """``kill -9`` the server; returns when all of its processes are gone."""
        assert self._process is not None
        roles = list(self.roles().values())
        self._process.kill()
        self._process.wait()
        _, alive = psutil.wait_procs(roles, PATIENCE_S)
        assert not alive, "roles outlive their supervisor"
        self._process = None

    def stop(self) -> None:
        """End it the polite way, if it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_S)
            self._process = None

    def put(self, name: str, data: bytes) -> None:
        """Write a picture beside its place and rename it there, as careful producers do."""
        place = self.inbox / name
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(f".{place.name}")
        part.write_bytes(data)
        part.rename(place)

    def left(self) -> list[Path]:
        """Pictures that are still in the inbox."""
        return [path for path in self.inbox.rglob("*") if path.is_file()]

    def quarantined(self) -> list[Path]:
        """Files that were set aside."""
        return [path for path in self.config.quarantine_dir.rglob("*") if path.is_file()]

    def verdicts(self) -> list[Inference]:
        """What the database holds; nothing while it is away."""
        engine = database.connect(self.config.database, answer_s=5)
        try:
            with database.transaction(database.sessions(engine)) as session:
                return list(inferences.export(session))
        except database.DatabaseAway:
            return []
        finally:
            engine.dispose()

    def journalled(self) -> bool:
        """Whether verdicts wait for the database."""
        with contextlib.closing(Journal(self.config.journal_dir)) as journal:
            return not journal.is_empty()


class Listening:
    """Hears the feed as a desktop does, on a thread of its own."""

    def __init__(self, config: Config, key: keys.KeyFile) -> None:
        self.verdicts: list[Verdict] = []
        self.heard_at: list[float] = []  # seconds since 1970, one for each verdict
        self.states: dict[str, str] = {}
        self.parts: dict[str, Component] = {}
        self._address, self._key = f"tcp://127.0.0.1:{config.port + 1}", key
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listening")
        self._thread.start()

    def ready(self) -> bool:
        """Whether a worker judges and the feeder watches."""
        return self.states.get("predict-0") == self.states.get("feeder") == "running"

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with FeedClient(self._address, self._key) as feed:
            while not self._stop.is_set():
                if (item := feed.receive(0.1)) is None:
                    continue
                if isinstance(item[2], Judged):
                    self.heard_at.append(time.time())
                    self.verdicts.append(item[2].verdict)
                elif isinstance(item[2], ComponentsChanged):
                    self.parts = {each.name: each for each in item[2].components}
                    self.states = {each.name: each.state for each in item[2].components}


@contextlib.contextmanager
def live(folder: Path, **changes: str) -> Iterator[tuple[LiveServer, Listening]]:
    """A server that judges, and somebody who hears it."""
    server = LiveServer(folder, **changes)
    keys.server_keys(server.config.keys_dir)
    name = secrets.token_hex(4)
    key = keys.make_client(server.config.keys_dir, name, folder / f"{name}.key", "")
    server.start()
    with contextlib.closing(Listening(server.config, key)) as heard:
        try:
            until(heard.ready)
            yield server, heard
        finally:
            server.stop()


def ready(port: int) -> tuple[int, dict[str, Any]]:
    """The answer of ``/readyz``: the status and the checks."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())
    except urllib.error.URLError:  # it does not listen yet, or no more
        return 0, {}


def until(condition: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Wait for a condition. Raises AssertionError when it does not come."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        threading.Event().wait(0.02)
