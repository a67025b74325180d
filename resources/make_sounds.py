"""Makes the alarm sounds: ``python -m resources.make_sounds``. They differ by rhythm, not by pitch alone."""

from __future__ import annotations

import math
import struct
import wave
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

RATE: Final = 22_050  # samples a second
EDGE_S: Final = 0.012  # soft edges, so that nothing clicks
Note = tuple[float, float]  # hertz (0: a rest), seconds

RHYTHMS: Final[Mapping[str, Sequence[Note]]] = MappingProxyType(
    {
        # Three quick pairs: hurried.
        "major": ((988, 0.14), (0, 0.09), (988, 0.14), (0, 0.33)) * 3,
        # One long soft tone.
        "minor": ((523, 0.7),),
        # Short, long, short: a question.
        "invalid": ((392, 0.12), (0, 0.14), (392, 0.55), (0, 0.14), (392, 0.12)),
        # Two long tones that fall: something went away.
        "link": ((659, 0.5), (0, 0.3), (440, 0.9)),
    }
)
LOUDNESS: Final = MappingProxyType({"major": 0.85, "minor": 0.4, "invalid": 0.6, "link": 0.65})


def samples(name: str) -> list[float]:
    """The sound ``name`` as numbers from -1 to 1. Raises KeyError: there is none of that name."""
    made: list[float] = []
    for hertz, seconds in RHYTHMS[name]:
        made += _note(hertz, seconds, LOUDNESS[name])
    return made


def write(folder: Path) -> None:
    """Write all sounds as mono WAV files with 16 bits."""
    for name in RHYTHMS:
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            values = [round(32_000 * value) for value in samples(name)]
            file.writeframes(struct.pack(f"<{len(values)}h", *values))


def _note(hertz: float, seconds: float, loudness: float) -> list[float]:
    count = round(RATE * seconds)
    if not hertz:
        return [0.0] * count
    # A fundamental with two overtones carries further through a noisy room than a pure tone.
    parts = ((1, 0.7), (2, 0.2), (3, 0.1))
    edge = RATE * EDGE_S
    return [
        loudness
        * min(1.0, n / edge, (count - n) / edge)
        * sum(share * math.sin(2 * math.pi * hertz * k * n / RATE) for k, share in parts)
        for n in range(count)
    ]


if __name__ == "__main__":
    write(Path(__file__).resolve().parent / "sounds")
