"""The shipped desktop: built as ``make package`` builds it, and run."""

import subprocess
import sys

import pytest

from tests import package


@pytest.mark.timeout(600)
@pytest.mark.slow
def test_that_the_built_desktop_shows_a_verdict_of_a_real_server(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR",
         "--distpath", tmp_path / "dist", "--workpath", tmp_path / "build", "hydra.spec"],
        check=True,
    )  # fmt: skip
    said = package.check(tmp_path / "dist" / "hydra-desktop" / "hydra-desktop")
    assert all("CDC_occupancy" in lines for lines in said)
