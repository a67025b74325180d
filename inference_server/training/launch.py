"""Start the processes of a fine-tuning, hear what they say, and end them when a person wants it."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import msgspec

from inference_server.training import outcome, plan
from inference_server.training.plan import Moved, Plan
from inference_server.training.progress import LOOKED, Asked, Tell, Told, check

LOG = "tune.log"
LOOK_S = 0.2  # how soon a wish is heard
_ENDS = 0.97  # how far the whole training is when the passes are done

_lines: msgspec.json.Decoder[Moved] = msgspec.json.Decoder(Moved)


class TuneFailed(RuntimeError):
    """The fine-tuning broke off; the message says why, as far as it is known."""


def run(folder: Path, given: Plan, tell: Tell, asked: Asked) -> str:
    """Until the fine-tuning in ``folder`` ends, by itself or because it shall; why it ended.

    It is killed rather than asked: the best network so far is on disk at any moment, so nothing is
    gained by waiting. Raises Stopped, TuneFailed.
    """
    with (folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            _command(folder, given), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
            env=_environment(given), process_group=0,
        )  # fmt: skip
    try:
        ended = _follow(process, given, tell, asked)
    finally:
        _end(process)
    if ended:
        return ended
    if process.returncode:
        raise TuneFailed(_reason(folder, process.returncode))
    return "no more progress" if _passes(folder) < given.epochs else "all passes"


def _command(folder: Path, given: Plan) -> list[str]:
    """A plain process, or torchrun with one for each GPU."""
    module = ["-m", "inference_server.training.tune", str(folder)]
    count = processes(given)
    if count == 1:
        return [sys.executable, *module]
    together = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(count)]
    return [sys.executable, *together, *module]


def processes(given: Plan) -> int:
    """How many processes fine-tune together."""
    if given.device != "cuda":
        return 1
    import torch

    return max(1, torch.cuda.device_count())


def _environment(given: Plan) -> dict[str, str]:
    threads = str(max(1, given.threads // processes(given)))
    return os.environ | {
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        "OMP_WAIT_POLICY": "PASSIVE",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",  # what repeats itself on a GPU
    }


def _follow(process: subprocess.Popen[bytes], given: Plan, tell: Tell, asked: Asked) -> str:
    """Relay what it says; "stopped" when it shall end with what it has. Raises Stopped."""
    assert process.stdout is not None
    said: queue.SimpleQueue[Moved | None] = queue.SimpleQueue()
    reader = threading.Thread(
        target=_read, args=(process.stdout, said), name="tune-output", daemon=True
    )
    reader.start()
    while True:
        check(asked)
        if asked() == "keep":
            return outcome.STOPPED
        try:
            moved = said.get(timeout=LOOK_S)
        except queue.Empty:
            continue
        if moved is None:
            process.wait()
            return ""
        tell(_told(moved, given))


def _read(output: IO[bytes], said: queue.SimpleQueue[Moved | None]) -> None:
    for line in output:
        with contextlib.suppress(msgspec.MsgspecError):  # a library's own words on stdout
            said.put(_lines.decode(line))
    said.put(None)


def _told(moved: Moved, given: Plan) -> Told:
    done = len(moved.points)
    sentence = f"Pass {min(done + 1, given.epochs)} of at most {given.epochs}"
    if moved.points:
        best = min(moved.points, key=lambda point: point.validation_loss)
        sentence += f"; the best so far has {best.accuracy:.0%} of the validation pictures right"
    return Told(
        f"{sentence}.",
        LOOKED + (_ENDS - LOOKED) * moved.fraction,
        moved.seconds_left,
        moved.points,
        bool(done),
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """All of its group: torchrun's workers die with it, as each asked the kernel."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _reason(folder: Path, status: int) -> str:
    if status == -signal.SIGKILL:
        return (
            "The fine-tuning was killed, most likely because memory ran out. Choose a smaller input"
            " size or batch."
        )
    lines = (folder / LOG).read_text(errors="replace").strip().splitlines()
    last = lines[-1] if lines else f"status {status}"
    if "out of memory" in last:
        return (
            "The GPU's memory is too small for this. Choose a smaller input size, batch or network."
        )
    return f"The fine-tuning broke off: {last}"


def _passes(folder: Path) -> int:
    from inference_server.training import checkpoint

    path = folder / plan.LAST
    return checkpoint.state_of(path).epoch if path.exists() else 0
