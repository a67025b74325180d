"""Every alarm sound is heard: played into a null sink of a private PulseAudio and found in its monitor."""

from __future__ import annotations

import os
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

import resources
from hydra_desktop.sound import LONGEST_MS, NO_DEVICE, own_files
from resources.make_sounds import RHYTHMS, write
from tests import pulse

PLAY = Path(__file__).with_name("play_sound.py")
SLACK_S = 0.045  # edges, and the buffers of the sound server


@pytest.fixture(scope="module")
def loudspeaker() -> Iterator[pulse.Pulse]:
    if absent := pulse.missing():
        pytest.skip(f"needs Debian's pulseaudio and pulseaudio-utils: no {', '.join(absent)}")
    made = pulse.Pulse()
    made.start()
    yield made
    made.stop()


def play(name: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PLAY), name],
        env={
            **environment, "QT_QPA_PLATFORM": "offscreen",
            "PYTHONPATH": os.pathsep.join([str(PLAY.parents[2]), *sys.path]),
        },
        capture_output=True,
        text=True,
        timeout=60,
    )  # fmt: skip


def rhythm(name: str) -> list[tuple[float, float]]:
    """Start and length of each tone, from the first one on."""
    found, at = [], 0.0
    for hertz, seconds in RHYTHMS[name]:
        if hertz:
            found.append((at, seconds))
        at += seconds
    return found


@pytest.mark.parametrize("name", sorted(RHYTHMS))
def test_that_each_sound_is_heard_with_its_own_rhythm(loudspeaker: pulse.Pulse, name: str) -> None:
    for _attempt in range(8):  # on a busy machine a sound may stutter
        with loudspeaker.recording() as recorder:
            told = play(name, loudspeaker.environment)
        assert told.returncode == 0, told.stderr
        heard = pulse.tones(recorder.samples)
        if heard and _matches(heard, rhythm(name)):
            return
    raise AssertionError(f"{name} was heard as {heard} and should be {rhythm(name)}")


def _matches(heard: list[tuple[float, float]], wanted: list[tuple[float, float]]) -> bool:
    first = heard[0][0]
    return len(heard) == len(wanted) and all(
        abs(start - first - at) <= SLACK_S and abs(length - seconds) <= SLACK_S
        for (start, length), (at, seconds) in zip(heard, wanted, strict=True)
    )


def test_that_a_machine_without_a_device_says_so_and_ends_well(tmp_path: Path) -> None:
    nowhere = {**os.environ, "PULSE_SERVER": f"unix:{tmp_path / 'none'}", "HOME": str(tmp_path)}
    told = play("major", nowhere)
    assert (told.returncode, told.stdout.strip()) == (3, f"False {NO_DEVICE}")


def test_that_the_sounds_are_those_of_the_script_short_and_told_apart_by_rhythm(
    tmp_path: Path,
) -> None:
    write(tmp_path)
    rhythms = set()
    for name in RHYTHMS:
        file = resources.path(f"sounds/{name}.wav")
        assert file.read_bytes() == (tmp_path / f"{name}.wav").read_bytes()
        with wave.open(str(file)) as sound:
            assert sound.getnframes() / sound.getframerate() <= LONGEST_MS / 1000
        rhythms.add(tuple((round(at, 1), round(length, 1)) for at, length in rhythm(name)))
    assert len(rhythms) == len(RHYTHMS)


def test_that_a_chosen_file_that_cannot_be_played_falls_back_to_ours(tmp_path: Path) -> None:
    own = tmp_path / "own.wav"
    own.write_bytes(resources.path("sounds/minor.wav").read_bytes())
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF of something else")
    chosen = own_files(
        {"major": str(own), "minor": str(tmp_path / "gone.wav"), "invalid": str(broken)}
    )
    assert chosen["major"] == own
    assert chosen["minor"] == resources.path("sounds/minor.wav")
    assert chosen["invalid"] == resources.path("sounds/invalid.wav")
