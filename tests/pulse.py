"""A private PulseAudio with one null sink whose monitor can be recorded: a loudspeaker for tests."""

from __future__ import annotations

import array
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RATE = 22_050
LOUD = 300  # of 32,767
QUIET = RATE // 2  # samples; longer than the pauses within a sound
PATIENCE_S = 20.0
NEEDED = ("pulseaudio", "pactl", "parec")


def missing() -> list[str]:
    """Programs that this machine lacks."""
    return [name for name in NEEDED if shutil.which(name) is None]


class Pulse:
    """Started by ``start``, ended by its id."""

    def __init__(self) -> None:
        self._folder = Path(
            tempfile.mkdtemp(prefix="hydra-pulse-", dir="/tmp")
        )  # a socket's path is short
        self.server = f"unix:{self._folder / 'native'}"
        self.environment = {
            **os.environ,
            "HOME": str(self._folder),
            "XDG_RUNTIME_DIR": str(self._folder),
            "PULSE_RUNTIME_PATH": str(self._folder / "pulse"),
            "PULSE_SERVER": self.server,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers."""
        command = [
            "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
            "--disallow-exit=yes", "--log-target=stderr",
            f"--load=module-native-protocol-unix socket={self._folder / 'native'} auth-anonymous=1",
            f"--load=module-null-sink sink_name=hydra rate={RATE} channels=1",
        ]  # fmt: skip
        environment = {k: v for k, v in self.environment.items() if k != "PULSE_SERVER"}
        self._process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for _ in range(600):
            if self._answers():
                return
            if self._process.poll() is not None:
                break
        assert self._process.stderr is not None
        raise RuntimeError(f"PulseAudio does not start: {self._process.stderr.read().decode()}")

    def stop(self) -> None:
        """End it, and take its directory away."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate(timeout=20)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        told = subprocess.run(
            ["pactl", "info"], env=self.environment, capture_output=True, timeout=20
        )
        return told.returncode == 0

    @contextmanager
    def recording(self) -> Iterator[Recorder]:
        """What is heard meanwhile."""
        recorder = Recorder(self.environment)
        try:
            yield recorder
            recorder.wait_for_quiet()
        finally:
            recorder.stop()


class Recorder:
    """Reads the monitor of the null sink on a thread."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [
                "parec", "--device=hydra.monitor", f"--rate={RATE}", "--channels=1",
                "--format=s16le", "--latency-msec=20",
            ],
            env=environment,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        self._heard = bytearray()
        self._began = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        if not self._began.wait(PATIENCE_S):  # a monitor tells its silence too
            self.stop()
            raise RuntimeError("The monitor of the null sink says nothing.")

    @property
    def samples(self) -> list[int]:
        """16-bit samples so far."""
        values = array.array("h")
        values.frombytes(bytes(self._heard[: len(self._heard) // 2 * 2]))
        return values.tolist()

    def wait_for_quiet(self) -> None:
        """What was played may still be on its way."""
        deadline = time.monotonic() + PATIENCE_S
        first = len(self.samples)
        while time.monotonic() < deadline:
            samples = self.samples
            if len(samples) - first >= QUIET and max(map(abs, samples[-QUIET:])) <= LOUD:
                return
            threading.Event().wait(0.05)

    def stop(self) -> None:
        """End the recording."""
        self._process.terminate()
        self._process.wait(20)
        self._thread.join(20)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while chunk := self._process.stdout.read1(4096):
            self._heard += chunk
            self._began.set()


def tones(
    samples: list[int], window_s: float = 0.01, gap_s: float = 0.05
) -> list[tuple[float, float]]:
    """Start and length (s) of each stretch of sound; quiet of less than ``gap_s`` does not part them."""
    width = round(RATE * window_s)
    loud = [
        max(abs(value) for value in samples[at : at + width]) > LOUD
        for at in range(0, len(samples) - width, width)
    ]
    found: list[tuple[float, float]] = []
    for number, sounding in enumerate(loud):
        if not sounding:
            continue
        at = number * window_s
        if found and at - sum(found[-1]) < gap_s:
            found[-1] = (found[-1][0], at + window_s - found[-1][0])
        else:
            found.append((at, window_s))
    return found
