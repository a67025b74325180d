"""Beam and run from a real EPICS server on loopback, with the extra installed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import free_ports

pytest.importorskip("caproto", reason="needs the extra epics")

SERVER = """
from caproto.server import PVGroup, pvproperty, run

class Hall(PVGroup):
    beam = pvproperty(value=210.5)
    running = pvproperty(value=1)

async def ready(library):
    print("ready", flush=True)

run(Hall(prefix="hall:").pvdb, interfaces=["127.0.0.1"], startup_hook=ready)
"""
CLIENT = """
import time
from inference_server.conditions import source
from inference_server.config import ConditionSource

asked = source(ConditionSource(beam_pv="hall:beam", running_pv="hall:running", beam_unit="nA"))
while True:
    told = asked.read()
    if told is not None and None not in (told.beam_current, told.running):
        break
    time.sleep(0.05)
print(told.beam_current, told.beam_unit, told.running, told.run, told.source)
"""


@pytest.fixture
def epics() -> Iterator[dict[str, str]]:
    environment = {
        **os.environ,
        "EPICS_CA_ADDR_LIST": "127.0.0.1",
        "EPICS_CA_AUTO_ADDR_LIST": "NO",
        "EPICS_CA_SERVER_PORT": str(free_ports(2)),
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *sys.path]),
    }
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert server.stdout is not None
    assert server.stdout.readline().strip() == b"ready"
    yield environment
    server.terminate()
    server.communicate(timeout=20)


def test_that_beam_and_run_come_from_epics_channels(epics: dict[str, str]) -> None:
    told = subprocess.run(
        [sys.executable, "-c", CLIENT], env=epics, capture_output=True, text=True, timeout=60
    )
    assert told.stdout.split() == ["210.5", "nA", "True", "None", "EPICS"], told.stderr
