"""Tries the built desktop: ``python -m tests.package [EXECUTABLE]`` (``make package`` builds it first).

Starts a real server, connects the executable to it offscreen and, where Xvfb is there, in a real
window, drops a picture, and waits for its verdict to be printed. Nothing of torch, of the database or
of the server may be inside.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from inference_server.protocol import keys
from tests.server.live import LiveServer, live
from tests.server.pictures import plot

EXECUTABLE = Path("dist/hydra-desktop/hydra-desktop")
FORBIDDEN = ("torch", "sqlalchemy", "alembic", "pymysql", "cv2", "onnxruntime", "timm", "captum")
KEY = "package-test.hydra-key"
PATIENCE_S = 60


class Broken(RuntimeError):
    """The executable does not do what it should."""


def check_contents(executable: Path) -> None:
    """Raises Broken when it carries something heavy or lacks its resources."""
    inside = executable.parent / "_internal"
    found = [name for name in FORBIDDEN if any(inside.glob(f"{name}*"))]
    if found:
        raise Broken(f"{executable} carries {', '.join(found)}")
    if not (inside / "resources" / "icons" / "hydra.svg").exists():
        raise Broken(f"{executable} lacks its icons")


def see_verdict(executable: Path, server: LiveServer, folder: Path, display: str | None) -> str:
    """What the executable prints of pictures dropped while it runs. Raises Broken."""
    where = "window" if display else "offscreen"
    screenshot = folder / f"{where}.png"
    command = [
        str(executable), "--key", str(folder / KEY), "--station", "package-test",
        "--print-verdicts", "--exit-after-verdicts", "1", "--screenshot", str(screenshot),
    ]  # fmt: skip
    environment = {k: v for k, v in os.environ.items() if k != "QT_QPA_PLATFORM"}
    environment |= {"DISPLAY": display} if display else {"QT_QPA_PLATFORM": "offscreen"}
    environment |= {"XDG_CONFIG_HOME": str(folder / where)}
    program = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    out, err = _feed_until_it_ends(program, server)
    if program.returncode or "CDC_occupancy" not in out:
        raise Broken(f"exit status {program.returncode} ({where})\n{out}\n{err}")
    if not screenshot.read_bytes().startswith(b"\x89PNG"):
        raise Broken("no screenshot was kept")
    return out.strip()


def _feed_until_it_ends(program: subprocess.Popen[str], server: LiveServer) -> tuple[str, str]:
    """A picture a second: which is the first that it hears of depends on how fast it starts."""
    for chunk in range(1, PATIENCE_S):
        server.put(f"Run090001/CDC_occupancy_{chunk:04d}.png", plot("Good", time.time_ns()))
        try:
            return program.communicate(timeout=1)
        except subprocess.TimeoutExpired:
            continue
    program.kill()
    return program.communicate()


@contextmanager
def virtual_screen() -> Iterator[str]:
    """An X server without a screen; gives its DISPLAY. Raises FileNotFoundError: no Xvfb here."""
    reading, writing = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=(writing,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    try:
        with os.fdopen(reading) as number:
            yield f":{number.readline().strip()}"
    finally:
        screen.terminate()
        screen.wait()


def check(executable: Path) -> list[str]:
    """All of it; returns what the executable printed. Raises Broken."""
    check_contents(executable)
    with tempfile.TemporaryDirectory(prefix="hydra-package-") as name:
        folder = Path(name)
        with live(folder) as (server, _):
            address = f"tcp://127.0.0.1:{server.config.port}"
            keys.make_client(server.config.keys_dir, "package-test", folder / KEY, address)
            said = [see_verdict(executable, server, folder, None)]
            if shutil.which("Xvfb"):
                with virtual_screen() as display:
                    said.append(see_verdict(executable, server, folder, display))
            else:
                print("Xvfb is not installed: only tried offscreen.", file=sys.stderr)
    return said


def main(arguments: Sequence[str]) -> int:
    executable = Path(arguments[0]) if arguments else EXECUTABLE
    for line in check(executable.resolve()):
        print(line)
    print(f"{executable} works.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
