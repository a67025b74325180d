"""What a fine-tuning is told and tells: files in a directory of its own, lines on its output.

The fine-tuning is a process (or several, one for each GPU) that knows no database and no sockets, so
whatever happens to it, the server lives, and its directory holds all that a new start needs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

PLAN, BEST, LAST = "plan.json", "best.safetensors", "last.safetensors"
START = "start.safetensors"  # a head to begin with: matrix (C, D) and bias (C,)


class Example(msgspec.Struct, frozen=True, array_like=True):
    """One labelled picture."""

    path: str
    target: int
    side: Literal["training", "validation"]
    weight: float  # in the loss: balance of the classes, times how often it counts


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen fine-tuning: the same plan gives the same network."""

    network: str
    size: int
    labels: tuple[str, ...]
    examples: tuple[Example, ...]
    seed: int
    epochs: int
    batch: int
    learning_rate: float
    layer_decay: float  # learning rate of each sixth of the network, over that of the next
    patience: int
    frozen: int = 0  # sixths of the network, from the picture on, that stay as they were trained
    weights: Path | None  # to begin with, of a torchvision network
    threads: int
    device: str  # cpu, cuda
    max_bytes: int
    max_pixels: int


class Point(msgspec.Struct, frozen=True, array_like=True):
    """One pass over the training pictures, on the curve."""

    epoch: int
    training_loss: float
    validation_loss: float
    accuracy: float


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A line of output: how far it is."""

    fraction: float
    seconds_left: float | None
    points: tuple[Point, ...]


def write(folder: Path, plan: Plan) -> None:
    """Keep ``plan`` in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{PLAN}"
    fresh.write_bytes(msgspec.json.encode(plan, enc_hook=str))
    fresh.replace(folder / PLAN)


def read(folder: Path) -> Plan:
    """The plan in ``folder``. Raises OSError, msgspec.MsgspecError."""
    return msgspec.json.decode((folder / PLAN).read_bytes(), type=Plan, dec_hook=_path)


def _path(kind: type, value: object) -> Path:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(kind)


def rows(plan: Plan, side: str) -> list[int]:
    """Which examples are on a side."""
    return [row for row, each in enumerate(plan.examples) if each.side == side]
