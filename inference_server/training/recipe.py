"""How a training is done: everything besides the pictures that decides what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from inference_server.config import Config
from inference_server.predict.weights import LITE0

Depth = Literal["quick", "thorough", "full"]
STAGES = 6  # parts of a network with a learning rate of their own
MOST_PICTURES = 2_048  # pixels of a side: beyond that no picture here is sharper
OFFERED = (
    LITE0, "inception_v3", "mobilenet_v3_large", "resnet18", "resnet50", "efficientnet_b0",
)  # fmt: skip


class BadRecipe(ValueError):
    """A training cannot be done like that; the message names the setting and what it may be."""


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """Stored with every model. The same recipe on the same pictures gives the same weights."""

    depth: Depth = "quick"
    runs: str = ""  # "100-200,250"; empty: all
    run_periods: str = ""  # "2026-01,2026-02"; empty: all
    merge: bool = False  # learn from the chunked and the whole-run plots of this name together
    seed: int = 1
    # How sure is sure enough; without either, each class at the maximum of its F1.
    precision: float = 0.0  # of confirmed Bad verdicts
    false_calls: float = 0.0  # confirmed Bad verdicts per shift on plots that are not
    pictures_per_shift: float = 0.0  # 0: as many as there were lately
    # thorough
    copies: int = 4  # changed copies of each picture
    # full
    network: str = LITE0
    size: int = 0  # pixels of its input; 0: the shared network's
    epochs: int = 12
    batch: int = 16
    learning_rate: float = 0.0  # 0: by whether the network starts with trained weights
    layer_decay: float = 0.7
    frozen: int = 1  # of STAGES: what stays as it was trained, where it begins with trained weights
    patience: int = 4  # passes without progress after which it ends

    def __post_init__(self) -> None:
        for name, low, high in _RANGES:
            if not low <= getattr(self, name) <= high:
                raise BadRecipe(f"{name} is {getattr(self, name)}; it may be from {low} to {high}.")
        if 0 < self.size < 32:
            raise BadRecipe(f"size is {self.size}; it may be 0 (as the server's) or from 32 on.")


_RANGES: tuple[tuple[str, float, float], ...] = (
    ("seed", 0, 2**31 - 1), ("precision", 0, 1), ("false_calls", 0, 10_000),
    ("pictures_per_shift", 0, 10_000_000), ("copies", 1, 32), ("size", 0, MOST_PICTURES),
    ("epochs", 1, 1_000), ("batch", 2, 1_024), ("learning_rate", 0, 1), ("layer_decay", 0.01, 1),
    ("patience", 1, 1_000), ("frozen", 0, STAGES - 1),
)  # fmt: skip


def trained_weights(config: Config, network: str) -> Path | None:
    """The file that a network begins with, where the site names one."""
    own = config.backbone.weights if config.backbone.name == network else None
    return config.training.weights.get(network) or own


def offered(config: Config) -> dict[str, bool]:
    """The networks that a person may choose, and whether each begins with trained weights."""
    names = dict.fromkeys((*OFFERED, *sorted(config.training.weights)))
    return {name: name == LITE0 or trained_weights(config, name) is not None for name in names}


def from_settings(settings: Mapping[str, Any]) -> Recipe:
    """The recipe in a job's settings; what is missing has its default. Raises BadRecipe."""
    try:
        return msgspec.convert(dict(settings), Recipe)
    except msgspec.ValidationError as error:
        raise BadRecipe(f"This training cannot be understood: {error}.") from error
