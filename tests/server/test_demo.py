"""The demo as a person starts it: a process that proves that no picture was lost."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from inference_server.cli import main

ROOT = Path(__file__).parents[2]
QUICK = '[backbone]\nsize = 64\nruntime = "torch"\ndevice = "cpu"\n'  # starts without an export


def demo(folder):
    """A short one, with its data and report in ``folder``."""
    (folder / "quick.toml").write_text(QUICK)
    return subprocess.run(
        [
            sys.executable, "-m", "inference_server", "demo", "--headless", "--seconds", "8",
            "--config", str(folder / "quick.toml"), "--data-dir", str(folder / "data"),
            "--labels", "2", "--report", str(folder / "report.json"),
        ],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        timeout=280,
    )  # fmt: skip


@pytest.mark.slow
def test_that_a_headless_demo_teaches_itself_and_loses_nothing(tmp_path):
    done = demo(tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["lost"], report["duplicated"], report["errors_in_log"]) == (0, 0, 0)
    assert report["verdicts"] == report["pictures_in"] >= 16
    assert report["latency_ms"]["p50"] > 0
    assert "[####################] Ready" in done.stderr


@pytest.mark.slow
def test_that_a_demo_that_cannot_prepare_itself_ends_and_says_where_to_look(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "drawn").write_text("in the way of the pictures")
    done = demo(tmp_path)
    assert done.returncode == 1
    (log,) = re.findall(r"; (\S+prepare-demo-\d\.log) says why", done.stderr)
    assert "drawn" in Path(log).read_text()


@pytest.mark.parametrize(
    ("flag", "value"), [("--rate", "-1"), ("--labels", "1"), ("--seconds", "no")], ids=str
)
def test_that_a_demo_refuses_what_cannot_be(flag, value, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["demo", flag, value])
    assert ended.value.code == 2
    assert f"argument {flag}" in capsys.readouterr().err
