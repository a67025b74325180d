"""Beam and run from a watched file, and what is said where a source cannot be had."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inference_server.conditions import ConditionTrouble, WatchedFile, parse, source
from inference_server.config import ConditionSource

NOW = datetime(2026, 5, 14, 8, 0, tzinfo=UTC)


def test_that_a_file_tells_beam_and_run_and_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "conditions.toml"
    path.write_text("beam_current = 210.5\nrunning = true\nrun = 92317\n")
    watched = source(ConditionSource(file=path))
    assert watched is not None
    told = watched.read()
    assert told is not None
    assert (told.beam_current, told.running, told.run) == (210.5, True, 92317)
    assert watched.read() is None
    path.write_text("running = false\n")
    os.utime(path, (1, 1))
    told = watched.read()
    assert told is not None
    assert (told.beam_current, told.running) == (None, False)


def test_that_a_file_that_is_gone_leaves_beam_and_run_unknown_once(tmp_path: Path) -> None:
    watched = WatchedFile(tmp_path / "none.toml")
    told = watched.read()
    assert told is not None
    assert (told.beam_current, told.running) == (None, None)
    assert watched.read() is None


@pytest.mark.parametrize("text", ["beam = 3", "running = 'maybe'", "= ="])
def test_that_a_file_with_something_else_is_named(text: str) -> None:
    with pytest.raises(ConditionTrouble, match=r"conditions\.toml is not understood"):
        parse(text, "conditions.toml", NOW)


def test_that_epics_channels_without_the_extra_name_the_next_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "caproto", None)
    with pytest.raises(ConditionTrouble, match=r"hydra-dqm\[epics\]"):
        source(ConditionSource(beam_pv="IBCAD00CRCUR6"))


def test_that_without_a_source_desktops_tell() -> None:
    assert source(ConditionSource()) is None
