"""One demo run: server, simulated detector, desktop; and the report that proves it."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from db import inferences, session
from inference_server import supervise
from inference_server.config import Config
from inference_server.demo.listener import Listener
from inference_server.demo.report import Drawn, Found, Report, judge, read_truth
from inference_server.protocol import keys
from inference_server.protocol.messages import Preparation
from inference_server.simulator import taught
from inference_server.supervise import Role, Supervisor

log = logging.getLogger(__name__)

FIRST_RUN = 92301
TRIES = 3  # of each process of the preparation
MOST_TEACHERS = 4  # more of them would wait for each other at the database
LATER = frozenset({"trainer", "explain"})  # their start would hold up the first models ...
LATER_S = 45.0  # ... but a part that has not been heard of for a minute counts as dead
DRAIN_S = 60.0  # patience for the last pictures
POLL_S = 0.2
SAMPLE_S = 1.0
TROUBLE = re.compile(r" (ERROR|CRITICAL) |Traceback|Segmentation fault")


class NotPrepared(RuntimeError):
    """The models of the demo could not be made; the message says where to look."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person asked for."""

    desktop: bool
    display: bool
    seconds: float | None
    rate: float
    seed: int
    labels: int  # pictures of each class to teach the heads with
    screenshot: Path


class Show:
    """Everything that runs; used by one thread."""

    def __init__(self, config: Config, wishes: Wishes, tell: Callable[[Preparation], None]) -> None:
        self._config = config
        self._wishes = wishes
        self._inbox = config.inboxes[0].path
        self._truth = config.data_dir / "truth.csv"
        self._supervisor = Supervisor(config)
        self._key_path = _key(config, "demo-desktop")
        self._listener = Listener(
            f"tcp://127.0.0.1:{config.port + 1}", keys.read_key_file(self._key_path), tell
        )
        self._rss_mb: list[float] = []
        self._sample_at = 0.0
        self._began: float | None = None  # when the first picture was there

    def run(self, stop: threading.Event, cores: int) -> Report:
        """Until the time is over, the window is closed, or ``stop``; then the report.

        Raises NotPrepared.
        """
        self._truth.unlink(missing_ok=True)
        log_sizes = _log_sizes(self._config)
        first, later = _by_need(supervise.roles(self._config, cores))
        desktop: subprocess.Popen[bytes] | None = None
        try:
            self._supervisor.start(first)
            self._listener.start()
            if self._wishes.desktop:
                desktop = self._open_desktop()
            self._prepare(stop, desktop, teachers(cores, self._wishes.labels), later)
            if not stop.is_set() and not _closed(desktop):
                self._watch(stop, desktop, until=self._time_over)
            self._supervisor.end("simulator")
            seconds = self._seconds()
            self._drain()
        finally:
            _close(desktop)
            self._listener.stop()
            self._supervisor.stop()
        return self._report(seconds, log_sizes)

    def _prepare(
        self,
        stop: threading.Event,
        desktop: subprocess.Popen[bytes] | None,
        jobs: Sequence[Role],
        later: Sequence[Role],
    ) -> None:
        """Returns when every plot type has a model, or nobody wants it any more; the feed begins with the first."""
        server = self._supervisor
        server.start(jobs)
        self._feed()
        patience = time.monotonic() + LATER_S

        def failed() -> list[str]:
            return [job.name for job in jobs if server.failures(job.name) >= TRIES]

        def over() -> bool:
            return all(server.finished(job.name) for job in jobs) or bool(failed())

        self._watch(stop, desktop, until=lambda: over() or time.monotonic() > patience)
        server.start(later)
        self._watch(stop, desktop, until=over)
        if names := failed():
            raise NotPrepared(
                f"The demo could not teach its models in {TRIES} tries;"
                f" {self._config.log_dir / names[0]}.log says why. Start it again when that is mended."
            )

    def _feed(self) -> None:
        # A new seed and run number for each start, so that no picture was ever seen before.
        run = max(FIRST_RUN, self._last_run() + 1)
        log.info("feeding %.1f pictures a second from run %d on", self._wishes.rate, run)
        arguments = (
            "simulator", "--rate", str(self._wishes.rate), "--seed", str(self._wishes.seed),
            "--run", str(run), "--truth", str(self._truth), "--out", str(self._inbox),
            "--taught", str(self._config.data_dir / taught.FOLDER),
        )  # fmt: skip
        self._supervisor.start([Role("simulator", arguments)])

    def _last_run(self) -> int:
        engine = session.connect(self._config.database)
        with session.sessions(engine)() as db:
            rows = inferences.newest(db)
        engine.dispose()
        return max((row.run for row in rows), default=0)

    def _time_over(self) -> bool:
        return self._wishes.seconds is not None and self._seconds() >= self._wishes.seconds

    def _seconds(self) -> float:
        """Since the first picture."""
        return 0.0 if self._began is None else time.monotonic() - self._began

    def _watch(
        self,
        stop: threading.Event,
        desktop: subprocess.Popen[bytes] | None,
        until: supervise.Condition,
    ) -> None:
        while not stop.wait(POLL_S) and not until() and not _closed(desktop):
            self._supervisor.check()
            self._sample()
            if self._began is None and self._truth.exists():
                self._began = time.monotonic()

    def _sample(self) -> None:
        if time.monotonic() < self._sample_at:
            return
        self._sample_at = time.monotonic() + SAMPLE_S
        total = 0
        for pid in self._supervisor.pids():
            with suppress(psutil.NoSuchProcess):
                total += psutil.Process(pid).memory_info().rss
        self._rss_mb.append(total / 1e6)

    def _drain(self) -> None:
        """Wait until the inbox is empty and the last verdict is some time ago."""
        deadline = time.monotonic() + DRAIN_S
        while time.monotonic() < deadline:
            self._supervisor.check()
            waiting = any(self._inbox.rglob("*.png"))
            if not waiting and time.monotonic() - self._listener.last_verdict > 1:
                return
            time.sleep(POLL_S)

    def _open_desktop(self) -> subprocess.Popen[bytes]:
        command = [
            sys.executable, "-m", "hydra_desktop", "--server", f"tcp://127.0.0.1:{self._config.port}",
            "--key", str(self._key_path), "--station", "demo-station",
        ]  # fmt: skip
        environment = dict(os.environ)
        if not self._wishes.display:
            environment["QT_QPA_PLATFORM"] = "offscreen"
            command += ["--print-verdicts", "--screenshot", str(self._wishes.screenshot)]
        return subprocess.Popen(command, env=environment)

    def _report(self, seconds: float, log_sizes: dict[Path, int]) -> Report:
        drawn = read_truth(self._truth) if self._truth.exists() else []
        return judge(
            drawn,
            _found(self._config, drawn),
            self._listener.latencies_ms,
            self._rss_mb,
            seconds,
            _errors(self._config, log_sizes),
        )


def teachers(cores: int, labels: int) -> tuple[Role, ...]:
    """Who teaches the models: a process of one thread on each core, since nothing is judged yet."""
    count = min(cores, MOST_TEACHERS)
    return tuple(
        Role(
            f"prepare-demo-{number}",
            ("prepare-demo", "--labels", str(labels), "--share", str(number), "--shares", str(count)),
            once=True,
        )
        for number in range(count)
    )  # fmt: skip


def _by_need(roles: Sequence[Role]) -> tuple[list[Role], list[Role]]:
    """Those that a verdict needs, and those that can start when the models are there."""
    first = [role for role in roles if role.name not in LATER]
    return first, [role for role in roles if role.name in LATER]


def _found(config: Config, drawn: list[Drawn]) -> list[Found]:
    if not drawn:
        return []
    runs = (min(each.run for each in drawn), max(each.run for each in drawn))
    engine = session.connect(config.database)
    with session.sessions(engine)() as db:
        found = [
            Found(each.plot_type, each.run, each.chunk, each.label)
            for each in inferences.export(db, run=runs)
        ]
    engine.dispose()
    return found


def _key(config: Config, name: str) -> Path:
    """The key file of the demo's own desktop, made at the first start."""
    path = config.keys_dir / f"{name}.hydra-key"
    if not path.exists():
        keys.make_client(config.keys_dir, name, path, f"tcp://127.0.0.1:{config.port}")
    return path


def _closed(desktop: subprocess.Popen[bytes] | None) -> bool:
    return desktop is not None and desktop.poll() is not None


def _close(desktop: subprocess.Popen[bytes] | None) -> None:
    if desktop is None or desktop.poll() is not None:
        return
    desktop.terminate()
    try:
        desktop.wait(10)
    except subprocess.TimeoutExpired:
        desktop.kill()
        desktop.wait()


def _log_sizes(config: Config) -> dict[Path, int]:
    return {path: path.stat().st_size for path in config.log_dir.glob("*.log")}


def _errors(config: Config, before: dict[Path, int]) -> int:
    """Lines of the logs, written since ``before``, that tell of an error."""
    count = 0
    for path in config.log_dir.glob("*.log"):
        with path.open(errors="replace") as file:
            file.seek(before.get(path, 0))
            count += sum(bool(TROUBLE.search(line)) for line in file)
    return count
