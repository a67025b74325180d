"""Start the roles of a server as processes, watch them, restart the dead, stop them in order."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeAlias

from inference_server import config as settings
from inference_server.config import Config

log = logging.getLogger(__name__)

Condition: TypeAlias = Callable[[], bool]

FIRST_PAUSE_S = 0.2  # before the first restart; doubled each time up to the longest
LONGEST_PAUSE_S = 10.0
STEADY_S = 60.0  # a role that lived this long starts again with the first pause
STOP_S = 7.0  # patience after SIGTERM at each stage: a service manager waits for half a minute
# What ends by itself once nothing works any more: who hands out, who keeps, and the public face last.
LAST = ("balancer", "keeper", "gateway")
LOG_LIMIT_BYTES = 10_000_000


class AlreadyRunning(RuntimeError):
    """Another server uses this data directory."""


@dataclass(frozen=True, slots=True)
class Role:
    """One process: ``arguments`` follow ``python -m inference_server role``."""

    name: str  # "predict-0"
    arguments: tuple[str, ...]
    once: bool = False  # a job that ends by itself, and is not started again when it ended well


@dataclass(frozen=True, slots=True)
class Threads:
    """How many computing threads each kind of process gets; their sum never passes the cores."""

    predict: int  # for each predict worker
    trainer: int
    explain: int  # 0: none of its own, it takes turns with the trainer


def hand_out_threads(cores: int, workers: int) -> Threads:
    """Share ``cores`` between the predict workers, the trainer and explain.

    Two processes with two threads each on two cores can run fifty times slower than one, so the
    trainer gets a share of its own even while it idles, a quarter of the machine and at least one
    thread. Explain gets one where three are left over, else it computes while the trainer does not.
    On a single core there is nothing left to share: each gets one thread.
    """
    explain = int(cores >= workers + 2)
    trainer = max(1, min(cores // 4, cores - workers - explain))
    left = cores - trainer - explain
    return Threads(predict=max(1, left // max(1, workers)), trainer=trainer, explain=explain)


def roles(config: Config, cores: int) -> tuple[Role, ...]:
    """All roles of a server on one machine, in the order in which they start."""
    threads = hand_out_threads(cores, config.predict_workers)
    trainer = Role("trainer", ("trainer", "--threads", str(threads.trainer)))
    explain = Role("explain", ("explain", "--threads", str(threads.explain)))
    predict = tuple(
        Role(
            f"predict-{n}", ("predict", "--name", f"predict-{n}", "--threads", str(threads.predict))
        )
        for n in range(config.predict_workers)
    )
    feeder = (Role("feeder", ("feeder", "--name", "feeder")),) if config.inboxes else ()
    return (Role("gateway", ("gateway",)), Role("keeper", ("keeper",)), Role("balancer", ("balancer",)),
            *predict, trainer, explain, *feeder)  # fmt: skip


@contextlib.contextmanager
def only_one(config: Config) -> Iterator[None]:
    """Hold the data directory for this process. Raises AlreadyRunning."""
    config.data_dir.mkdir(parents=True, exist_ok=True)
    with (config.data_dir / "server.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(
                f"A Hydra server already runs on {config.data_dir}. Stop it first, or choose another data_dir."
            ) from error
        yield


@dataclass(slots=True)
class _Child:
    role: Role
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE_S
    due: float = 0.0
    finished: bool = False
    failures: int = 0


@dataclass(slots=True)
class Supervisor:
    """Keeps a set of roles alive until ``stop``; used by one thread."""

    config: Config
    children: list[_Child] = field(default_factory=list)

    def start(self, roles: Sequence[Role]) -> None:
        """Start ``roles``, in order."""
        self._write_config()
        for role in roles:
            child = _Child(role)
            self.children.append(child)
            self._launch(child)

    def watch(self, stop: threading.Event, poll_s: float = 0.2) -> None:
        """Restart what dies, until ``stop`` is set."""
        while not stop.wait(poll_s):
            self.check()

    def check(self) -> None:
        """One look at every child."""
        now = time.monotonic()
        for child in self.children:
            if child.finished:
                continue
            if child.process is None:
                if now >= child.due:
                    self._launch(child)
            elif (status := child.process.poll()) is not None:
                self._ended(child, status, now)

    def pids(self) -> list[int]:
        """Process ids of the roles that run."""
        return [child.process.pid for child in self.children if child.process is not None]

    def finished(self, name: str) -> bool:
        """Whether a job that runs once has ended well."""
        return any(child.finished for child in self.children if child.role.name == name)

    def failures(self, name: str) -> int:
        """How many times a role has ended by itself, and not well."""
        return sum(child.failures for child in self.children if child.role.name == name)

    def end(self, name: str) -> None:
        """End one role for good."""
        for child in [child for child in self.children if child.role.name == name]:
            self.children.remove(child)
            _end([child])

    def stop(self) -> None:
        """End every role: those that make or do work together, then one after the other of the last."""
        for stage in stages([child.role for child in self.children]):
            _end([child for child in self.children if child.role in stage])

    def _ended(self, child: _Child, status: int, now: float) -> None:
        child.process = None
        if child.role.once and status == 0:
            child.finished = True
            return
        child.failures += 1
        if now - child.started > STEADY_S:
            child.pause = FIRST_PAUSE_S
        child.due = now + child.pause
        log.warning(
            "%s ended with status %s; it starts again in %.1f s (see %s)",
            child.role.name, status, child.pause, self._log_path(child.role),
        )  # fmt: skip
        child.pause = min(2 * child.pause, LONGEST_PAUSE_S)

    def _launch(self, child: _Child) -> None:
        with self._log_file(child.role) as output:
            child.process = subprocess.Popen(
                [sys.executable, "-m", "inference_server", "role", *child.role.arguments,
                 "--effective", str(self._config_path)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"},
            )  # fmt: skip
        child.started = time.monotonic()

    @property
    def _config_path(self) -> Path:
        return self.config.run_dir / "config.json"

    def _write_config(self) -> None:
        """The settings in force, flags included, for the roles; private, for the database URL's sake."""
        self.config.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self._config_path, "wb", opener=_private) as file:
            file.write(settings.dump(self.config))

    def _log_path(self, role: Role) -> Path:
        return self.config.log_dir / f"{role.name}.log"

    def _log_file(self, role: Role) -> IO[bytes]:
        path = self._log_path(role)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab")


def stages(roles: Sequence[Role]) -> list[list[Role]]:
    """Who ends together, in the order of ending."""
    first = [role for role in roles if role.arguments[0] not in LAST]
    rest = [[role for role in roles if role.arguments[0] == kind] for kind in LAST]
    return [first, *rest]


def _end(children: Sequence[_Child]) -> None:
    """Ask all of them to stop, then wait; on a busy machine their ends take as long as the longest."""
    living = [
        (child.role, child.process)
        for child in children
        if child.process is not None and child.process.poll() is None
    ]
    for _, process in living:
        process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_S
    for role, process in living:
        _wait(role, process, deadline)


def _wait(role: Role, process: subprocess.Popen[bytes], deadline: float) -> None:
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        log.warning("%s did not stop within %.0f s; it is killed", role.name, STOP_S)
        process.kill()
        process.wait()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
