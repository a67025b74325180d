"""A thousand labels by keys alone, through a lost link and a killed program: each exactly once, in order."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from labelling_site import ROOT, gateway, labelling_site
from sqlalchemy import func, select

from db.tables.people import CurrentLabelRow, LabelRow
from tests.server.live import until

DRIVER = Path(__file__).parent / "labelling_driver.py"
PICTURES = 1000


@pytest.fixture
def site(tmp_path, mariadb):
    with labelling_site(tmp_path, mariadb, PICTURES) as made:
        yield made


def person(site, tmp_path: Path, count: int, then: str) -> subprocess.Popen[bytes]:
    config, key, _ = site
    return subprocess.Popen(
        [sys.executable, str(DRIVER), f"tcp://127.0.0.1:{config.port}", str(key), str(tmp_path),
         str(tmp_path / "pressed"), str(count), then],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip


def votes(engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count(LabelRow.id))) or 0


@pytest.mark.slow
@pytest.mark.mariadb
@pytest.mark.timeout(400)
def test_that_a_thousand_labels_survive_a_lost_link_and_a_killed_program(site, tmp_path):
    config, _, engine = site
    with gateway(config, tmp_path):
        first = person(site, tmp_path, 600, "die")
        until(lambda: votes(engine) >= 300)
    # The link is gone in the middle of it; the person goes on, and then the program is killed.
    first.wait(200)
    assert votes(engine) == 300
    with gateway(config, tmp_path):
        second = person(site, tmp_path, PICTURES - 600, "leave")
        assert second.wait(200) == 0
    pressed = [line.split() for line in (tmp_path / "pressed").read_text().splitlines()]
    with engine.connect() as connection:
        stored = connection.execute(
            select(LabelRow.picture_id, LabelRow.class_name).order_by(LabelRow.id)
        ).all()
        current = connection.scalar(select(func.count(CurrentLabelRow.picture_id)))
    assert [(str(picture), name) for picture, name in stored] == [tuple(each) for each in pressed]
    assert len(stored) == current == PICTURES
