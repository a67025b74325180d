"""The program from its command line, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from desktop_factory import kind, png, verdict
from desktop_server import SmallServer

from hydra_desktop import __version__
from hydra_desktop.__main__ import line
from hydra_desktop.settings import Memory, Options, address, parse
from inference_server.protocol.keys import make_client
from inference_server.protocol.messages import Judged, Refused, Snapshot


def start(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "hydra_desktop", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def end(program: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = program.communicate(timeout=60)
    return program.returncode, out, err


def test_that_it_prints_verdicts_keeps_a_screenshot_and_leaves_after_enough(
    server: SmallServer, tmp_path: Path
) -> None:
    server.speaking.snapshot = Snapshot(session="first", sequence=0, plot_types=(kind(1),))
    shot = tmp_path / "pictures" / "now.png"
    program = start(
        tmp_path,
        *("--server", server.address, "--print-verdicts", "--exit-after-verdicts", "2"),
        *("--screenshot", str(shot), "--every", "0.5", "--theme", "dark"),
    )
    assert server.subscribed.wait(60)
    for age in (2, 1):
        server.say(Judged(verdict=verdict(1, "Bad", age_s=age)), png())
    code, out, err = end(program)
    assert (code, len(out.splitlines())) == (0, 2), err
    assert "Plot_001" in out
    assert "92317.8" in out
    assert shot.read_bytes().startswith(b"\x89PNG")
    assert list(shot.parent.iterdir()) == [shot]


def test_that_check_says_how_it_went(server: SmallServer, tmp_path: Path) -> None:
    code, out, _ = end(start(tmp_path, "--check", "--server", server.address))
    assert code == 0
    assert out.startswith("It works. test-1 answered")
    server.speaking.refusal = Refused(code="version", sentence="This desktop is too old.")
    code, _, err = end(start(tmp_path, "--check", "--server", server.address))
    assert code == 1
    assert "This desktop is too old." in err


def test_that_check_without_a_server_says_what_is_missing(tmp_path: Path) -> None:
    code, _, err = end(start(tmp_path, "--check"))
    assert code == 2
    assert "--server" in err


def test_that_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.strip() == f"hydra-desktop {__version__}"


def test_that_a_key_file_brings_its_server_and_the_command_line_wins(
    memory: Memory, tmp_path: Path
) -> None:
    key = tmp_path / "here.key"
    make_client(tmp_path / "keys", "here", key, "tcp://dqm-1:5700")
    memory.remember("server", "tcp://old:5700")
    memory.remember("key", "old.key")
    assert address(Options(), memory).server == "tcp://old:5700"
    assert address(Options(), memory).key == "old.key"
    assert address(Options(key=key), memory).server == "tcp://dqm-1:5700"
    assert address(Options(server="tcp://new:1", key=key), memory).server == "tcp://new:1"
    assert address(Options(server="tcp://new:1"), memory).key == ""
    assert address(Options(server="tcp://old:5700"), memory).key == "old.key"


def test_that_a_verdict_is_one_line() -> None:
    words = line(verdict(7, "Bad", 0.974, judged_at=datetime(2026, 5, 14, 4, 12, 36, tzinfo=UTC)))
    assert words.split()[1:] == ["Plot_007", "92317.8", "Bad", "0.974", "confirmed"]
